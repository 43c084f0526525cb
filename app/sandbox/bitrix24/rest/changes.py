"""What a writing call wants, as values of the record's attributes."""

from collections.abc import Callable, Mapping

from app.sandbox.bitrix24.model import UserField
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.columns import camel_name, fields_of
from app.sandbox.bitrix24.rest.table import moment_of
from app.sandbox.bitrix24.rest.wire import RestError, as_list, truth, whole

ATTRIBUTES = {
    "title": ("title", "string"),
    "typeId": ("type_id", "string"),
    "categoryId": ("category_id", "integer"),
    "stageId": ("stage_id", "string"),
    "currencyId": ("currency_id", "string"),
    "opportunity": ("opportunity", "double"),
    "isManualOpportunity": ("is_manual_opportunity", "boolean"),
    "companyId": ("company_id", "integer"),
    "contactId": ("contact_ids", "first"),
    "contactIds": ("contact_ids", "integers"),
    "observers": ("observers", "integers"),
    "begindate": ("begin_date", "moment"),
    "closedate": ("close_date", "moment"),
    "assignedById": ("assigned_by_id", "integer"),
    "opened": ("opened", "boolean"),
    "comments": ("comments", "string"),
    "additionalInfo": ("additional_info", "string"),
    "sourceId": ("source_id", "string"),
    "sourceDescription": ("source_description", "string"),
    "originatorId": ("originator_id", "string"),
    "originId": ("origin_id", "string"),
}
UPPER = {
    "TITLE": "title",
    "TYPE_ID": "typeId",
    "CATEGORY_ID": "categoryId",
    "STAGE_ID": "stageId",
    "CURRENCY_ID": "currencyId",
    "OPPORTUNITY": "opportunity",
    "IS_MANUAL_OPPORTUNITY": "isManualOpportunity",
    "COMPANY_ID": "companyId",
    "CONTACT_ID": "contactId",
    "CONTACT_IDS": "contactIds",
    "BEGINDATE": "begindate",
    "CLOSEDATE": "closedate",
    "ASSIGNED_BY_ID": "assignedById",
    "OPENED": "opened",
    "COMMENTS": "comments",
    "ADDITIONAL_INFO": "additionalInfo",
    "SOURCE_ID": "sourceId",
    "SOURCE_DESCRIPTION": "sourceDescription",
    "ORIGINATOR_ID": "originatorId",
    "ORIGIN_ID": "originId",
}


def changes_of(
    portal: Portal, entity_type_id: int, given: Mapping[str, object], *, upper: bool = False
) -> dict[str, object]:
    """The values to save; fields that the record has not are ignored, as the portal does.

    `upper` reads the names of the old methods. Raises RestError for a value of another kind.
    """
    custom = _custom_names(portal, entity_type_id)
    found: dict[str, object] = {}
    for name, value in given.items():
        camel = UPPER.get(name, "") if upper else name
        if camel in ATTRIBUTES:
            attribute, kind = ATTRIBUTES[camel]
            found[attribute] = CONVERTERS[kind](portal, name, value)
        elif name in custom:
            found[custom[name].name] = custom_value(portal, custom[name], value)
        elif name == "parentId2" and not upper:
            found["parents"] = {2: whole(value) or 0}
    return found


def _custom_names(portal: Portal, entity_type_id: int) -> dict[str, UserField]:
    fields = fields_of(portal, entity_type_id)
    return {field.name: field for field in fields} | {camel_name(field.name): field for field in fields}


def custom_value(portal: Portal, field: UserField, value: object) -> object:
    """A custom field's value as it is kept. Raises RestError for an unknown choice or no number."""
    if field.is_multiple:
        return [_single(portal, field, item) for item in as_list(value) if item not in ("", None)]
    if isinstance(value, list):
        value = value[0] if value else ""
    return None if value in ("", None, False) and field.kind != "boolean" else _single(portal, field, value)


def _single(portal: Portal, field: UserField, value: object) -> object:
    if field.kind == "enumeration":
        choice = whole(value)
        if choice not in field.items:
            raise RestError(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Неверное значение поля «{field.label}»")
        return choice
    if field.kind in {"date", "datetime"}:
        return _moment(portal, field.label, value)
    kind = {"integer": "integer", "double": "double", "boolean": "boolean"}.get(field.kind, "string")
    return CONVERTERS[kind](portal, field.label, value)


def _integer(_: Portal, name: str, value: object) -> object:
    found = whole(value if value not in ("", None) else 0)
    if found is None:
        raise RestError(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Неверное значение поля «{name}»")
    return found


def _double(_: Portal, name: str, value: object) -> object:
    try:
        return float(str(value if value not in ("", None) else 0))
    except ValueError:
        raise RestError(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Неверное значение поля «{name}»") from None


def _string(_: Portal, __: str, value: object) -> object:
    return "" if value is None else str(value)


def _boolean(_: Portal, __: str, value: object) -> object:
    return truth(value)


def _integers(_: Portal, __: str, value: object) -> object:
    return [number for number in map(whole, as_list(value)) if number]


def _first(_: Portal, __: str, value: object) -> object:
    number = whole(value)
    return [number] if number else []


def _moment(portal: Portal, name: str, value: object) -> object:
    if value in ("", None):
        return None
    found = moment_of(value, portal.config.utc_offset)
    if found is None:
        raise RestError(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Неверное значение поля «{name}»")
    return found


CONVERTERS: dict[str, Callable[[Portal, str, object], object]] = {
    "integer": _integer,
    "double": _double,
    "string": _string,
    "boolean": _boolean,
    "integers": _integers,
    "first": _first,
    "moment": _moment,
}
