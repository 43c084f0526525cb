"""Pipelines, fields and people, and what names the values of fields have.

https://apidocs.bitrix24.com/api-reference/crm/universal/category/crm-category-list.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.crm.adapters.bitrix24.api import PAGE, Bitrix24Api
from app.crm.adapters.bitrix24.languages import language_of
from app.crm.adapters.bitrix24.lists import REFUSALS, optional
from app.crm.adapters.bitrix24.records import (
    CUSTOM,
    DEAL,
    LOST,
    Record,
    id_of,
    is_yes,
    number,
    reading,
    stage_of,
)
from app.crm.adapters.bitrix24.side_records import SideNames, side_commands, side_names
from app.crm.adapters.bitrix24.wire import Answer, Command, child, rows_of, tree
from app.crm.errors import CrmError, Unavailable, Unsupported
from app.domain.deal import Deal
from app.domain.stage import Catalog, DealField, FieldKind, LossReason, Pipeline, Stage, StageKind, User

WON = "S"
KINDS = {WON: StageKind.WON, LOST: StageKind.LOST}
FIELD_KINDS = {
    **dict.fromkeys(("enumeration", "crm_status", "iblock_element"), FieldKind.CHOICE),
    **dict.fromkeys(("integer", "double", "money"), FieldKind.NUMBER),
    **dict.fromkeys(("date", "datetime"), FieldKind.DATE),
    **dict.fromkeys(("string", "text", "address"), FieldKind.TEXT),
    **dict.fromkeys(("employee", "user"), FieldKind.PERSON),
    **dict.fromkeys(("url", "crm"), FieldKind.LINK),
    **dict.fromkeys(("file", "disk_file"), FieldKind.FILE),
    **dict.fromkeys(("boolean", "char"), FieldKind.YES_NO),
}
"""https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html"""

USUAL_RATE, ENTERPRISE_RATE = (1.6, 25.0), (4.0, 125.0)
"""Of 2 calls a second and 50 at once; on Enterprise plans of 5 and 250."""

ENTERPRISE = re.compile(r"(?:^|_)ent", re.IGNORECASE)
PLAIN_COLOR = "#c1c1c1"
MOST_PAGES = 40
PREVIOUS_STAGE = "previousStageId"


@dataclass(frozen=True, slots=True)
class Names:
    """What the values of fields are called: options by field and id, sources by code."""

    options: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, str]
    fields: tuple[DealField, ...] = ()
    item_fields: tuple[str, ...] = ()
    """Names of a deal's fields that not every portal has: custom ones, and where it stood before."""

    side: SideNames = field(default_factory=SideNames)

    def label(self, field: str, value: str) -> str:
        """The label of an option; any other value as it is."""
        return self.options.get(field, {}).get(value, value)

    def source(self, code: str) -> str:
        """The name of a source; its code when nobody knows it."""
        return self.sources.get(code, code)


def named(deal: Deal, names: Names) -> Deal:
    """The deal with its choices and its source as people call them."""
    fields = {
        field: tuple(names.label(field, value) for value in values) for field, values in deal.fields.items()
    }
    return replace(deal, fields=fields, source=names.source(deal.source))


async def read_catalog(api: Bitrix24Api, now: datetime, kinds: Sequence[int]) -> Catalog:
    """All that a mapping may refer to. The list of people does not say who is an administrator, but
    for the one whose token we use.
    """
    first = await api.batch(
        {
            "categories": Command("crm.category.list", {"entityTypeId": DEAL}),
            "profile": Command("profile"),
            "app": Command("app.info"),
        },
        PAGE,
    )
    api.pace(*rate_of(first["app"]))
    categories = rows_of(given(first, "categories"), "categories")
    pipelines = await _pipelines(api, categories)
    names = await read_names(api, kinds)
    users = await _users(api, id_of(child(given(first, "profile"), "ID")), given(first, "profile"))
    lost = [stage for pipeline in pipelines for stage in pipeline.stages if stage.kind is StageKind.LOST]
    return Catalog(
        pipelines=pipelines,
        users=users,
        fields=names.fields,
        loss_reasons=tuple(LossReason(stage.ref.stage_id, stage.title) for stage in lost),
        read_at=now,
    )


def rate_of(told: Answer | CrmError) -> tuple[float, float]:
    """Calls a second, and calls that may be saved up, by the plan; what cannot be told is the usual plan.

    Other apps of this server share a portal's bucket, so a part of it is left to them.
    https://apidocs.bitrix24.com/limits.html
    """
    info = told.value if isinstance(told, Answer) else None
    names = (str(child(info, name) or "") for name in ("LICENSE_FAMILY", "LICENSE_TYPE", "LICENSE"))
    return ENTERPRISE_RATE if any(map(ENTERPRISE.search, names)) else USUAL_RATE


