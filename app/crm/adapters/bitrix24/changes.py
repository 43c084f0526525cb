"""Which deals have changed since a moment: what events may have missed, for they come once or never."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.crm.adapters.bitrix24.api import POLL, Bitrix24Api
from app.crm.adapters.bitrix24.owners import Owners
from app.crm.adapters.bitrix24.queue import OfflineQueue
from app.crm.adapters.bitrix24.records import DEAL, id_of, number, reading
from app.crm.adapters.bitrix24.wire import PAGE, rows_of
from app.crm.events import DealTouched, InboundEvent, RecordTouched
from app.crm.port import Page

PARTS = ("queue", "deals", "active", "activities")


@dataclass(frozen=True, slots=True)
class Changes:
    """Reads the offline queue, then lists by the time of the last change, in the order of ids.

    The cursor is the part that is being read and its place in it: of the queue what was kept, of a
    list the last id. Without a queue the lists have to do: they show neither what was deleted nor
    what happened to a comment, an invoice or a task.
    """

    api: Bitrix24Api
    queue: OfflineQueue | None = None

    async def page(self, since: datetime, cursor: str) -> Page[str]:
        """The deals of one page; some come twice."""
        part, _, place = cursor.partition(";")
        part = part if part in PARTS else PARTS[0]
        if part == "queue":
            found = await self._queued(place)
            if found.items or found.cursor:
                return found
            part = PARTS[1]
        last = int(place) if place.isascii() and place.isdigit() else 0
        if part == "activities":
            ids, last, more = await self._activities(since, last)
        else:
            ids, last, more = await self._deals(part, since, last)
        if more:
            return Page(tuple(ids), f"{part};{last}")
        following = PARTS.index(part) + 1
        return Page(tuple(ids), f"{PARTS[following]};0" if following < len(PARTS) else "")

    async def _queued(self, place: str) -> Page[str]:
        """The deals of the queue's next rows; both empty when there are none."""
        if self.queue is None:
            return Page((), "")
        look = await self.queue.look(place)
        ids = await self._of_events(look.events)
        return Page(tuple(ids), f"queue;{look.cursor}" if look.cursor else f"{PARTS[1]};0" if ids else "")

    async def _of_events(self, events: Iterable[InboundEvent]) -> list[str]:
        told = list(events)
        deals = {event.deal_id for event in told if isinstance(event, DealTouched)}
        deals.update(await self._of([each.record_id for each in told if isinstance(each, RecordTouched)]))
        return sorted(deals)

    async def _deals(self, part: str, since: datetime, last: int) -> tuple[list[str], int, bool]:
        """Deals that were saved, then deals on which something happened."""
        name = "updatedTime" if part == "deals" else "lastActivityTime"
        params = {
            "entityTypeId": DEAL,
            "filter": {f">={name}": since.isoformat(), ">id": last},
            "select": ["id"],
            "order": {"id": "ASC"},
            "start": -1,
        }
        rows = rows_of(await self.api.call("crm.item.list", params, POLL), "items")
        with reading():
            ids = [int(row["id"]) for row in rows]
        return [str(each) for each in ids], ids[-1] if ids else last, len(rows) >= PAGE

    async def _activities(self, since: datetime, last: int) -> tuple[list[str], int, bool]:
        """Activities that hang on a contact alone: their deals are not marked as changed."""
        params = {
            "filter": {">=LAST_UPDATED": since.isoformat(), ">ID": last},
            "select": ["ID", "OWNER_TYPE_ID", "OWNER_ID"],
            "order": {"ID": "ASC"},
            "start": -1,
        }
        rows = rows_of(await self.api.call("crm.activity.list", params, POLL))
        with reading():
            ids = [int(row["ID"]) for row in rows]
        told = zip(ids, rows, strict=True)
        others = [f"activity-{each}" for each, row in told if number(row.get("OWNER_TYPE_ID")) != DEAL]
        deals = {id_of(row.get("OWNER_ID")) for row in rows if number(row.get("OWNER_TYPE_ID")) == DEAL}
        deals.update(await self._of(others))
        return sorted(deals), ids[-1] if ids else last, len(rows) >= PAGE

    async def _of(self, records: Sequence[str]) -> list[str]:
        found = await Owners(self.api, POLL).of_records(records) if records else []
        return [deal for deals in found for deal in deals]
