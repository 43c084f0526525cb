"""On which deals a record hangs whose event names the record alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.crm.adapters.bitrix24.api import HOOK, Bitrix24Api
from app.crm.adapters.bitrix24.gather import Gatherer, Holder
from app.crm.adapters.bitrix24.records import COMPANY, CONTACT, DEAL, INVOICE, Record, id_of, number
from app.crm.adapters.bitrix24.wire import Answer, Command, child, rows_of
from app.crm.errors import CrmError, NotFound, Rejected, Unsupported

ACTIVITY = "activity"
DEAL_MARK = "D_"
"""How a task names a deal it is tied to. https://apidocs.bitrix24.com/api-reference/tasks/index.html"""


@dataclass(frozen=True, slots=True)
class Owners:
    """Finds deals. A record that is gone hangs on none."""

    api: Bitrix24Api
    priority: int = HOOK

    async def deals_of_record(self, record_id: str) -> list[str]:
        """Ids of the deals of a record such as `activity-77310`. Raises CrmError."""
        kind, _, record = record_id.partition("-")
        try:
            match kind:
                case "activity":
                    return (await self.of_activities([record]))[0]
                case "comment":
                    return await self._of_comment(record)
                case "invoice":
                    return await self._of_invoice(record)
                case "task":
                    return await self._of_task(record)
        except (NotFound, Rejected):
            return []
        raise Unsupported(f"nobody knows such a record: {kind}")

    async def open_deals(self, holder: Holder) -> list[str]:
        """Ids of a contact's or company's deals that are not closed. Raises CrmError."""
        found = await Gatherer(self.api, self.priority).deals_of([holder], closed="N")
        return [str(row["id"]) for row in found[holder]]

    async def of_activities(self, ids: Sequence[str]) -> list[list[str]]:
        """For each activity the deals that it is bound to; else those of the contact that it is with."""
        commands = {each: Command("crm.activity.binding.list", {"activityId": each}) for each in ids}
        told = await self.api.batch(commands, self.priority)
        return [await self._of_bindings(_rows(told[each])) for each in ids]

    async def _of_bindings(self, rows: Iterable[Record]) -> list[str]:
        bound = [(number(row.get("entityTypeId")), id_of(row.get("entityId"))) for row in rows]
        deals = [each for kind, each in bound if kind == DEAL]
        holders = [(kind, each) for kind, each in bound if kind in (CONTACT, COMPANY)]
        if deals or not holders:
            return deals
        return [deal for holder in holders for deal in await self.open_deals(holder)]

    async def _of_comment(self, comment: str) -> list[str]:
        row = await self.api.call("crm.timeline.comment.get", {"id": comment}, self.priority)
        is_deal_s = str(child(row, "ENTITY_TYPE")).lower() == "deal"
        return [id_of(child(row, "ENTITY_ID"))] if is_deal_s else []

    async def _of_invoice(self, invoice: str) -> list[str]:
        params = {"entityTypeId": INVOICE, "id": invoice}
        answer = await self.api.call("crm.item.get", params, self.priority)
        deal = id_of(child(answer, "item", "parentId2"))
        return [deal] if deal else []

    async def _of_task(self, task: str) -> list[str]:
        params = {"taskId": task, "select": ["ID", "UF_CRM_TASK"]}
        try:
            answer = await self.api.call("tasks.task.get", params, self.priority)
        except Unsupported:
            return []
        marks = child(answer, "task", "ufCrmTask")
        named = [str(mark) for mark in marks] if isinstance(marks, list) else []
        return [mark.removeprefix(DEAL_MARK) for mark in named if mark.startswith(DEAL_MARK)]


def _rows(told: Answer | CrmError) -> list[Record]:
    if isinstance(told, (NotFound, Rejected, Unsupported)):
        return []
    if isinstance(told, CrmError):
        raise told
    return rows_of(told.value)
