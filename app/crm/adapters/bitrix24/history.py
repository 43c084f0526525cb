"""The past of a whole portal: deals newest first, in parcels with their whole logs.

https://apidocs.bitrix24.com/settings/performance/huge-data.html
"""

from dataclasses import dataclass
from datetime import datetime

from app.crm.adapters.bitrix24.api import BACKFILL, Bitrix24Api
from app.crm.adapters.bitrix24.reading import Reader
from app.crm.adapters.bitrix24.records import DEAL
from app.crm.adapters.bitrix24.wire import PAGE, rows_of
from app.crm.port import DealLog, Page


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reading goes on: below which id, after how many deals of how many."""

    below: int = 0
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.below};{self.done};{self.total}"

    @classmethod
    def parse(cls, text: str) -> "_Place":
        """A place of `str()`; anything else begins anew, which is slow and harmless."""
        parts = text.split(";")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
            return cls()
        return cls(*map(int, parts))


@dataclass(frozen=True, slots=True)
class History:
    """A backfill. Each parcel stands alone, so one that was cut short is simply read again."""

    api: Bitrix24Api
    reader: Reader

    async def page(self, since: datetime, cursor: str) -> Page[DealLog]:
        """The next parcel; deals that nobody changed since `since` are left out."""
        place = _Place.parse(cursor)
        wanted = {">=updatedTime": since.isoformat(), **({"<id": place.below} if place.below else {})}
        params = {
            "entityTypeId": DEAL,
            "filter": wanted,
            "order": {"id": "DESC"},
            "select": ["id"],
            # Counting is slow, and needed once.
            "start": -1 if place.below else 0,
        }
        answer = await self.api.page("crm.item.list", params, BACKFILL)
        ids = [str(row["id"]) for row in rows_of(answer.value, "items")]
        logs = tuple(await self.reader.logs(ids)) if ids else ()
        done = place.done + len(ids)
        total = max(place.total or answer.total or 0, done)
        if len(ids) < PAGE:
            return Page(logs, "", done, done)
        return Page(logs, str(_Place(int(ids[-1]), done, total)), done, total)
