"""The portal's own lock: roles say from which stage a seller may move a deal to which.

Nothing in the API reads or sets roles, so the only way to know is a deal made for it and a seller who tries.
Administrators are exempt, and a change of the funnel is not checked at all.
https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-update.html
"""

from collections.abc import Collection
from typing import Any

from app.crm.adapters.bitrix24.activity_facts import OURS
from app.crm.adapters.bitrix24.api import PAGE, WRITE_BACK, Bitrix24Api
from app.crm.adapters.bitrix24.records import DEAL, id_of, reading, stage_of
from app.crm.adapters.bitrix24.refusals import refused_move
from app.crm.adapters.bitrix24.wire import child, rows_of
from app.crm.errors import FieldRequired, NoRight, NotFound, Rejected, Unknown, Unsupported
from app.crm.port import RolesPlan, TriedMove
from app.domain.stage import StageRef

ROLES_PATH = "/crm/configs/perms/"
PLAN_KEYS = ("LICENSE_TYPE", "LICENSE_FAMILY", "LICENSE")


class StageLock:
    """Trials of the lock of one portal. `weak_plans` are plans whose roles refuse nothing."""

    def __init__(self, api: Bitrix24Api, weak_plans: Collection[str]) -> None:
        self._api, self._weak = api, frozenset(plan.lower() for plan in weak_plans)

    async def plan(self) -> RolesPlan:
        """The plan by its name: which of them have roles is written nowhere, so an unknown one stays open."""
        info = await self._api.call("app.info", {}, PAGE)
        names = [str(child(info, key) or "").lower() for key in PLAN_KEYS]
        parts = {part for name in names for part in (name, name.rpartition("_")[2]) if part}
        return RolesPlan(False if parts & self._weak else None, next(filter(None, names), ""))

    async def make(self, title: str, stage: StageRef, responsible_id: str, key: str) -> str:
        """A deal that carries our mark and no client.

        https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html
        """
        fields: dict[str, Any] = {
            "title": title,
            "categoryId": int(stage.pipeline_id),
            "stageId": stage.stage_id,
            "assignedById": int(responsible_id),
            "originatorId": OURS,
            "originId": key,
        }
        params = {"entityTypeId": DEAL, "fields": fields}
        answer = await self._api.call("crm.item.add", params, WRITE_BACK, is_write=True)
        made = id_of(child(answer, "item", "id"))
        if not made:
            raise Unknown("the answer does not show the deal")
        return made

    async def find(self, key: str) -> str | None:
        """The deal with that mark, the oldest of several."""
        wanted = {"originatorId": OURS, "originId": key}
        params = {
            "entityTypeId": DEAL,
            "filter": wanted,
            "select": ["id", "originId"],
            "order": {"id": "ASC"},
        }
        rows = rows_of(await self._api.call("crm.item.list", params, WRITE_BACK), "items")
        return next((id_of(row.get("id")) for row in rows if row.get("originId") == key), None)

    async def place(self, deal_id: str, stage: StageRef) -> None:
        """Put the deal there with the service's rights. Raises Rejected, NotFound."""
        if await self._stage(deal_id) == stage:
            return
        try:
            answer = await self._api.call("crm.item.update", _move(deal_id, stage), WRITE_BACK, is_write=True)
        except (Rejected, Unsupported) as error:
            raise refused_move(error) from None
        if _stands(child(answer, "item")) != stage:
            raise Rejected("the portal left the deal where it was")

    async def remove(self, deal_id: str) -> None:
        """Delete the deal. https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-delete.html"""
        try:
            params = {"entityTypeId": DEAL, "id": int(deal_id)}
            await self._api.call("crm.item.delete", params, WRITE_BACK, is_write=True)
        except NotFound:
            return
        except Rejected:
            # The words for a deal that is gone are not promised.
            if await self._is_there(deal_id):
                raise

    async def may_edit(self, token: str, deal_id: str) -> bool:
        """Whether the token's person may note something in the deal."""
        note = {**_of_deal(deal_id), "fields": {"sourceDescription": "Stepgate"}}
        try:
            await self._api.call_as(token, "crm.item.update", note, WRITE_BACK)
        except (Rejected, Unsupported, NotFound):
            return False
        return True

    async def attempt(self, token: str, deal_id: str, target: StageRef) -> TriedMove:
        """Move the deal with the token of whoever tries. What the portal then tells us of where it stands
        counts more than its answer to him."""
        refused = await self._refusal(token, deal_id, target)
        if await self._stage(deal_id) == target:
            return TriedMove.MOVED
        return refused or TriedMove.STAYED

    async def _refusal(self, token: str, deal_id: str, target: StageRef) -> TriedMove | None:
        try:
            await self._api.call_as(token, "crm.item.update", _move(deal_id, target), WRITE_BACK)
        except (Rejected, Unsupported) as error:
            reason = refused_move(error)
            if isinstance(reason, FieldRequired):
                return TriedMove.FIELD_REQUIRED
            return TriedMove.NO_RIGHT if isinstance(reason, NoRight) else TriedMove.REFUSED
        except Unknown:
            # Where the deal stands tells what the lost answer would have.
            return None
        return None

    async def _stage(self, deal_id: str) -> StageRef:
        return _stands(await self._item(deal_id))

    async def _is_there(self, deal_id: str) -> bool:
        try:
            await self._item(deal_id)
        except (NotFound, Rejected):
            return False
        return True

    async def _item(self, deal_id: str) -> Any:
        return child(await self._api.call("crm.item.get", _of_deal(deal_id), WRITE_BACK), "item")


def token_of(proof: str) -> str:
    """The access token of a proof as the widget's check takes it: `server token`, or the token alone."""
    return proof.rpartition(" ")[2]


def _stands(item: Any) -> StageRef:
    with reading():
        return stage_of(item["categoryId"], item["stageId"])


def _of_deal(deal_id: str) -> dict[str, Any]:
    return {"entityTypeId": DEAL, "id": int(deal_id)}


def _move(deal_id: str, stage: StageRef) -> dict[str, Any]:
    """The category stays out: with it the portal would not ask for the right to move."""
    return {**_of_deal(deal_id), "fields": {"stageId": stage.stage_id}}
