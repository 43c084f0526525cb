"""Intended writes as rows: their states, and the commands that they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select

from app.db.prepared import keys_of, prepared, value, wanted
from app.db.tables import outbox
from app.db.types import from_micros
from app.domain.stage import StageRef
from app.domain.writeback import (
    AddNote,
    AddTag,
    AddTask,
    Command,
    MoveBack,
    MoveForward,
    RemoveTag,
)
from app.ledger.sight import DealKey


class WriteState(StrEnum):
    """How far a write has come."""

    NEW = "new"
    SENT = "sent"
    """About to be called, or called: after a crash nobody knows which."""
    UNKNOWN = "unknown"
    """Called, and the answer was lost."""
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"
    """Life went on before it could be written; nothing was or will be."""
    DEAD = "dead"
    """Refused for good; `last_error` says why."""


PROVEN_SINCE = "proven_since"
"""Why a move back and its texts were given up: all that it lacked is there by now."""

OPEN_STATES = (WriteState.NEW, WriteState.SENT, WriteState.UNKNOWN)


class WriteKind(StrEnum):
    """What a row writes."""

    MOVE_BACK = "move_back"
    MOVE_FORWARD = "move_forward"
    NOTE = "note"
    TAG = "tag"
    UNTAG = "untag"
    TASK = "task"


MOVES = (WriteKind.MOVE_BACK, WriteKind.MOVE_FORWARD)
"""Writes after which the deal stands elsewhere: they come back as moves in the CRM's log."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One intended write. `payload` is what its kind needs, see `command_of`; `log_id` is the move that it
    answers, empty for a move forward, which answers a person's press."""

    op_key: str
    seq: int
    deal_id: str
    log_id: str
    kind: WriteKind
    payload: dict[str, Any]
    expected: StageRef | None
    target: StageRef | None
    state: WriteState
    tries: int
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    last_error: str = ""


_ROWS = prepared(
    lambda: (
        select(outbox)
        .where(outbox.c.installation_id == value("tenant"), outbox.c.deal_id == value("deal_id"))
        .order_by(outbox.c.seq)
    )
)


_STATES = prepared(
    lambda: select(outbox.c.installation_id, outbox.c.deal_id, outbox.c.state).select_from(
        wanted(outbox, outbox.c.installation_id, outbox.c.deal_id)
    )
)


def states_of(conn: Connection, keys: Sequence[DealKey]) -> dict[DealKey, list[WriteState]]:
    """How far each write of the deals has come; most deals have none."""
    found: dict[DealKey, list[WriteState]] = {key: [] for key in keys}
    for row in _STATES.run(conn, keys=keys_of(keys)):
        found[DealKey(row.installation_id, row.deal_id)].append(WriteState(row.state))
    return found


def open_rows(conn: Connection, installation_id: int, deal_id: str) -> list[OutboxRow]:
    """The deal's writes that are not finished, in the order in which they are to be made."""
    return [row for row in rows_of(conn, installation_id, deal_id) if row.state in OPEN_STATES]


def rows_of(conn: Connection, installation_id: int, deal_id: str) -> list[OutboxRow]:
    """All writes of the deal, in order."""
    return [_read(row) for row in _ROWS.run(conn, tenant=installation_id, deal_id=deal_id)]


def command_of(row: OutboxRow, installation_id: int, *, is_left: bool = False) -> Command:
    """The command that the row stands for.

    `is_left`: the deal could not be moved back, so texts say that it stands where it is.
    """
    match row.kind:
        case WriteKind.MOVE_BACK | WriteKind.MOVE_FORWARD:
            if row.expected is None or row.target is None:
                raise ValueError(f"a move without its stages: {row.op_key}")
            make = MoveBack if row.kind is WriteKind.MOVE_BACK else MoveForward
            return make(row.deal_id, row.expected, row.target)
        case WriteKind.TAG:
            return AddTag(row.deal_id, str(row.payload["tag"]), str(row.payload.get("text", "")))
        case WriteKind.UNTAG:
            return RemoveTag(row.deal_id, str(row.payload["tag"]))
        case WriteKind.NOTE:
            return AddNote(row.deal_id, _text(row, installation_id, is_left=is_left))
        case WriteKind.TASK:
            text = _text(row, installation_id, is_left=is_left)
            due_at = from_micros(int(row.payload["due_at"]))
            return AddTask(row.deal_id, text, str(row.payload["responsible_id"]), due_at)


def marker(installation_id: int, op_key: str) -> str:
    """What a text ends with, so that our own note can be found again: `#ref:` and 8 hex digits."""
    digest = sha256(f"{installation_id}:{op_key}".encode()).hexdigest()
    return f"#ref:{digest[:8]}"


def _text(row: OutboxRow, installation_id: int, *, is_left: bool) -> str:
    text = (row.payload.get("text_if_left") if is_left else None) or row.payload["text"]
    return f"{text}\n{marker(installation_id, row.op_key)}"


def _read(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        op_key=row.op_key,
        seq=row.seq,
        deal_id=row.deal_id,
        log_id=row.log_id,
        kind=WriteKind(row.kind),
        payload=dict(row.payload),
        expected=StageRef.parse(row.expected_stage) if row.expected_stage else None,
        target=StageRef.parse(row.target_stage) if row.target_stage else None,
        state=WriteState(row.state),
        tries=row.tries,
        created_at=row.created_at,
        sent_at=row.sent_at,
        next_at=row.next_at,
        last_error=row.last_error,
    )
