"""On which deals a record hangs whose event names the record alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.crm.adapters.bitrix24.api import HOOK, Bitrix24Api
from app.crm.adapters.bitrix24.gather import Gatherer, Holder
from app.crm.adapters.bitrix24.records import COMPANY, CONTACT, DEAL, DOCUMENT, INVOICE, id_of, number
from app.crm.adapters.bitrix24.wire import Answer, Command, child, rows_of
from app.crm.errors import CrmError, NotFound, Rejected, Unsupported

BESIDE = {"invoice": INVOICE, "document": DOCUMENT}
DEAL_MARK = "D_"
"""How a task names a deal it is tied to. https://apidocs.bitrix24.com/api-reference/tasks/index.html"""


@dataclass(frozen=True, slots=True)
class Owners:
    """Finds deals. A record that is gone, or that we may not read, hangs on none."""

    api: Bitrix24Api
    priority: int = HOOK

    async def of_records(self, ids: Sequence[str]) -> list[list[str]]:
        """For each record, such as `activity-77310`, the deals that it hangs on; else the open ones of
        the contact that it is with. Raises Unsupported for a kind that nobody knows, CrmError.
        """
        commands = {each: _lookup(each) for each in ids}
        told = await self.api.batch(commands, self.priority) if commands else {}
        bound = [_bound(each, told[each]) for each in ids]
        loose = {holder for found in bound if not _deals(found) for holder in found if holder[0] != DEAL}
        of_holder = await self.open_deals(sorted(loose)) if loose else {}
        return [
            _deals(found) or [deal for holder in found for deal in of_holder.get(holder, [])]
            for found in bound
        ]

    async def open_deals(self, holders: Sequence[Holder]) -> dict[Holder, list[str]]:
        """Ids of the contacts' and companies' deals that are not closed. Raises CrmError."""
        found = await Gatherer(self.api, self.priority).deals_of(holders, closed="N")
        return {holder: [str(row["id"]) for row in rows] for holder, rows in found.items()}


def _lookup(record_id: str) -> Command:
    kind, _, record = record_id.partition("-")
    match kind:
        case "activity":
            return Command("crm.activity.binding.list", {"activityId": record})
        case "comment":
            return Command("crm.timeline.comment.get", {"id": record})
        case "invoice" | "document":
            return Command("crm.item.get", {"entityTypeId": BESIDE[kind], "id": record})
        case "task":
            return Command("tasks.task.get", {"taskId": record, "select": ["ID", "UF_CRM_TASK"]})
    raise Unsupported(f"nobody knows such a record: {kind}")


def _bound(record_id: str, told: Answer | CrmError) -> list[Holder]:
    """The deals, contacts and companies that a record names."""
    if isinstance(told, NotFound | Rejected | Unsupported):
        return []
    if isinstance(told, CrmError):
        raise told
    match record_id.partition("-")[0]:
        case "activity":
            rows = rows_of(told.value)
            found = [(number(row.get("entityTypeId")), id_of(row.get("entityId"))) for row in rows]
            return [holder for holder in found if holder[0] in (DEAL, CONTACT, COMPANY)]
        case "comment":
            is_deal_s = str(child(told.value, "ENTITY_TYPE")).lower() == "deal"
            return _deal(id_of(child(told.value, "ENTITY_ID")) if is_deal_s else "")
        case "invoice" | "document":
            return _deal(id_of(child(told.value, "item", "parentId2")))
    marks = child(told.value, "task", "ufCrmTask")
    named = [str(mark) for mark in marks] if isinstance(marks, list) else []
    return [(DEAL, mark.removeprefix(DEAL_MARK)) for mark in named if mark.startswith(DEAL_MARK)]


def _deal(deal_id: str) -> list[Holder]:
    return [(DEAL, deal_id)] if deal_id else []


def _deals(bound: Iterable[Holder]) -> list[str]:
    return [each for kind, each in bound if kind == DEAL]
