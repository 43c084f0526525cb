"""The fields of deals, invoices and clients, in both spellings of the API."""

from collections.abc import Callable
from functools import partial

from app.sandbox.bitrix24.model import CONTACT, DEAL, DOCUMENT, INVOICE, Client, Item, UserField
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.table import Column, Table

Reader = Callable[[Item], object]
UTM = ("SOURCE", "MEDIUM", "CAMPAIGN", "CONTENT", "TERM")
KIND_OF_FIELD = {
    "integer": "integer",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "enumeration": "integer",
}


def _attribute(name: str, record: object) -> object:
    return getattr(record, name)


def _read(name: str) -> Callable[[object], object]:
    return partial(_attribute, name)


def _or_none(name: str) -> Callable[[object], object]:
    """Empty links are answered as null."""
    return lambda record: getattr(record, name) or None


def _first_contact(item: Item) -> object:
    return item.contact_ids[0] if item.contact_ids else None


def _utm(key: str, item: Item) -> object:
    return item.utm.get(key)


COMMON: tuple[tuple[str, str, str, Reader], ...] = (
    ("id", "ID", "integer", _read("id")),
    ("title", "TITLE", "string", _read("title")),
    ("typeId", "TYPE_ID", "string", _read("type_id")),
    ("categoryId", "CATEGORY_ID", "integer", _read("category_id")),
    ("stageId", "STAGE_ID", "string", _read("stage_id")),
    ("probability", "PROBABILITY", "integer", lambda _: None),
    ("currencyId", "CURRENCY_ID", "string", _read("currency_id")),
    ("opportunity", "OPPORTUNITY", "double", _read("opportunity")),
    ("isManualOpportunity", "IS_MANUAL_OPPORTUNITY", "boolean", _read("is_manual_opportunity")),
    ("taxValue", "TAX_VALUE", "double", lambda _: 0.0),
    ("companyId", "COMPANY_ID", "integer", _read("company_id")),
    ("contactId", "CONTACT_ID", "integer", _first_contact),
    ("quoteId", "QUOTE_ID", "integer", lambda _: None),
    ("leadId", "LEAD_ID", "integer", lambda _: None),
    ("begindate", "BEGINDATE", "date", _read("begin_date")),
    ("closedate", "CLOSEDATE", "date", _read("close_date")),
    ("assignedById", "ASSIGNED_BY_ID", "integer", _read("assigned_by_id")),
    ("createdBy", "CREATED_BY_ID", "integer", _read("created_by")),
    ("updatedBy", "MODIFY_BY_ID", "integer", _read("updated_by")),
    ("createdTime", "DATE_CREATE", "datetime", _read("created_time")),
    ("updatedTime", "DATE_MODIFY", "datetime", _read("updated_time")),
    ("opened", "OPENED", "boolean", _read("opened")),
    ("closed", "CLOSED", "boolean", _read("closed")),
    ("comments", "COMMENTS", "string", _or_none("comments")),
    ("additionalInfo", "ADDITIONAL_INFO", "string", _or_none("additional_info")),
    ("sourceId", "SOURCE_ID", "string", _or_none("source_id")),
    ("sourceDescription", "SOURCE_DESCRIPTION", "string", _or_none("source_description")),
    ("originatorId", "ORIGINATOR_ID", "string", _or_none("originator_id")),
    ("originId", "ORIGIN_ID", "string", _or_none("origin_id")),
    ("movedBy", "MOVED_BY_ID", "integer", _read("moved_by")),
    ("movedTime", "MOVED_TIME", "datetime", _read("moved_time")),
    ("lastActivityBy", "LAST_ACTIVITY_BY", "integer", _read("last_activity_by")),
    ("lastActivityTime", "LAST_ACTIVITY_TIME", "datetime", _read("last_activity_time")),
    ("webformId", "WEBFORM_ID", "integer", _read("webform_id")),
    *((f"utm{key.title()}", f"UTM_{key}", "string", partial(_utm, key)) for key in UTM),
)
ITEM_ONLY: tuple[tuple[str, str, Reader], ...] = (
    ("contactIds", "list", lambda item: list(item.contact_ids)),
    ("observers", "list", lambda item: list(item.observers)),
    ("entityTypeId", "integer", _read("entity_type_id")),
)
DEAL_ONLY_CAMEL = {"probability", "quoteId", "leadId", "additionalInfo", "typeId"}


def camel_name(field: str) -> str:
    """`UF_CRM_1720` as `ufCrm_1720`, `UF_CRM_KIND` as `ufCrmKind`."""
    words = field.lower().split("_")
    return words[0] + "".join(f"_{word}" if word.isdecimal() else word.title() for word in words[1:])


