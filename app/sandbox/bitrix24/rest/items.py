"""`crm.item.*`: deals and smart invoices by the universal methods.

https://apidocs.bitrix24.com/api-reference/crm/universal/index.html
"""

from app.sandbox.bitrix24.model import DEAL, DOCUMENT, INVOICE, Item, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.changes import changes_of
from app.sandbox.bitrix24.rest.columns import fields_of, item_table
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Table
from app.sandbox.bitrix24.rest.wire import Answer, Call, Json, RestError, as_list, truth

KINDS = (DEAL, INVOICE, DOCUMENT)
READ_ONLY = {
    "id",
    "createdTime",
    "updatedTime",
    "createdBy",
    "updatedBy",
    "movedBy",
    "movedTime",
    "closed",
    "stageSemanticId",
    "previousStageId",
    "lastActivityBy",
    "lastActivityTime",
    "webformId",
    "entityTypeId",
}
TYPES = {"double": "double", "list": "crm_contact", "datetime": "datetime", "date": "date"}


def kind_of(call: Call) -> int:
    """The wanted kind of record. Raises RestError for kinds that this portal has not."""
    kind = call.number("entityTypeId")
    if kind not in KINDS or (kind == DOCUMENT and not call.portal.faults.smart_documents):
        raise RestError(400, "NOT_FOUND", "Смарт-процесс не найден")
    return kind


def readable(call: Call, kind: int, number: int) -> Item:
    """A record that the caller may read. Raises RestError."""
    item = call.portal.items[kind].get(number)
    if item is None:
        raise RestError(400, "NOT_FOUND", "Элемент не найден")
    if not call.portal.may_read(call.user, item):
        raise RestError(400, "ACCESS_DENIED", "Доступ запрещен.")
    return item


def visible(portal: Portal, user: User, kind: int) -> list[Item]:
    """All records of a kind that a user may read, in the order of their ids."""
    items = portal.items[kind].values()
    return list(items) if user.is_admin else [item for item in items if portal.may_read(user, item)]


def _table(call: Call, kind: int) -> Table[Item]:
    return item_table(call.portal, kind, original_names=truth(call.param("useOriginalUfNames")))


def _selected(call: Call, table: Table[Item]) -> list[str]:
    wanted = [str(name) for name in as_list(call.param("select"))]
    if not wanted or "*" in wanted:
        return list(table.columns)
    found = [column.name for name in wanted if (column := table.column(name))]
    return list(dict.fromkeys(["id", *found]))


@method("crm.item.get")
def get(call: Call) -> object:
    """One record with all its fields."""
    kind = kind_of(call)
    item = readable(call, kind, call.number("id"))
    return {"item": _table(call, kind).row(item)}


@method("crm.item.list")
def listed(call: Call) -> object:
    """A page of records."""
    kind = kind_of(call)
    table = _table(call, kind)
    page = table.page(visible(call.portal, call.user, kind), call, select=_selected(call, table))
    return Answer({"items": page.result}, page.total, page.next)


@method("crm.item.add")
def add(call: Call) -> object:
    """A new record."""
    kind = kind_of(call)
    values = changes_of(call.portal, kind, call.tree("fields"))
    title = str(values.pop("title", ""))
    item = call.portal.make_item(title, call.act, values, kind)
    return {"item": _table(call, kind).row(item)}


@method("crm.item.update")
def update(call: Call) -> object:
    """Save what differs; equal values save nothing and raise no event."""
    kind = kind_of(call)
    item = readable(call, kind, call.number("id"))
    call.portal.update_item(item, changes_of(call.portal, kind, call.tree("fields")), call.act)
    return {"item": _table(call, kind).row(item)}


@method("crm.item.delete")
def delete(call: Call) -> object:
    """A record goes."""
    kind = kind_of(call)
    call.portal.delete_item(readable(call, kind, call.number("id")), call.act)
    return []


@method("crm.item.fields")
def fields(call: Call) -> object:
    """What fields there are."""
    kind = kind_of(call)
    table = _table(call, kind)
    custom = {field.name: field for field in fields_of(call.portal, kind)}
    aliases = {name: original for original, name in (table.aliases or {}).items()}
    described: dict[str, Json] = {}
    for name, column in table.columns.items():
        own = custom.get(aliases.get(name, name))
        described[name] = {
            "type": own.kind if own else TYPES.get(column.kind, column.kind),
            "isRequired": bool(own and own.is_mandatory),
            "isReadOnly": name in READ_ONLY,
            "isImmutable": name == "id",
            "isMultiple": bool(own and own.is_multiple) or column.kind == "list",
            "isDynamic": own is not None,
            "title": own.label if own else name,
            "upperName": own.name if own else name.upper(),
        }
        if own and own.items:
            described[name]["items"] = [
                {"ID": str(number), "VALUE": value} for number, value in own.items.items()
            ]
    return {"fields": described}
