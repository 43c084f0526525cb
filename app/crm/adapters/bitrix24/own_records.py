"""What hangs on deals themselves: items, histories, activities, comments, payments, and what is beside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.crm.adapters.bitrix24.api import Bitrix24Api
from app.crm.adapters.bitrix24.lists import REFUSALS, Lists, further_pages, joined, optional
from app.crm.adapters.bitrix24.records import DEAL, Record, id_of, reading
from app.crm.adapters.bitrix24.wire import BATCH, PAGE, Answer, Command, rows_of
from app.crm.errors import CrmError, NotFound

ACTIVITY_FIELDS = [
    "ID", "OWNER_TYPE_ID", "OWNER_ID", "TYPE_ID", "PROVIDER_ID", "PROVIDER_TYPE_ID", "DIRECTION", "COMPLETED",
    "SUBJECT", "DESCRIPTION", "CREATED", "LAST_UPDATED", "RESPONSIBLE_ID", "ASSOCIATED_ENTITY_ID",
    "ORIGINATOR_ID", "ORIGIN_ID", "IS_INCOMING_CHANNEL",
]  # fmt: skip
ITEM_FIELDS = [
    "id", "title", "categoryId", "stageId", "stageSemanticId", "closed", "opportunity", "assignedById",
    "createdBy", "createdTime", "updatedBy", "updatedTime", "movedBy", "movedTime", "sourceId", "companyId",
    "contactId", "contactIds",
]  # fmt: skip
"""Whether `*` stands for contacts and custom fields too is not documented: each is named."""

ByDeal = dict[str, list[Record]]


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """Records by the id of their deal. A deal that is gone has no item."""

    items: dict[str, Record] = field(default_factory=dict)
    history: ByDeal = field(default_factory=dict)
    beside: dict[int, ByDeal] = field(default_factory=dict)
    """Invoices and documents, by their kind."""

    activities: ByDeal = field(default_factory=dict)
    comments: ByDeal = field(default_factory=dict)
    payments: ByDeal = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnReader:
    """Asks for deals by their ids. `fields` are names of a deal's further fields, its custom ones;
    `kinds` are those of the records beside it."""

    api: Bitrix24Api
    priority: int
    fields: Sequence[str]
    kinds: Sequence[int]

    async def of(self, ids: Sequence[str]) -> OwnRecords:
        """All that hangs on the deals. Lists that can be asked for all of them at once are.

        The items are read last, after every page of their history: no write may be decided by an older
        stage than the history has. Raises CrmError.
        """
        shared, alone, items = _shared(ids, self.kinds), _alone(ids), _items(ids, self.fields)
        names = list(alone)
        room = max(BATCH - len(shared) - len(items), 0)
        first = {name: alone[name] for name in names[:room]}
        told = await self.api.batch(shared | first | ({} if names[room:] else items), self.priority)
        rest = further_pages(shared, told) | {name: alone[name] for name in names[room:]}
        if rest:
            told |= await self.api.batch(rest | items, self.priority)
        shown = await self._shown(ids, [told[name] for name in items])
        own = OwnRecords(
            items=shown,
            history=_by_deal(joined("h", told, *(() if shown else REFUSALS)), "OWNER_ID"),
            # Not every portal has invoices, documents and payments.
            beside={kind: _by_deal(joined(f"i{kind}", told, *REFUSALS), "parentId2") for kind in self.kinds},
        )
        lists = Lists(self.api, self.priority)
        for deal_id in ids:
            for letter, into, is_extra in (
                ("a", own.activities, False),
                ("c", own.comments, True),
                ("p", own.payments, True),
            ):
                name, is_optional = f"{letter}{deal_id}", is_extra or deal_id not in shown
                into[deal_id] = await lists.whole(alone[name], told[name], (), is_optional=is_optional)
        return own

    async def _shown(self, ids: Sequence[str], told: Iterable[Answer | CrmError]) -> dict[str, Record]:
        """The deals by id. One that a list does not show is gone or hidden from us: asked for alone, it
        says which. Raises CrmError.
        """
        answers = [each for each in map(optional, told) if each]
        with reading():
            found = {str(int(row["id"])): row for each in answers for row in rows_of(each.value, "items")}
        lost = {
            each: Command("crm.item.get", {"entityTypeId": DEAL, "id": each})
            for each in ids
            if each not in found
        }
        for deal_id, one in (await self.api.batch(lost, self.priority) if lost else {}).items():
            answer = optional(one, NotFound)
            if answer:
                with reading():
                    found[deal_id] = answer.value["item"]
        return found


def _shared(ids: Sequence[str], kinds: Iterable[int]) -> dict[str, Command]:
    """Lists that a filter of many deals narrows.

    https://apidocs.bitrix24.com/api-reference/crm/crm-stage-history-list.html
    """
    history = {"entityTypeId": DEAL, "filter": {"@OWNER_ID": list(ids)}, "order": {"ID": "ASC"}}
    beside = {"filter": {"@parentId2": list(ids)}, "order": {"id": "ASC"}}
    return {
        "h": Command("crm.stagehistory.list", history),
        **{f"i{kind}": Command("crm.item.list", {"entityTypeId": kind, **beside}) for kind in kinds},
    }


def _alone(ids: Sequence[str]) -> dict[str, Command]:
    """Lists that are asked for deal by deal."""
    found: dict[str, Command] = {}
    for deal_id in ids:
        of_deal = [{"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal_id}]
        activities = {"filter": {"BINDINGS": of_deal}, "select": ACTIVITY_FIELDS, "order": {"ID": "ASC"}}
        comments = {"filter": {"ENTITY_ID": deal_id, "ENTITY_TYPE": "deal"}, "order": {"ID": "ASC"}}
        found[f"a{deal_id}"] = Command("crm.activity.list", activities)
        found[f"c{deal_id}"] = Command("crm.timeline.comment.list", comments)
        found[f"p{deal_id}"] = Command("crm.item.payment.list", {"entityTypeId": DEAL, "entityId": deal_id})
    return found


def _items(ids: Sequence[str], fields: Sequence[str]) -> dict[str, Command]:
    chosen: Mapping[str, object] = {"entityTypeId": DEAL, "select": [*ITEM_FIELDS, *fields], "start": -1}
    return {
        f"d{start}": Command("crm.item.list", {**chosen, "filter": {"@id": list(ids[start : start + PAGE])}})
        for start in range(0, len(ids), PAGE)
    }


def _by_deal(rows: Iterable[Record], owner: str) -> ByDeal:
    found: ByDeal = {}
    for row in rows:
        found.setdefault(id_of(row.get(owner)), []).append(row)
    return found
