"""amoCRM's records in our words. https://www.amocrm.ru/developers/content/crm_platform/leads-api"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.crm.adapters.amocrm.wire import child
from app.crm.errors import Unavailable
from app.domain.deal import Deal
from app.domain.stage import Catalog, DealField, LossReason, Pipeline, Stage, StageKind, StageRef, User

WON, LOST, UNSORTED_TYPE = 142, 143, 1
"""Won and lost have these ids in every pipeline. `D/crm_platform/leads_pipelines`"""

TITLE_LIMIT, VALUE_LIMIT = 512, 1000


def read_deal(lead: Mapping[str, Any], read_at: datetime) -> Deal:
    """A lead as `GET /leads/{id}?with=contacts,source` shows it. Raises Unavailable for nonsense."""
    return Deal(
        id=str(number(lead.get("id"))),
        title=str(lead.get("name") or "")[:TITLE_LIMIT],
        stage=stage_ref(lead),
        created_at=moment(lead.get("created_at")),
        updated_at=moment(lead.get("updated_at")),
        read_at=read_at,
        price=int(lead.get("price") or 0),
        responsible_id=optional_id(lead.get("responsible_user_id")),
        created_by=optional_id(lead.get("created_by")),
        closed_at=moment(lead["closed_at"]) if lead.get("closed_at") else None,
        source=_source(lead),
        tags=frozenset(str(tag.get("name")) for tag in _embedded(lead, "tags") if tag.get("name")),
        fields=_fields(lead.get("custom_fields_values")),
        contact_ids=tuple(str(number(contact.get("id"))) for contact in _embedded(lead, "contacts")),
        loss_reason_id=optional_id(lead.get("loss_reason_id")),
    )


def read_catalog(
    pipelines: Iterable[Mapping[str, Any]],
    users: Iterable[Mapping[str, Any]],
    fields: Iterable[Mapping[str, Any]],
    reasons: Iterable[Mapping[str, Any]],
    read_at: datetime,
) -> Catalog:
    """The account's pipelines, users, lead fields and loss reasons."""
    return Catalog(
        pipelines=tuple(sorted((_pipeline(item) for item in pipelines), key=lambda item: item.position)),
        users=tuple(_user(item) for item in users),
        fields=tuple(_field(item) for item in fields),
        loss_reasons=tuple(
            LossReason(str(number(item.get("id"))), str(item.get("name", ""))) for item in reasons
        ),
        read_at=read_at,
    )


def stage_ref(value: Mapping[str, Any]) -> StageRef:
    """The stage of a lead or of a hook: both ids, since 142 and 143 repeat."""
    return StageRef(str(number(value.get("pipeline_id"))), str(number(value.get("status_id"))))


def number(value: Any) -> int:
    """An id. Raises Unavailable when the answer has none."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise Unavailable("the answer lacks an id")
    return value


def optional_id(value: Any) -> str:
    """An id as text; empty for null. A user id of 0 is a robot and stays "0"."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def moment(value: Any) -> datetime:
    """Unix seconds. Raises Unavailable for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**33:
        raise Unavailable("the answer lacks a time")
    return datetime.fromtimestamp(value, UTC)


def _embedded(lead: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = child(lead, "_embedded", name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _source(lead: Mapping[str, Any]) -> str:
    source = child(lead, "_embedded", "source")
    return str(child(source, "name") or "")[:VALUE_LIMIT] or optional_id(lead.get("source_id"))


def _fields(values: Any) -> dict[str, tuple[str, ...]]:
    rows = [row for row in values if isinstance(row, Mapping)] if isinstance(values, list) else []
    read = {str(row.get("field_id")): _values(row.get("values")) for row in rows}
    return {field_id: found for field_id, found in read.items() if found}


def _values(values: Any) -> tuple[str, ...]:
    rows = values if isinstance(values, list) else []
    texts = (row.get("value") if isinstance(row, Mapping) else row for row in rows)
    return tuple(str(text)[:VALUE_LIMIT] for text in texts if text not in (None, "", False))


def _pipeline(item: Mapping[str, Any]) -> Pipeline:
    pipeline_id = str(number(item.get("id")))
    stages = [_stage(status, pipeline_id) for status in _embedded(item, "statuses")]
    return Pipeline(
        id=pipeline_id,
        title=str(item.get("name", "")),
        stages=tuple(sorted(stages, key=lambda stage: stage.position)),
        position=int(item.get("sort") or 0),
        is_main=bool(item.get("is_main")),
        is_archived=bool(item.get("is_archive")),
    )


def _stage(status: Mapping[str, Any], pipeline_id: str) -> Stage:
    status_id = number(status.get("id"))
    kind = {WON: StageKind.WON, LOST: StageKind.LOST}.get(status_id, StageKind.OPEN)
    if status.get("type") == UNSORTED_TYPE:
        kind = StageKind.ENTRY
    return Stage(
        StageRef(pipeline_id, str(status_id)),
        str(status.get("name", "")),
        kind,
        int(status.get("sort") or 0),
        str(status.get("color") or "#c1c1c1"),
    )


def _user(item: Mapping[str, Any]) -> User:
    rights = item.get("rights")
    return User(
        id=str(number(item.get("id"))),
        name=str(item.get("name", "")),
        is_admin=bool(child(rights, "is_admin")),
        is_active=child(rights, "is_active") is not False,
        group_id=optional_id(child(rights, "group_id")),
    )


def _field(item: Mapping[str, Any]) -> DealField:
    options = [enum for enum in item.get("enums") or [] if isinstance(enum, Mapping)]
    return DealField(
        id=str(number(item.get("id"))),
        title=str(item.get("name", "")),
        kind=str(item.get("type", "text")),
        options=tuple((str(enum.get("id")), str(enum.get("value", ""))) for enum in options),
    )
