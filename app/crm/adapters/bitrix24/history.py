"""The past of a whole portal: deals newest first, in parcels with their whole logs.

https://apidocs.bitrix24.com/settings/performance/huge-data.html
"""

from dataclasses import dataclass
from datetime import datetime

from app.crm.adapters.bitrix24.api import BACKFILL, Bitrix24Api
from app.crm.adapters.bitrix24.reading import Reader
from app.crm.adapters.bitrix24.records import DEAL
from app.crm.adapters.bitrix24.wire import PAGE, Answer, Command, rows_of
from app.crm.errors import CrmError
from app.crm.port import DealLog, Page

LISTS = 3
"""Lists of fifty deals in a parcel: large ones fill their batches better, small ones are soon repeated."""


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
        answers = await self._lists(since, place.below)
        ids: list[str] = []
        is_end = False
        for answer in answers:
            page = [str(row["id"]) for row in rows_of(answer.value, "items")]
            ids += page
            is_end = len(page) < PAGE
            if is_end:
                # A list that refers to the end of a short one may show anything.
                break
        logs = tuple(await self.reader.logs(ids)) if ids else ()
        done = place.done + len(ids)
        total = max(place.total or answers[0].total or 0, done)
        if is_end:
            return Page(logs, "", done, done)
        return Page(logs, str(_Place(int(ids[-1]), done, total)), done, total)

    async def _lists(self, since: datetime, below: int) -> list[Answer]:
        """The next lists of ids in one batch, each from where the one before it ends; those from a refusal
        on are left out, and asked for with the next parcel.

        https://apidocs.bitrix24.com/api-reference/how-to-call-rest-api/batch.html
        """
        commands: dict[str, Command] = {}
        last: object = below
        for number in range(LISTS):
            wanted = {">=updatedTime": since.isoformat(), **({"<id": last} if last else {})}
            params = {
                "entityTypeId": DEAL,
                "filter": wanted,
                "order": {"id": "DESC"},
                "select": ["id"],
                # Counting is slow, and needed once.
                "start": -1 if last else 0,
            }
            commands[f"l{number}"] = Command("crm.item.list", params)
            last = f"$result[l{number}][items][{PAGE - 1}][id]"
        told = await self.api.batch(commands, BACKFILL)
        found: list[Answer] = []
        for answer in told.values():
            if isinstance(answer, CrmError):
                if found:
                    break
                raise answer
            found.append(answer)
        return found
