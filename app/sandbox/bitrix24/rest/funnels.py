"""Funnels, stages, and the history of stages.

https://apidocs.bitrix24.com/api-reference/crm/universal/category/index.html
https://apidocs.bitrix24.com/api-reference/crm/status/index.html
https://apidocs.bitrix24.com/api-reference/crm/crm-stage-history-list.html
"""

from collections.abc import Callable

from app.sandbox.bitrix24.model import DEAL, Category, HistoryRow, Stage, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.items import KINDS, kind_of
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import Answer, Call, Json, RestError, as_list, whole

HISTORY: dict[str, tuple[str, Callable[[HistoryRow], object]]] = {
    "ID": ("integer", lambda row: row.id),
    "TYPE_ID": ("integer", lambda row: row.type_id),
    "OWNER_ID": ("integer", lambda row: row.owner_id),
    "CREATED_TIME": ("datetime", lambda row: row.created_time),
    "CATEGORY_ID": ("integer", lambda row: row.category_id),
    "STAGE_SEMANTIC_ID": ("string", lambda row: row.semantics),
    "STAGE_ID": ("string", lambda row: row.stage_id),
}
EXTRA = {"S": "success", "F": "failure"}


def _history_table(call: Call) -> Table[HistoryRow]:
    columns = {name: Column(name, kind, read) for name, (kind, read) in HISTORY.items()}
    return Table(columns, "ID", is_strict=True, is_typed=True, offset=call.portal.config.utc_offset)


@method("crm.stagehistory.list")
def stage_history(call: Call) -> object:
    """Rows of entered stages that the caller may see."""
    kind = kind_of(call)
    table = _history_table(call)
    if call.portal.faults.history_bad_order == "ignore":
        known = {name: way for name, way in call.tree("order").items() if name in HISTORY}
        call.params = {key: value for key, value in call.params.items() if key.lower() != "order"}
        call.params["order"] = known
    if call.start < 0 and not call.portal.faults.history_honours_no_count:
        call.params["start"] = 0
    wanted = [str(name) for name in as_list(call.param("select")) if str(name) in HISTORY]
    page = table.page(_rows(call, kind), call, select=wanted or list(HISTORY))
    return Answer({"items": page.result}, page.total, page.next)


def _rows(call: Call, kind: int) -> list[HistoryRow]:
    owner = whole(call.tree("filter").get("OWNER_ID"))
    rows = call.portal.history.values() if owner is None else call.portal.history_of.get((kind, owner), [])
    return [row for row in rows if row.entity_type_id == kind and _may_see(call.portal, call.user, row)]


def _may_see(portal: Portal, user: User, row: HistoryRow) -> bool:
    item = portal.items[row.entity_type_id].get(row.owner_id)
    if portal.faults.history_current_category_only and item and item.category_id != row.category_id:
        return False
    if user.is_admin:
        return True
    hidden = row.entity_type_id == DEAL and row.category_id in user.hidden_categories
    return item is not None and not hidden and portal.may_read(user, item)


def _category(category: Category) -> Json:
    return {
        "id": category.id,
        "name": category.name,
        "sort": category.sort,
        "entityTypeId": category.entity_type_id,
        "isDefault": "Y" if category.is_default else "N",
        "originId": "",
        "originatorId": "",
    }


@method("crm.category.list")
def categories(call: Call) -> object:
    """The funnels that the caller may see."""
    kind = kind_of(call)
    found = [
        _category(category)
        for (entity, number), category in sorted(
            call.portal.categories.items(), key=lambda pair: pair[1].sort
        )
        if entity == kind and (call.user.is_admin or number not in call.user.hidden_categories)
    ]
    return Answer({"categories": found}, len(found))


@method("crm.category.get")
def category(call: Call) -> object:
    """One funnel."""
    found = call.portal.categories.get((kind_of(call), call.number("id")))
    if found is None:
        raise RestError(400, "NOT_FOUND", "Элемент не найден")
    return {"category": _category(found)}


def _status(stage: Stage) -> Json:
    kind = EXTRA.get(stage.semantics or "", "process")
    if stage.status_id.endswith("APOLOGY"):
        kind = "apology"
    return {
        "ID": str(stage.id),
        "ENTITY_ID": stage.entity_id,
        "STATUS_ID": stage.status_id,
        "NAME": stage.name,
        "NAME_INIT": stage.name if stage.is_system else "",
        "SORT": str(stage.sort),
        "SYSTEM": "Y" if stage.is_system else "N",
        "CATEGORY_ID": str(stage.category_id) if stage.category_id else None,
        "COLOR": stage.color,
        "SEMANTICS": stage.semantics,
        "EXTRA": {"SEMANTICS": kind, "COLOR": stage.color},
    }


def _sources(call: Call) -> list[Json]:
    return [
        {
            "ID": str(9000 + index),
            "ENTITY_ID": "SOURCE",
            "STATUS_ID": code,
            "NAME": name,
            "NAME_INIT": name,
            "SORT": str(10 * (index + 1)),
            "SYSTEM": "N",
            "CATEGORY_ID": None,
            "COLOR": None,
            "SEMANTICS": None,
            "EXTRA": None,
        }
        for index, (code, name) in enumerate(call.portal.sources.items())
    ]


@method("crm.status.list")
def statuses(call: Call) -> object:
    """Stages and other handbooks; the filter usually names one of them."""
    stages = [_status(stage) for kind in KINDS for stage in _in_order(call, kind)]
    rows = [*stages, *_sources(call)]
    columns = {name: Column(name, "string", _reader(name)) for name in rows[0]}
    table: Table[Json] = Table(columns, "ID", offset=call.portal.config.utc_offset)
    found = [table.row(row) for row in table.matching(rows, call)]
    order = call.tree("order")
    if "SORT" in order:
        found.sort(key=lambda row: int(str(row["SORT"])), reverse=str(order["SORT"]).upper() == "DESC")
    return Answer(found, len(found))


@method("crm.status.entity.items")
def status_items(call: Call) -> object:
    """One handbook, shortly."""
    wanted = call.text("entityId")
    return [
        {"NAME": stage.name, "SORT": stage.sort, "STATUS_ID": stage.status_id}
        for kind in KINDS
        for stage in _in_order(call, kind)
        if stage.entity_id == wanted
    ]


def _in_order(call: Call, kind: int) -> list[Stage]:
    found = [stage for (entity, _), stage in call.portal.stages.items() if entity == kind]
    return sorted(found, key=lambda stage: (stage.category_id, stage.sort))


def _reader(name: str) -> Callable[[Json], object]:
    return lambda row: row[name]