def semantics_of(portal: Portal, item: Item) -> str:
    """P while work goes on, S when won, F when lost; P for a stage that is no more."""
    stage = portal.stage(item.entity_type_id, item.stage_id)
    return (stage.semantics if stage else None) or "P"


def custom_value(field: UserField, item: Item) -> object:
    """The value of a custom field as the API has it."""
    value = item.fields.get(field.name)
    if value is None:
        return [] if field.is_multiple else None
    return value


def item_table(portal: Portal, entity_type_id: int, *, original_names: bool = False) -> Table[Item]:
    """Fields of the universal methods: camelCase, numbers as numbers; unknown filters are refused."""
    columns: dict[str, Column[Item]] = {}
    for camel, _, kind, read in COMMON:
        if entity_type_id == DEAL or camel not in DEAL_ONLY_CAMEL:
            columns[camel] = Column(camel, kind, read)
    for camel, kind, read in ITEM_ONLY:
        columns[camel] = Column(camel, kind, read)
    columns["stageSemanticId"] = Column("stageSemanticId", "string", partial(semantics_of, portal))
    if entity_type_id in (INVOICE, DOCUMENT) or portal.faults.deal_previous_stage:
        columns["previousStageId"] = Column("previousStageId", "string", _read("previous_stage_id"))
    if entity_type_id in (INVOICE, DOCUMENT):
        columns["accountNumber"] = Column("accountNumber", "string", _read("account_number"))
        columns["parentId2"] = Column("parentId2", "integer", lambda item: item.parents.get(DEAL))
    aliases = {"ID": "id"}
    for field in fields_of(portal, entity_type_id):
        name = field.name if original_names else camel_name(field.name)
        kind = KIND_OF_FIELD.get(field.kind, "string")
        columns[name] = Column(name, kind, partial(custom_value, field))
        aliases[field.name] = name
    offset = portal.config.utc_offset
    return Table(columns, "id", is_strict=True, is_typed=True, offset=offset, aliases=aliases)


def deal_table(portal: Portal) -> Table[Item]:
    """Fields of the old deal methods: UPPER_CASE strings; unknown filters are silently ignored."""
    columns = {upper: Column(upper, kind, read) for _, upper, kind, read in COMMON}
    columns["STAGE_SEMANTIC_ID"] = Column("STAGE_SEMANTIC_ID", "string", partial(semantics_of, portal))
    columns["IS_NEW"] = Column("IS_NEW", "boolean", lambda _: False)
    for field in fields_of(portal, DEAL):
        kind = KIND_OF_FIELD.get(field.kind, "string")
        columns[field.name] = Column(field.name, kind, partial(custom_value, field))
    return Table(columns, "ID", offset=portal.config.utc_offset)


def fields_of(portal: Portal, entity_type_id: int) -> list[UserField]:
    """The custom fields of a kind of record."""
    entity = {DEAL: "CRM_DEAL", CONTACT: "CRM_CONTACT", 4: "CRM_COMPANY", INVOICE: "CRM_SMART_INVOICE"}
    return [item for item in portal.user_fields.values() if item.entity_id == entity[entity_type_id]]


def _multi(kind: str, client: Client) -> object:
    values = client.phones if kind == "PHONE" else client.emails
    return [
        {"ID": str(client.id * 10 + index), "VALUE_TYPE": "WORK", "VALUE": value, "TYPE_ID": kind}
        for index, value in enumerate(values)
    ]


def client_table(portal: Portal, entity_type_id: int) -> Table[Client]:
    """Fields of contacts and companies."""
    specs: list[tuple[str, str, Callable[[Client], object]]] = [
        ("ID", "integer", _read("id")),
        ("ASSIGNED_BY_ID", "integer", _read("assigned_by_id")),
        ("CREATED_BY_ID", "integer", _read("created_by")),
        ("DATE_CREATE", "datetime", _read("created_time")),
        ("DATE_MODIFY", "datetime", _read("updated_time")),
        ("HAS_PHONE", "boolean", lambda client: bool(client.phones)),
        ("HAS_EMAIL", "boolean", lambda client: bool(client.emails)),
        ("PHONE", "list", partial(_multi, "PHONE")),
        ("EMAIL", "list", partial(_multi, "EMAIL")),
    ]
    if entity_type_id == CONTACT:
        specs += [("NAME", "string", _read("name")), ("LAST_NAME", "string", _read("last_name"))]
        specs += [("COMPANY_ID", "integer", _or_none("company_id"))]
    else:
        specs += [("TITLE", "string", _read("name"))]
    columns = {name: Column(name, kind, read) for name, kind, read in specs}
    return Table(columns, "ID", offset=portal.config.utc_offset)
