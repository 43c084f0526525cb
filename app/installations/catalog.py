"""The catalog as a JSON document of the installation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.stage import (
    Catalog,
    DealField,
    FieldKind,
    LossReason,
    Pipeline,
    Stage,
    StageKind,
    StageRef,
    User,
)


def pack_catalog(catalog: Catalog) -> dict[str, Any]:
    """The catalog as JSON; `read_at` has a column of its own."""
    return {
        "pipelines": [_pack_pipeline(pipeline) for pipeline in catalog.pipelines],
        "users": [
            {
                "id": user.id,
                "name": user.name,
                "is_admin": user.is_admin,
                "is_active": user.is_active,
                "group_id": user.group_id,
            }
            for user in catalog.users
        ],
        "fields": [
            {
                "id": each.id,
                "title": each.title,
                "kind": each.kind,
                "options": [{"id": key, "label": label} for key, label in each.options],
            }
            for each in catalog.fields
        ],
        "loss_reasons": [{"id": reason.id, "title": reason.title} for reason in catalog.loss_reasons],
    }


def unpack_catalog(packed: Mapping[str, Any], read_at: datetime | None) -> Catalog:
    """What `pack_catalog` wrote."""
    return Catalog(
        pipelines=tuple(_unpack_pipeline(each) for each in packed["pipelines"]),
        users=tuple(User(**each) for each in packed["users"]),
        fields=tuple(
            DealField(
                each["id"],
                each["title"],
                FieldKind(each["kind"]),
                tuple((option["id"], option["label"]) for option in each["options"]),
            )
            for each in packed["fields"]
        ),
        loss_reasons=tuple(LossReason(**each) for each in packed["loss_reasons"]),
        read_at=read_at,
    )


def _pack_pipeline(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "id": pipeline.id,
        "title": pipeline.title,
        "position": pipeline.position,
        "is_main": pipeline.is_main,
        "is_archived": pipeline.is_archived,
        "stages": [
            {
                "id": stage.ref.stage_id,
                "title": stage.title,
                "kind": stage.kind.value,
                "position": stage.position,
                "color": stage.color,
            }
            for stage in pipeline.stages
        ],
    }


def _unpack_pipeline(packed: Mapping[str, Any]) -> Pipeline:
    stages = tuple(
        Stage(
            StageRef(packed["id"], each["id"]),
            each["title"],
            StageKind(each["kind"]),
            each["position"],
            each["color"],
        )
        for each in packed["stages"]
    )
    return Pipeline(
        packed["id"], packed["title"], stages, packed["position"], packed["is_main"], packed["is_archived"]
    )
