"""Verdicts as rows: one per move, replaced while it waits for late evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from app.db.prepared import keys_of, prepared, value, wanted
from app.db.tables import stage_move, verdict
from app.db.upsert import upsert_all
from app.domain.deal import StageMove
from app.domain.funnel import GateMode
from app.domain.stage import StageRef
from app.domain.verdict import (
    CheckpointReason,
    CheckpointResult,
    CheckpointState,
    Outcome,
    Reason,
    Verdict,
)
from app.ledger.rows import read_move
from app.ledger.sight import DealKey


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict and what was decided to do about it (`app.domain.writeback.Action`)."""

    verdict: Verdict
    action: str


@dataclass(frozen=True, slots=True)
class PendingMove:
    """A move to judge; `version_number` is set when a version has judged it already and waits."""

    move: StageMove
    version_number: int | None
    is_new: bool


def _same_move() -> Any:
    return and_(
        verdict.c.installation_id == stage_move.c.installation_id, verdict.c.log_id == stage_move.c.log_id
    )


_PENDING = prepared(
    lambda: (
        select(stage_move, verdict.c.version_number, verdict.c.outcome)
        .select_from(
            wanted(stage_move, stage_move.c.installation_id, stage_move.c.deal_id).outerjoin(
                verdict, _same_move()
            )
        )
        .where(or_(verdict.c.outcome.is_(None), verdict.c.outcome == Outcome.UNDETERMINED.value))
        .order_by(stage_move.c.occurred_at, stage_move.c.log_id)
    )
)
_PREVIOUS = prepared(
    lambda: (
        select(stage_move)
        .where(
            stage_move.c.installation_id == value("tenant"),
            stage_move.c.deal_id == value("deal_id"),
            or_(
                stage_move.c.occurred_at < value("at"),
                and_(stage_move.c.occurred_at == value("same_at"), stage_move.c.log_id < value("log_id")),
            ),
        )
        .order_by(stage_move.c.occurred_at.desc(), stage_move.c.log_id.desc())
        .limit(1)
    )
)
_MOVE = prepared(
    lambda: select(stage_move).where(
        stage_move.c.installation_id == value("tenant"), stage_move.c.log_id == value("log_id")
    )
)
_OF_MOVE = prepared(
    lambda: select(verdict).where(
        verdict.c.installation_id == value("tenant"), verdict.c.log_id == value("log_id")
    )
)


def pending_moves(conn: Connection, keys: Sequence[DealKey]) -> dict[DealKey, list[PendingMove]]:
    """Moves of each deal without a verdict or with one that waits for evidence, in the log's order."""
    found: dict[DealKey, list[PendingMove]] = {key: [] for key in keys}
    for row in _PENDING.run(conn, keys=keys_of(keys)):
        item = PendingMove(read_move(row), row.version_number, row.outcome is None)
        found[DealKey(row.installation_id, row.deal_id)].append(item)
    return found


def save_verdicts(conn: Connection, decided: Sequence[tuple[int, Verdict, str]]) -> None:
    """Store verdicts of different moves, each with its installation and what is done about it, in place
    of earlier, undetermined ones."""
    upsert_all(conn, verdict, ("installation_id", "log_id"), [_row(*each) for each in decided])


def _row(installation_id: int, decided: Verdict, action: str) -> dict[str, Any]:
    return {
        "installation_id": installation_id,
        "log_id": decided.log_id,
        "deal_id": decided.deal_id,
        "outcome": decided.outcome.value,
        "reason": decided.reason.value,
        "version_number": decided.version_number,
        "segment_key": decided.segment_key,
        "mode": decided.mode.value if decided.mode else None,
        "gate_stage": str(decided.gate_stage) if decided.gate_stage else None,
        "checkpoints": [_pack(result) for result in decided.checkpoints],
        "action": action,
        "decided_at": decided.decided_at,
        "due_at": decided.due_at,
    }


def verdicts_of(conn: Connection, installation_id: int, deal_id: str) -> dict[str, StoredVerdict]:
    """All verdicts of the deal by log id, in the log's order."""
    query = (
        select(verdict)
        .join(stage_move, _same_move())
        .where(verdict.c.installation_id == installation_id, verdict.c.deal_id == deal_id)
        .order_by(stage_move.c.occurred_at, stage_move.c.log_id)
    )
    return {row.log_id: StoredVerdict(read_verdict(row), row.action) for row in conn.execute(query)}


def previous_move(
    conn: Connection, installation_id: int, move: StageMove
) -> tuple[StageMove, StoredVerdict | None] | None:
    """The deal's move right before `move` and its verdict, or None when there is none."""
    row = _PREVIOUS.run(
        conn,
        tenant=installation_id,
        deal_id=move.deal_id,
        at=move.occurred_at,
        same_at=move.occurred_at,
        log_id=move.log_id,
    ).one_or_none()
    if row is None:
        return None
    return read_move(row), _stored(conn, installation_id, row.log_id)


def judged_move(
    conn: Connection, installation_id: int, log_id: str
) -> tuple[StageMove, StoredVerdict] | None:
    """The move of that log id and its verdict, or None when it was not judged."""
    row = _MOVE.run(conn, tenant=installation_id, log_id=log_id).one_or_none()
    stored = _stored(conn, installation_id, log_id)
    return (read_move(row), stored) if row and stored else None


def _stored(conn: Connection, installation_id: int, log_id: str) -> StoredVerdict | None:
    row = _OF_MOVE.run(conn, tenant=installation_id, log_id=log_id).one_or_none()
    return StoredVerdict(read_verdict(row), row.action) if row else None


def read_verdict(row: Row[Any]) -> Verdict:
    """The verdict of a whole row of the `verdict` table."""
    return Verdict(
        log_id=row.log_id,
        deal_id=row.deal_id,
        outcome=Outcome(row.outcome),
        reason=Reason(row.reason),
        decided_at=row.decided_at,
        version_number=row.version_number,
        segment_key=row.segment_key,
        mode=GateMode(row.mode) if row.mode else None,
        gate_stage=StageRef.parse(row.gate_stage) if row.gate_stage else None,
        due_at=row.due_at,
        checkpoints=_unpack(row.checkpoints),
    )


def _pack(result: CheckpointResult) -> dict[str, Any]:
    return {
        "key": result.key,
        "state": result.state.value,
        "reason": result.reason.value,
        "met_at": result.met_at.isoformat() if result.met_at else None,
        "proven_by": list(result.proven_by),
        "grade": result.grade,
    }


def _unpack(packed: Sequence[dict[str, Any]]) -> tuple[CheckpointResult, ...]:
    return tuple(
        CheckpointResult(
            key=each["key"],
            state=CheckpointState(each["state"]),
            reason=CheckpointReason(each["reason"]),
            met_at=datetime.fromisoformat(each["met_at"]) if each["met_at"] else None,
            proven_by=tuple(each["proven_by"]),
            grade=each["grade"],
        )
        for each in packed
    )