async def read_names(api: Bitrix24Api, kinds: Sequence[int], priority: int = PAGE) -> Names:
    """What the values of a deal's fields are called, and what of those `kinds` stands beside deals."""
    told = await api.batch(
        {
            "app": Command("app.info"),
            **side_commands(),
            "fields": Command("crm.item.fields", {"entityTypeId": DEAL}),
            "sources": Command("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE"}}),
        },
        priority,
    )
    with reading():
        found = tree(child(given(told, "fields"), "fields"))
        fields = tuple(_field(name, record) for name, record in found.items() if _is_custom(name))
        sources = {str(row["STATUS_ID"]): str(row["NAME"]) for row in rows_of(given(told, "sources"))}
    special = [name for name in found if _is_custom(name) or name == PREVIOUS_STAGE]
    options = {each.id: dict(each.options) for each in fields if each.options}
    info = optional(told["app"], *REFUSALS)
    language = language_of(str(child(info.value if info else None, "LANGUAGE_ID") or ""))
    side = side_names(told, language, kinds)
    return Names(options, sources, (*fields, *side.fields), tuple(special), side)


def given(told: Mapping[str, Answer | CrmError], name: str) -> object:
    """The value of a batch's command. Raises its CrmError."""
    found = told[name]
    if isinstance(found, CrmError):
        raise found
    return found.value


async def _pipelines(api: Bitrix24Api, categories: Sequence[Record]) -> tuple[Pipeline, ...]:
    """Stages of the first pipeline have a list of their own name, and no category of their own."""
    commands = {
        f"c{int(row['id'])}": Command(
            "crm.status.list", {"filter": {"ENTITY_ID": _stage_list(int(row["id"]))}}
        )
        for row in categories
    }
    told = await api.batch(commands, PAGE)
    with reading():
        found = [_pipeline(row, rows_of(given(told, f"c{int(row['id'])}"))) for row in categories]
    return tuple(sorted(found, key=lambda each: (each.position, int(each.id))))


def _stage_list(category_id: int) -> str:
    return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"


def _pipeline(row: Record, stages: Iterable[Record]) -> Pipeline:
    listed = [_stage(row["id"], each) for each in stages]
    return Pipeline(
        id=str(int(row["id"])),
        title=str(row.get("name") or ""),
        stages=tuple(sorted(listed, key=lambda stage: stage.position)),
        position=number(row.get("sort")),
        is_main=is_yes(row.get("isDefault")),
    )


def _stage(category_id: object, record: Record) -> Stage:
    semantics = record.get("SEMANTICS") or child(record, "EXTRA", "SEMANTICS")
    color = record.get("COLOR") or child(record, "EXTRA", "COLOR") or PLAIN_COLOR
    kind = {"success": WON, "failure": LOST, "apology": LOST}.get(str(semantics), str(semantics))
    return Stage(
        ref=stage_of(category_id, record["STATUS_ID"]),
        title=str(record.get("NAME") or ""),
        kind=KINDS.get(kind, StageKind.OPEN),
        position=number(record.get("SORT")),
        color=str(color).lower(),
    )


async def _users(api: Bitrix24Api, own_id: str, profile: object) -> tuple[User, ...]:
    """Everybody; without the right to the list only the one whose token we use."""
    try:
        found = await _people(api)
    except Unsupported:
        found = [{**profile, "ACTIVE": True}] if isinstance(profile, dict) else []
    with reading():
        is_admin = is_yes(child(profile, "ADMIN"))
        people = [_user(row, is_admin=is_admin and str(row["ID"]) == own_id) for row in found]
    return tuple(person for person in people if person.id)


async def _people(api: Bitrix24Api) -> list[Record]:
    """https://apidocs.bitrix24.com/api-reference/user/user-get.html"""
    found: list[Record] = []
    start: int | None = 0
    for _ in range(MOST_PAGES):
        answer = await api.page("user.get", {"sort": "ID", "order": "ASC", "start": start}, PAGE)
        found.extend(rows_of(answer.value))
        start = answer.next
        if start is None:
            return found
    raise Unavailable("the list of people does not end")


def _user(row: Record, *, is_admin: bool) -> User:
    name = " ".join(part for part in (str(row.get("NAME") or ""), str(row.get("LAST_NAME") or "")) if part)
    return User(
        id=id_of(row["ID"]),
        name=name or f"#{row['ID']}",
        is_admin=is_admin,
        is_active=is_yes(row.get("ACTIVE", True)),
    )


def _is_custom(name: str) -> bool:
    return name.lower().startswith(CUSTOM)


def _field(name: str, record: Record) -> DealField:
    options = tuple(
        (str(each["ID"]), str(each.get("VALUE") or "")) for each in tree(record.get("items")).values()
    )
    kind = (
        FieldKind.CHOICE if options else FIELD_KINDS.get(str(record.get("type") or "string"), FieldKind.OTHER)
    )
    return DealField(name, str(record.get("title") or name), kind, options)
