"""`crm.deal.*`: the old methods, with strings, empty error codes and silently ignored filters.

https://apidocs.bitrix24.com/api-reference/crm/deals/index.html
"""

from app.sandbox.bitrix24.model import DEAL, Item
from app.sandbox.bitrix24.rest.changes import changes_of
from app.sandbox.bitrix24.rest.columns import COMMON, deal_table, fields_of
from app.sandbox.bitrix24.rest.items import visible
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Table
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError, as_list, whole


def _deal(call: Call) -> Item:
    number = whole(call.param("id"))
    if not number or number < 0:
        raise RestError(400, "", "ID is not defined or invalid.")
    deal = call.portal.items[DEAL].get(number)
    if deal is None:
        raise RestError(400, "", "Not found")
    if not call.portal.may_read(call.user, deal):
        raise RestError(400, "", "Access denied.")
    return deal


def _selected(call: Call, table: Table[Item]) -> list[str]:
    wanted = [str(name) for name in as_list(call.param("select"))]
    standard = [name for name in table.columns if not name.startswith("UF_")]
    if not wanted:
        return standard
    found = standard if "*" in wanted else [name for name in wanted if name in table.columns]
    if "UF_*" in wanted:
        found = [*found, *(name for name in table.columns if name.startswith("UF_"))]
    found = [*found, *(name for name in wanted if name in table.columns)]
    return list(dict.fromkeys(["ID", *found]))


@method("crm.deal.get")
def get(call: Call) -> object:
    """One deal, custom fields included."""
    return deal_table(call.portal).row(_deal(call))


@method("crm.deal.list")
def listed(call: Call) -> object:
    """A page of deals."""
    table = deal_table(call.portal)
    return table.page(visible(call.portal, call.user, DEAL), call, select=_selected(call, table))


@method("crm.deal.add")
def add(call: Call) -> object:
    """A new deal; the answer is its id."""
    values = changes_of(call.portal, DEAL, call.tree("fields"), upper=True)
    title = str(values.pop("title", ""))
    return call.portal.make_item(title, call.act, values).id


@method("crm.deal.update")
def update(call: Call) -> object:
    """Save what differs. A stage of another funnel is ignored, and the answer is true all the same."""
    deal = _deal(call)
    values = changes_of(call.portal, DEAL, call.tree("fields"), upper=True)
    values.pop("category_id", None)
    stage = call.portal.stage(DEAL, str(values.get("stage_id", "")))
    if stage is None or stage.category_id != deal.category_id:
        values.pop("stage_id", None)
    call.portal.update_item(deal, values, call.act)
    return True


@method("crm.deal.delete")
def delete(call: Call) -> object:
    """A deal goes."""
    call.portal.delete_item(_deal(call), call.act)
    return True


@method("crm.deal.fields")
def fields(call: Call) -> object:
    """What fields there are."""
    found: Json = {upper: _described(kind, upper, upper) for _, upper, kind, _ in COMMON}
    for field in fields_of(call.portal, DEAL):
        own = _described(field.kind, field.name, field.label)
        own |= {"isDynamic": True, "isMultiple": field.is_multiple, "isRequired": field.is_mandatory}
        own |= {"listLabel": field.label, "formLabel": field.label, "filterLabel": field.label}
        if field.items:
            own["items"] = [{"ID": str(number), "VALUE": value} for number, value in field.items.items()]
        found[field.name] = own
    return found


def _described(kind: str, name: str, title: str) -> Json:
    return {
        "type": kind,
        "isRequired": False,
        "isReadOnly": name in {"ID", "DATE_CREATE", "DATE_MODIFY", "MOVED_TIME", "MOVED_BY_ID"},
        "isImmutable": name in {"ID", "CATEGORY_ID"},
        "isMultiple": False,
        "isDynamic": False,
        "title": title,
    }


@method("crm.deal.contact.items.get")
def contacts(call: Call) -> object:
    """The contacts of a deal, the first one being the main one."""
    return [
        {"CONTACT_ID": number, "SORT": 10 * (index + 1), "ROLE_ID": 0, "IS_PRIMARY": "N" if index else "Y"}
        for index, number in enumerate(_deal(call).contact_ids)
    ]


@method("crm.deal.userfield.list")
def user_fields(call: Call) -> object:
    """The custom fields of deals."""
    return [
        {
            "ID": str(field.id),
            "ENTITY_ID": field.entity_id,
            "FIELD_NAME": field.name,
            "USER_TYPE_ID": field.kind,
            "XML_ID": "",
            "SORT": str(field.sort),
            "MULTIPLE": "Y" if field.is_multiple else "N",
            "MANDATORY": "Y" if field.is_mandatory else "N",
            "EDIT_FORM_LABEL": field.label,
            "LIST_COLUMN_LABEL": field.label,
            "LIST": [
                {"ID": str(number), "SORT": "100", "VALUE": value, "DEF": "N"}
                for number, value in field.items.items()
            ],
        }
        for field in fields_of(call.portal, DEAL)
    ]


@method("crm.deal.userfield.add", for_admin=True)
def add_user_field(call: Call) -> object:
    """A new custom field; the answer is its id."""
    given = call.tree("fields")
    name = str(given.get("FIELD_NAME") or "")
    label = given.get("EDIT_FORM_LABEL") or given.get("LABEL") or name
    text = next(iter(label.values())) if isinstance(label, dict) and label else label
    choices = [str(item.get("VALUE")) for item in as_list(given.get("LIST")) if isinstance(item, dict)]
    field = call.portal.add_field(
        str(text),
        str(given.get("USER_TYPE_ID") or "string"),
        name="" if not name else name if name.startswith("UF_CRM_") else f"UF_CRM_{name}",
        choices=choices,
        is_multiple=given.get("MULTIPLE") == "Y",
        is_mandatory=given.get("MANDATORY") == "Y",
    )
    return field.id


@method("crm.deal.userfield.delete", for_admin=True)
def delete_user_field(call: Call) -> object:
    """A custom field goes."""
    number = whole(call.param("id"))
    field = next((row for row in fields_of(call.portal, DEAL) if row.id == number), None)
    if field is None:
        raise RestError(400, "ERROR_NOT_FOUND", "The entity with ID is not found.")
    call.portal.delete_field(field)
    return True
