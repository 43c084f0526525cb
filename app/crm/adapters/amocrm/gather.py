"""Fetching what the account knows of some leads: log lines, notes, tasks, and their holders' notes.

https://www.amocrm.ru/developers/content/crm_platform/events-and-notes
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.crm.adapters.amocrm.api import AmocrmApi, Params
from app.crm.adapters.amocrm.cursor import LogCursor, reaching_all
from app.crm.adapters.amocrm.events import EVENTS_LIMIT, LogEvent, in_order
from app.crm.adapters.amocrm.facts import CHATS
from app.crm.adapters.amocrm.note_facts import CLIENT_NOTES, NOTE_TYPES
from app.crm.adapters.amocrm.records import Holder, Record

IDS_OF_EVENTS = 10
"""The most ids that one request of the log may name."""

IDS = 50
LIMIT = 250
LEAD_PARAMS: Params = [("with", "contacts,source")]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Records by the id of their lead, and notes by their holder."""

    events: dict[str, list[LogEvent]]
    notes: dict[str, list[Record]]
    tasks: dict[str, list[Record]]
    held: dict[Holder, list[Record]]

    def part(self, deal_id: str, holders: Iterable[Holder]) -> "Gathered":
        """What belongs to one lead and its holders."""
        return Gathered(
            {deal_id: self.events.get(deal_id, [])},
            {deal_id: self.notes.get(deal_id, [])},
            {deal_id: self.tasks.get(deal_id, [])},
            {holder: self.held[holder] for holder in holders if holder in self.held},
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lead whose records are asked for, with its contacts and company."""

    deal_id: str
    holders: tuple[Holder, ...]
    cursor: LogCursor


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Asks for leads by their ids. `since` are unix seconds, 0 for everything."""

    api: AmocrmApi
    priority: int

    async def of(self, ids: Sequence[str], holders: Sequence[Holder], cursor: LogCursor) -> Gathered:
        """All that is known of these leads after the cursor. Raises CrmError.

        A holder that was not read before is read from its beginning.
        """
        known = [holder for holder in holders if cursor.knows(holder)]
        fresh = [holder for holder in holders if not cursor.knows(holder)]
        lines = await self._log("lead", ids, (), cursor.since)
        lines += await self._chats(known, cursor.since) + await self._chats(fresh, 0)
        return Gathered(
            events=_by_lead(lines, ids),
            notes=_by_entity(await self._notes("leads", ids, NOTE_TYPES, cursor.since), ids),
            tasks=_by_entity(await self._tasks(ids, cursor.since), ids),
            held=await self._held(known, cursor.since) | await self._held(fresh, 0),
        )

    async def parts(self, wanted: Sequence[Wanted]) -> list[Gathered]:
        """The same for several leads, each with its own cursor, in the calls that one would cost.

        Those that are read from their beginning are read apart: the others have much less to read.
        """
        known = [each for each in wanted if each.cursor.seconds]
        fresh = [each for each in wanted if not each.cursor.seconds]
        found = await self._parts(known) | await self._parts(fresh)
        return [found[each] for each in wanted]

    async def _parts(self, wanted: Sequence[Wanted]) -> dict[Wanted, Gathered]:
        if not wanted:
            return {}
        holders = list(dict.fromkeys(holder for each in wanted for holder in each.holders))
        cursor = reaching_all((each.cursor, each.holders) for each in wanted)
        found = await self.of([each.deal_id for each in wanted], holders, cursor)
        return {each: found.part(each.deal_id, each.holders) for each in wanted}

    async def lines(self, ids: Sequence[str]) -> list[list[LogEvent]]:
        """All lines about these leads alone, oldest first, in the order of `ids`. Raises CrmError."""
        found = _by_lead(await self._log("lead", ids, (), 0), ids)
        return [found[deal_id] for deal_id in ids]

    async def _chats(self, holders: Sequence[Holder], since: int) -> list[Record]:
        """Chat messages, which the page says to ask for by contact; the rows name the lead all the
        same. Where they come by lead as well, ids make them one."""
        contacts = [holder.id for holder in holders if holder.entity == "contacts"]
        return await self._log("contact", contacts, tuple(CHATS), since)

    async def _log(self, entity: str, ids: Sequence[str], types: Sequence[str], since: int) -> list[Record]:
        found = []
        for some in _parts(ids, IDS_OF_EVENTS):
            params = [("filter[entity]", entity), *_each("entity_id", some), *_each("type", types)]
            params += _from("created_at", since)
            found += await self.api.every("events", "events", EVENTS_LIMIT, self.priority, params)
        return found

    async def _notes(self, entity: str, ids: Sequence[str], types: Sequence[str], since: int) -> list[Record]:
        found = []
        for some in _parts(ids, IDS):
            params = [*_each("entity_id", some), *_each("note_type", types), *_from("updated_at", since)]
            found += await self.api.every(f"{entity}/notes", "notes", LIMIT, self.priority, params)
        return found

    async def _tasks(self, ids: Sequence[str], since: int) -> list[Record]:
        found = []
        for some in _parts(ids, IDS):
            params = [("filter[entity_type]", "leads"), ("filter[is_completed]", "1")]
            params += [*_each("entity_id", some), *_from("updated_at", since)]
            found += await self.api.every("tasks", "tasks", LIMIT, self.priority, params)
        return [task for task in found if task.get("entity_type") == "leads"]

    async def _held(self, holders: Sequence[Holder], since: int) -> dict[Holder, list[Record]]:
        held: dict[Holder, list[Record]] = {}
        for entity in ("contacts", "companies"):
            ids = [holder.id for holder in holders if holder.entity == entity]
            notes = _by_entity(await self._notes(entity, ids, CLIENT_NOTES, since), ids)
            held |= {Holder(entity, holder_id): found for holder_id, found in notes.items()}
        return held


def _parts(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(dict.fromkeys(items))
    while part := list(islice(rest, size)):
        yield part


def _each(name: str, values: Iterable[str]) -> Params:
    return [(f"filter[{name}][]", value) for value in values]


def _from(name: str, since: int) -> Params:
    return [(f"filter[{name}][from]", str(since))] if since else []


def _by_lead(lines: Iterable[Record], ids: Sequence[str]) -> dict[str, list[LogEvent]]:
    """Lines about the leads that were asked for, oldest first."""
    found: dict[str, list[LogEvent]] = {deal_id: [] for deal_id in ids}
    for event in in_order(lines):
        if event.entity == "lead" and event.entity_id in found:
            found[event.entity_id].append(event)
    return found


def _by_entity(records: Iterable[Record], ids: Sequence[str]) -> dict[str, list[Record]]:
    """Records by the id of what they hang on, each once; others than asked for are left out."""
    found: dict[str, dict[str, Record]] = {entity_id: {} for entity_id in ids}
    for record in records:
        group = found.get(str(record.get("entity_id")))
        if group is not None:
            group[str(record.get("id"))] = record
    return {entity_id: list(group.values()) for entity_id, group in found.items() if group}
