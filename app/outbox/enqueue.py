"""Intended writes are stored in the transaction that decided them, and made later."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from app.db.tables import outbox
from app.db.upsert import insert_new
from app.domain.deal import StageMove
from app.domain.stage import StageRef
from app.outbox.rows import WriteKind, WriteState

LATE = timedelta(minutes=2)
"""A move that we learnt of later than this may have been answered by an earlier life of ours (a
restored backup): look for the effect before writing it."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One write that a verdict asks for."""

    kind: WriteKind
    payload: dict[str, Any] = field(default_factory=dict)
    expected: StageRef | None = None
    target: StageRef | None = None


def enqueue(
    conn: Connection, installation_id: int, move: StageMove, intents: Sequence[Intent], now: datetime
) -> None:
    """Store what is to be written because of `move`, in that order; what is stored stays as it is."""
    first = _next_seq(conn, installation_id, move.deal_id)
    rows = [
        {
            "installation_id": installation_id,
            "op_key": f"{move.log_id}:{intent.kind}",
            "seq": seq,
            "deal_id": move.deal_id,
            "log_id": move.log_id,
            "kind": intent.kind.value,
            "payload": intent.payload,
            "expected_stage": str(intent.expected) if intent.expected else "",
            "target_stage": str(intent.target) if intent.target else "",
            "created_at": now,
            **_beginning(intent, move),
        }
        for seq, intent in enumerate(intents, first)
    ]
    insert_new(conn, outbox, rows)


def enqueue_forward(
    conn: Connection, installation_id: int, deal_id: str, expected: StageRef, target: StageRef, now: datetime
) -> None:
    """Store that the deal is to be moved on, because somebody pressed the button for it."""
    seq = _next_seq(conn, installation_id, deal_id)
    row = {
        "installation_id": installation_id,
        "op_key": f"forward:{deal_id}:{seq}",
        "seq": seq,
        "deal_id": deal_id,
        "log_id": "",
        "kind": WriteKind.MOVE_FORWARD.value,
        "payload": {},
        "expected_stage": str(expected),
        "target_stage": str(target),
        "state": WriteState.NEW.value,
        "created_at": now,
    }
    insert_new(conn, outbox, [row])


def _next_seq(conn: Connection, installation_id: int, deal_id: str) -> int:
    last = conn.scalar(
        select(func.max(outbox.c.seq)).where(
            outbox.c.installation_id == installation_id, outbox.c.deal_id == deal_id
        )
    )
    return (last or 0) + 1


def _beginning(intent: Intent, move: StageMove) -> dict[str, Any]:
    is_late = move.recorded_at - move.occurred_at > LATE
    if is_late and intent.kind in (WriteKind.NOTE, WriteKind.TASK):
        return {"state": WriteState.UNKNOWN.value, "sent_at": move.occurred_at}
    return {"state": WriteState.NEW.value, "sent_at": None}
