"""The account's records read by time, from now backwards, and given out by lead.

Asking for leads by their ids costs a call for ten of them; reading everything of a stretch of time
costs a call for a hundred log lines, whosever they are. Read backwards, a lead is whole as soon as
the reading has come to its creation, so it can be told and forgotten.

https://www.amocrm.ru/developers/content/crm_platform/events-and-notes
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.crm.adapters.amocrm.api import BACKFILL, AmocrmApi, Params
from app.crm.adapters.amocrm.events import EVENTS_LIMIT, LogEvent, in_order
from app.crm.adapters.amocrm.facts import CHATS, FIELD_EVENT
from app.crm.adapters.amocrm.gather import LIMIT, Gathered
from app.crm.adapters.amocrm.note_facts import CLIENT_NOTES, NOTE_TYPES
from app.crm.adapters.amocrm.records import Holder, Record

ANY_FIELD = "custom_field_value_changed"
TOLD = ("lead_added", "lead_status_changed", *CHATS, "entity_tag_added", ANY_FIELD)
"""The kinds of lines that facts are made of."""

MOST_PAGES = 20_000
"""Of one stretch: two million lines of the log."""

_Group = dict[str, dict[str, Record]]


@dataclass
class Sweep:
    """What was read of the time from `back_to` (unix seconds) on, of leads and holders in `wanted`."""

    api: AmocrmApi
    leads: frozenset[str]
    holders: frozenset[Holder]
    back_to: int
    _kinds: tuple[str, ...] | None = None
    _lines: _Group = field(default_factory=dict)
    _notes: _Group = field(default_factory=dict)
    _tasks: _Group = field(default_factory=dict)
    _held: dict[Holder, dict[str, Record]] = field(default_factory=dict)

    async def extend(self, back_to: int) -> None:
        """Read on, back to that second. Raises CrmError; then nothing of the stretch is kept.

        Both ends belong to the stretch, and what is read twice is known by its id.
        """
        span = (back_to, self.back_to)
        lines = await self._log(span)
        notes = await self._notes_of("leads", NOTE_TYPES, span)
        held = [
            (Holder(entity, str(note.get("entity_id"))), note)
            for entity in ("contacts", "companies")
            for note in await self._notes_of(entity, CLIENT_NOTES, span)
        ]
        tasks = await self._done_tasks(span)
        _sort_in(self._lines, (line for line in lines if line.get("entity_type") == "lead"), self.leads)
        _sort_in(self._notes, notes, self.leads)
        _sort_in(self._tasks, tasks, self.leads)
        for holder, note in held:
            if holder in self.holders:
                self._held.setdefault(holder, {})[str(note.get("id"))] = note
        self.back_to = back_to

    def take(self, leads: Sequence[str], holders: Iterable[Holder]) -> Gathered:
        """What is known of these leads and their holders; the leads' own records are forgotten here."""
        return Gathered(
            events={lead: _events(self._lines.pop(lead, {})) for lead in leads},
            notes={lead: list(found.values()) for lead in leads if (found := self._notes.pop(lead, {}))},
            tasks={lead: list(found.values()) for lead in leads if (found := self._tasks.pop(lead, {}))},
            held={holder: list(self._held[holder].values()) for holder in holders if holder in self._held},
        )

    async def _log(self, span: tuple[int, int]) -> list[Record]:
        if self._kinds is None:
            self._kinds = await self._kinds_to_ask_for()
        params = [*(("filter[type][]", kind) for kind in self._kinds), *_between("created_at", span)]
        return await self._every("events", "events", EVENTS_LIMIT, params)

    async def _kinds_to_ask_for(self) -> tuple[str, ...]:
        """The kinds of lines worth reading, or none, which means all.

        Lines about a field carry the field's id in their kind, and nothing says that the filter by
        the general kind finds them: the account itself is asked.
        """
        asked = [("filter[type][]", ANY_FIELD)]
        found, _ = await self.api.page("events", "events", 1, EVENTS_LIMIT, BACKFILL, asked)
        return TOLD if any(FIELD_EVENT.fullmatch(str(line.get("type"))) for line in found) else ()

    async def _notes_of(self, entity: str, kinds: Sequence[str], span: tuple[int, int]) -> list[Record]:
        params = [*(("filter[note_type][]", kind) for kind in kinds), *_between("updated_at", span)]
        return await self._every(f"{entity}/notes", "notes", LIMIT, params)

    async def _done_tasks(self, span: tuple[int, int]) -> list[Record]:
        params = [("filter[entity_type]", "leads"), ("filter[is_completed]", "1")]
        found = await self._every("tasks", "tasks", LIMIT, [*params, *_between("updated_at", span)])
        return [task for task in found if task.get("entity_type") == "leads"]

    async def _every(self, path: str, collection: str, limit: int, params: Params) -> list[Record]:
        return await self.api.every(path, collection, limit, BACKFILL, params, most_pages=MOST_PAGES)


def _between(name: str, span: tuple[int, int]) -> Params:
    return [(f"filter[{name}][from]", str(span[0])), (f"filter[{name}][to]", str(span[1]))]


def _sort_in(groups: _Group, records: Iterable[Record], wanted: frozenset[str]) -> None:
    for record in records:
        owner = str(record.get("entity_id"))
        if owner in wanted:
            groups.setdefault(owner, {})[str(record.get("id"))] = record


def _events(lines: dict[str, Record]) -> list[LogEvent]:
    return in_order(lines.values())
