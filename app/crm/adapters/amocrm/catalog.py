"""Pipelines, fields, people and loss reasons.

https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines
"""

from collections.abc import Sequence
from datetime import datetime

from app.crm.adapters.amocrm.api import PAGE, AmocrmApi
from app.crm.adapters.amocrm.records import Record, id_of, reading, stage_of
from app.crm.adapters.amocrm.wire import child, embedded
from app.domain.stage import Catalog, DealField, FieldKind, LossReason, Pipeline, Stage, StageKind, User

KINDS = {"142": StageKind.WON, "143": StageKind.LOST}
"""The same ids in every pipeline."""

FIELD_KINDS = {
    **dict.fromkeys(("select", "multiselect", "radiobutton", "category"), FieldKind.CHOICE),
    **dict.fromkeys(("numeric", "price", "monetary"), FieldKind.NUMBER),
    **dict.fromkeys(("date", "date_time", "birthday"), FieldKind.DATE),
    **dict.fromkeys(("text", "textarea", "streetaddress", "smart_address"), FieldKind.TEXT),
    **dict.fromkeys(("legal_entity", "multitext"), FieldKind.TEXT),
    **dict.fromkeys(("url", "linked_entity"), FieldKind.LINK),
    "checkbox": FieldKind.YES_NO,
    "file": FieldKind.FILE,
}
"""https://www.amocrm.ru/developers/content/crm_platform/custom-fields"""

UNSORTED = 1
MANY, FIELDS_PER_PAGE = 250, 50
"""The page on custom fields says 50 and 250 side by side."""


async def read_catalog(api: AmocrmApi, now: datetime) -> Catalog:
    """All that a mapping may refer to. Reading people needs an administrator's token: Unsupported."""
    pipelines = await read_pipelines(api)
    users = await api.every("users", "users", MANY, PAGE)
    fields = await api.every("leads/custom_fields", "custom_fields", FIELDS_PER_PAGE, PAGE)
    reasons = await api.every("leads/loss_reasons", "loss_reasons", MANY, PAGE)
    with reading():
        return Catalog(
            pipelines=pipelines,
            users=tuple(map(_user, users)),
            fields=tuple(map(_field, fields)),
            loss_reasons=tuple(LossReason(str(each["id"]), str(each["name"])) for each in reasons),
            read_at=now,
        )


async def read_pipelines(api: AmocrmApi, priority: int = PAGE) -> tuple[Pipeline, ...]:
    """Pipelines with their stages in board order; one answer without pages."""
    records = embedded(await api.get("leads/pipelines", priority), "pipelines")
    with reading():
        pipelines = map(_pipeline, records)
        return tuple(sorted(pipelines, key=lambda each: (each.position, each.id)))


def entry_stages(pipelines: Sequence[Pipeline]) -> frozenset[str]:
    """Stages, as text, that the API puts no deal into."""
    stages = (stage for pipeline in pipelines for stage in pipeline.stages)
    return frozenset(str(stage.ref) for stage in stages if stage.kind is StageKind.ENTRY)


def _pipeline(record: Record) -> Pipeline:
    stages = [_stage(record["id"], each) for each in child(record, "_embedded", "statuses") or []]
    return Pipeline(
        id=str(record["id"]),
        title=str(record.get("name") or ""),
        stages=tuple(sorted(stages, key=lambda stage: stage.position)),
        position=int(record.get("sort") or 0),
        is_main=bool(record.get("is_main")),
        is_archived=bool(record.get("is_archive")),
    )


def _stage(pipeline_id: object, record: Record) -> Stage:
    """Default stages have colours that are not in the documented list: whatever comes is taken."""
    kind = KINDS.get(str(record["id"]), StageKind.OPEN)
    return Stage(
        ref=stage_of(pipeline_id, record["id"]),
        title=str(record.get("name") or ""),
        kind=StageKind.ENTRY if record.get("type") == UNSORTED else kind,
        position=int(record.get("sort") or 0),
        color=str(record.get("color") or "#c1c1c1").lower(),
    )


def _user(record: Record) -> User:
    rights = record.get("rights") or {}
    return User(
        id=str(record["id"]),
        name=str(record.get("name") or ""),
        is_admin=bool(rights.get("is_admin")),
        is_active=bool(rights.get("is_active", True)),
        group_id=id_of(rights.get("group_id")),
    )


def _field(record: Record) -> DealField:
    enums = record.get("enums") or []
    options = tuple((str(each["id"]), str(each.get("value") or "")) for each in enums)
    kind = (
        FieldKind.CHOICE if options else FIELD_KINDS.get(str(record.get("type") or "text"), FieldKind.OTHER)
    )
    return DealField(str(record["id"]), str(record.get("name") or ""), kind, options)
