"""Between the ledger's rows and the words of the domain."""

from typing import Any

from sqlalchemy import Row

from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import StageRef


def deal_values(deal: Deal) -> dict[str, Any]:
    """What the `deal` table keeps of a deal, without its key."""
    return {
        "title": deal.title,
        "pipeline_id": deal.stage.pipeline_id,
        "stage_id": deal.stage.stage_id,
        "responsible_id": deal.responsible_id,
        "price": deal.price,
        "created_by": deal.created_by,
        "source": deal.source,
        "tags": sorted(deal.tags),
        "fields": {field_id: list(values) for field_id, values in deal.fields.items()},
        "contact_ids": list(deal.contact_ids),
        "loss_reason_id": deal.loss_reason_id,
        "created_at": deal.created_at,
        "updated_at": deal.updated_at,
        "closed_at": deal.closed_at,
        "read_at": deal.read_at,
        "is_deleted": False,
    }


def read_deal(row: Row[Any]) -> Deal:
    """The deal of a whole row of the `deal` table."""
    return Deal(
        id=row.deal_id,
        title=row.title,
        stage=StageRef(row.pipeline_id, row.stage_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
        read_at=row.read_at,
        price=row.price,
        responsible_id=row.responsible_id,
        created_by=row.created_by,
        closed_at=row.closed_at,
        source=row.source,
        tags=frozenset(row.tags),
        fields={field_id: tuple(values) for field_id, values in row.fields.items()},
        contact_ids=tuple(row.contact_ids),
        loss_reason_id=row.loss_reason_id,
    )


def move_values(move: StageMove) -> dict[str, Any]:
    """What the `stage_move` table keeps of a move, with its own part of the key."""
    return {
        "log_id": move.log_id,
        "deal_id": move.deal_id,
        "from_pipeline_id": move.from_stage.pipeline_id if move.from_stage else None,
        "from_stage_id": move.from_stage.stage_id if move.from_stage else None,
        "to_pipeline_id": move.to_stage.pipeline_id,
        "to_stage_id": move.to_stage.stage_id,
        "actor_id": move.actor_id,
        "origin": move.origin.value,
        "occurred_at": move.occurred_at,
        "recorded_at": move.recorded_at,
    }


def read_move(row: Row[Any]) -> StageMove:
    """The move of a row with all columns of `stage_move`."""
    came_from = StageRef(row.from_pipeline_id, row.from_stage_id) if row.from_stage_id else None
    return StageMove(
        log_id=row.log_id,
        deal_id=row.deal_id,
        from_stage=came_from,
        to_stage=StageRef(row.to_pipeline_id, row.to_stage_id),
        actor_id=row.actor_id,
        origin=MoveOrigin(row.origin),
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )


def evidence_values(fact: Evidence) -> dict[str, Any]:
    """What the `evidence` table keeps of a fact, with its own part of the key."""
    return {
        "source_id": fact.source_id,
        "deal_id": fact.deal_id,
        "kind": fact.kind.value,
        "grade": fact.grade.value,
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.recorded_at,
        "direction": fact.direction.value if fact.direction else None,
        "seconds": fact.seconds,
        "subject": fact.subject,
        "text": fact.text,
        "author_id": fact.author_id,
        "contact_id": fact.contact_id,
        "checkpoint_key": fact.checkpoint_key,
        "channel": fact.channel,
        "is_dated": fact.is_dated,
    }


def read_evidence(row: Row[Any]) -> Evidence:
    """The fact of a row with all columns of `evidence`."""
    return Evidence(
        source_id=row.source_id,
        deal_id=row.deal_id,
        kind=EvidenceKind(row.kind),
        grade=Grade(row.grade),
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        direction=Direction(row.direction) if row.direction else None,
        seconds=row.seconds,
        subject=row.subject,
        text=row.text,
        author_id=row.author_id,
        contact_id=row.contact_id,
        checkpoint_key=row.checkpoint_key,
        channel=row.channel,
        is_dated=row.is_dated,
    )
