"""Reading one deal: the lead, its events, notes and tasks, and what its contacts did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clock import Clock
from app.crm.adapters.amocrm.caller import EVENTS_PAGE, Caller
from app.crm.adapters.amocrm.facts import (
    NOTE_TYPES,
    Told,
    born_with,
    creation,
    read_events,
    read_notes,
    read_tasks,
)
from app.crm.adapters.amocrm.records import LOST, WON, read_deal
from app.crm.adapters.amocrm.wire import child
from app.crm.port import DealLog
from app.domain.deal import Deal
from app.domain.evidence import Evidence

OVERLAP = timedelta(minutes=15)
"""The log may show entries late; read again, they are known by their ids."""

LEAD_PARAMS = (("with", "contacts,source,loss_reason"),)
CONTACTS_READ = 10
"""One request of the log names at most ten entities."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads deals of one account."""

    caller: Caller
    clock: Clock
    priority: int = 1

    async def deal(self, deal_id: str) -> Deal | None:
        """The deal as it stands now; None when it is gone or in the bin."""
        read_at = self.clock.now()
        lead = await self.caller.read(f"leads/{deal_id}", LEAD_PARAMS, priority=self.priority)
        return read_deal(lead, read_at) if lead and not lead.get("is_deleted") else None

    async def log(self, deal_id: str, cursor: str) -> DealLog:
        """What happened to the deal since the cursor (unix seconds), then the deal itself."""
        now = self.clock.now()
        since = max(0, int(cursor) - int(OVERLAP.total_seconds())) if cursor.isdigit() else None
        events = await self._events("lead", [deal_id], since)
        notes = await self._notes(f"leads/{deal_id}/notes", since)
        tasks = await self._tasks(deal_id, since)
        deal = await self.deal(deal_id)
        told = read_events(deal_id, events, now)
        facts = [*told.evidence, *read_notes(deal_id, notes, now), *read_tasks(deal_id, tasks, now)]
        if deal:
            facts += await self._of_contacts(deal, since, now)
        moves = told.moves
        if deal and since is None:
            moves = (_creation(deal, events, told, now), *moves)
            facts += born_with(deal, told.evidence, now)
        return DealLog(deal, moves, tuple(facts), _cursor(events, now))

    async def open_deals_of(self, contact_id: str) -> list[str]:
        """Ids of the contact's deals that are neither closed nor gone."""
        contact = await self.caller.read(
            f"contacts/{contact_id}", [("with", "leads")], priority=self.priority
        )
        found = child(contact, "_embedded", "leads") or []
        open_ids = []
        for item in found:
            lead = await self.caller.read(f"leads/{item.get('id')}", priority=self.priority)
            if lead and not lead.get("is_deleted") and lead.get("status_id") not in (WON, LOST):
                open_ids.append(str(lead["id"]))
        return open_ids

    async def _of_contacts(self, deal: Deal, since: int | None, now: datetime) -> list[Evidence]:
        """What a contact did counts for a deal only when it is his one open deal; otherwise nobody
        can tell which deal it was about."""
        facts: list[Evidence] = []
        for contact_id in deal.contact_ids[:CONTACTS_READ]:
            notes = await self._notes(f"contacts/{contact_id}/notes", since)
            proving = read_notes(deal.id, notes, now, contact_id)
            if proving and await self.open_deals_of(contact_id) == [deal.id]:
                facts += [fact for fact in proving if fact.occurred_at >= deal.created_at]
        return facts

    async def _events(self, entity: str, ids: Sequence[str], since: int | None) -> list[dict[str, Any]]:
        params = [("filter[entity]", entity), *(("filter[entity_id][]", entity_id) for entity_id in ids)]
        return await self.caller.all(
            "events",
            "events",
            [*params, *_from("created_at", since)],
            priority=self.priority,
            limit=EVENTS_PAGE,
        )

    async def _notes(self, path: str, since: int | None) -> list[dict[str, Any]]:
        kinds = [("filter[note_type][]", kind) for kind in NOTE_TYPES]
        return await self.caller.all(
            path, "notes", [*kinds, *_from("updated_at", since)], priority=self.priority
        )

    async def _tasks(self, deal_id: str, since: int | None) -> list[dict[str, Any]]:
        params = [
            ("filter[entity_type]", "leads"),
            ("filter[entity_id][]", deal_id),
            ("filter[is_completed]", "1"),
        ]
        return await self.caller.all(
            "tasks", "tasks", [*params, *_from("updated_at", since)], priority=self.priority
        )


def _from(name: str, since: int | None) -> list[tuple[str, str]]:
    return [(f"filter[{name}][from]", str(since))] if since is not None else []


def _creation(deal: Deal, events: Iterable[Record], told: Told, now: datetime) -> Any:
    added = next((event for event in events if event.get("type") == "lead_added"), None)
    first = told.moves[0].from_stage if told.moves else None
    return creation(deal, added, first or deal.stage, now)


def _cursor(events: Iterable[Record], now: datetime) -> str:
    """The newest entry seen: an entry that is shown late lies within the overlap of it."""
    seen = [int(event["created_at"]) for event in events if isinstance(event.get("created_at"), int)]
    return str(max(seen, default=int(now.astimezone(UTC).timestamp())))
