"""The pipeline's stages as a version keeps them: forward and backward stay what they were."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.stage import Stage, StageKind, StageRef


def pack_stages(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Stages as JSON, in order."""
    return [
        {
            "stage_id": stage.ref.stage_id,
            "title": stage.title,
            "kind": stage.kind.value,
            "position": stage.position,
            "color": stage.color,
        }
        for stage in stages
    ]


def unpack_stages(pipeline_id: str, packed: Sequence[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """What `pack_stages` wrote."""
    return tuple(
        Stage(
            StageRef(pipeline_id, str(each["stage_id"])),
            str(each["title"]),
            StageKind(each["kind"]),
            int(each["position"]),
            str(each["color"]),
        )
        for each in packed
    )
