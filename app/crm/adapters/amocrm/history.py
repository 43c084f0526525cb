"""The past of a whole account in few calls: all leads, then the log in windows, newest first.

A window is read whole before it is told. A lead's first stage is where its first move came from;
windows go from new to old, so that move has been seen when `lead_added` comes, unless the reading
was resumed: then the lead's own log is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.clock import Clock
from app.crm.adapters.amocrm.caller import EVENTS_PAGE, Caller
from app.crm.adapters.amocrm.facts import (
    NOTE_TYPES,
    born_with,
    creation,
    read_events,
    read_notes,
    read_tasks,
)
from app.crm.adapters.amocrm.reading import LEAD_PARAMS
from app.crm.adapters.amocrm.records import read_deal
from app.crm.port import DealLog, Page
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence, EvidenceKind
from app.domain.stage import StageRef

PRIORITY = 4
FIRST_WINDOW = timedelta(days=10)
SHORTEST_WINDOW = timedelta(hours=1)
WINDOW_RECORDS = 5_000
"""A window that held more than this makes the next one shorter."""

ENTITIES_ASKED = 10
Record = Mapping[str, Any]


@dataclass
class _Memory:
    """What earlier windows of this reading told."""

    deals: dict[str, Deal] = field(default_factory=dict)
    first_stage: dict[str, StageRef] = field(default_factory=dict)
    fields_changed: dict[str, set[str]] = field(default_factory=dict)
    is_resumed: bool = False


@dataclass
class History:
    """A backfill under way. `cursor` is `<until>:<window seconds>`; empty at the start."""

    caller: Caller
    clock: Clock
    memory: _Memory = field(default_factory=_Memory)

    async def page(self, since: datetime, cursor: str) -> Page[DealLog]:
        """The next window's logs; the first page is all deals as they stand."""
        if not cursor:
            self.memory = _Memory()
            await self._read_deals(since)
            until = int(self.clock.now().timestamp()) + 1
            logs = tuple(DealLog(deal, (), (), "") for deal in self.memory.deals.values())
            return Page(logs, f"{until}:{int(FIRST_WINDOW.total_seconds())}", 0, len(self.memory.deals))
        until, seconds = (int(part) for part in cursor.split(":"))
        if not self.memory.deals:
            self.memory.is_resumed = True
            await self._read_deals(since)
        return await self._window(since, until, seconds)

    async def _read_deals(self, since: datetime) -> None:
        """Lead filters are a paid option, so all are read and the old ones left out here."""
        params = [*LEAD_PARAMS, ("order[id]", "asc")]
        async for page in self.caller.pages("leads", "leads", params, priority=PRIORITY):
            now = self.clock.now()
            read = [read_deal(lead, now) for lead in page if not lead.get("is_deleted")]
            self.memory.deals.update({deal.id: deal for deal in read if deal.updated_at >= since})

    async def _window(self, since: datetime, until: int, seconds: int) -> Page[DealLog]:
        start = max(until - seconds, int(since.timestamp()))
        span = (start, until - 1)
        events = await self._in_span("events", "events", "created_at", span, (), EVENTS_PAGE)
        kinds = [("filter[note_type][]", kind) for kind in NOTE_TYPES]
        notes = await self._in_span("leads/notes", "notes", "updated_at", span, kinds)
        contact_notes = await self._in_span("contacts/notes", "notes", "updated_at", span, kinds)
        tasks = await self._in_span("tasks", "tasks", "updated_at", span, [("filter[is_completed]", "1")])
        logs = await self._told(events, notes, contact_notes, tasks)
        is_last = start <= int(since.timestamp())
        count = len(events) + len(notes)
        next_seconds = (
            max(seconds // 2, int(SHORTEST_WINDOW.total_seconds())) if count > WINDOW_RECORDS else seconds
        )
        total = len(self.memory.deals)
        now, begin = self.clock.now().timestamp(), since.timestamp()
        done = total if is_last else int(total * min(1.0, (now - start) / max(1.0, now - begin)))
        return Page(tuple(logs), "" if is_last else f"{start}:{next_seconds}", done, total)

    async def _in_span(
        self,
        path: str,
        collection: str,
        name: str,
        span: tuple[int, int],
        params: Iterable[tuple[str, str]],
        limit: int = 250,
    ) -> list[dict[str, Any]]:
        bounds = [(f"filter[{name}][from]", str(span[0])), (f"filter[{name}][to]", str(span[1]))]
        return await self.caller.all(path, collection, [*params, *bounds], priority=PRIORITY, limit=limit)

    async def _told(
        self,
        events: Iterable[Record],
        notes: Iterable[Record],
        contact_notes: Iterable[Record],
        tasks: Iterable[Record],
    ) -> list[DealLog]:
        now = self.clock.now()
        of_leads = _grouped(event for event in events if event.get("entity_type") == "lead")
        moves: dict[str, list[StageMove]] = {}
        facts: dict[str, list[Evidence]] = {}
        born: dict[str, Record] = {}
        for deal_id, group in of_leads.items():
            if deal_id not in self.memory.deals:
                continue
            told = read_events(deal_id, group, now)
            moves[deal_id], facts[deal_id] = list(told.moves), list(told.evidence)
            self._remember(deal_id, told.moves, told.evidence)
            added = next((event for event in group if event.get("type") == "lead_added"), None)
            born.update({deal_id: added} if added else {})
        for deal_id, group in _grouped(notes).items():
            facts.setdefault(deal_id, []).extend(read_notes(deal_id, group, now))
        for deal_id, group in _grouped(task for task in tasks if task.get("entity_type") == "leads").items():
            facts.setdefault(deal_id, []).extend(read_tasks(deal_id, group, now))
        for fact in self._of_contacts(contact_notes, now):
            facts.setdefault(fact.deal_id, []).append(fact)
        await self._add_births(born, moves, facts, now)
        known = [deal_id for deal_id in {**moves, **facts} if deal_id in self.memory.deals]
        return [
            DealLog(
                self.memory.deals[deal_id], tuple(moves.get(deal_id, ())), tuple(facts.get(deal_id, ())), ""
            )
            for deal_id in known
        ]

    def _remember(self, deal_id: str, moves: Iterable[StageMove], facts: Iterable[Evidence]) -> None:
        first = next(iter(moves), None)
        if first and first.from_stage:
            self.memory.first_stage[deal_id] = first.from_stage
        changed = {
            f"{fact.kind}:{fact.subject}"
            for fact in facts
            if fact.kind in (EvidenceKind.FIELD, EvidenceKind.TAG)
        }
        self.memory.fields_changed.setdefault(deal_id, set()).update(changed)

    async def _add_births(
        self,
        born: Mapping[str, Record],
        moves: dict[str, list[StageMove]],
        facts: dict[str, list[Evidence]],
        now: datetime,
    ) -> None:
        if self.memory.is_resumed:
            await self._ask_first_stages(
                [deal_id for deal_id in born if deal_id not in self.memory.first_stage]
            )
        for deal_id, added in born.items():
            deal = self.memory.deals[deal_id]
            first = self.memory.first_stage.get(deal_id, deal.stage)
            moves.setdefault(deal_id, []).insert(0, creation(deal, added, first, now))
            changed = self.memory.fields_changed.get(deal_id, set())
            given = born_with(deal, (), now)
            facts.setdefault(deal_id, []).extend(
                fact for fact in given if f"{fact.kind}:{fact.subject}" not in changed
            )

    async def _ask_first_stages(self, deal_ids: list[str]) -> None:
        for start in range(0, len(deal_ids), ENTITIES_ASKED):
            part = deal_ids[start : start + ENTITIES_ASKED]
            params = [("filter[entity]", "lead"), ("filter[type]", "lead_status_changed")]
            params += [("filter[entity_id][]", deal_id) for deal_id in part]
            events = await self.caller.all("events", "events", params, priority=PRIORITY, limit=EVENTS_PAGE)
            for deal_id, group in _grouped(events).items():
                self._remember(deal_id, read_events(deal_id, group, self.clock.now()).moves, ())

    def _of_contacts(self, notes: Iterable[Record], now: datetime) -> list[Evidence]:
        """A contact's calls count for the one deal of his that was open at that time."""
        deals_of: dict[str, list[Deal]] = {}
        for deal in self.memory.deals.values():
            for contact_id in deal.contact_ids:
                deals_of.setdefault(contact_id, []).append(deal)
        facts: list[Evidence] = []
        for contact_id, group in _grouped(notes).items():
            for fact in read_notes("", group, now, contact_id):
                open_then = [
                    deal for deal in deals_of.get(contact_id, ()) if _was_open(deal, fact.occurred_at)
                ]
                if len(open_then) == 1:
                    facts.append(replace(fact, deal_id=open_then[0].id))
        return facts


def _was_open(deal: Deal, at: datetime) -> bool:
    return deal.created_at <= at and (deal.closed_at is None or at <= deal.closed_at)


def _grouped(records: Iterable[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(str(record.get("entity_id")), []).append(record)
    return groups
