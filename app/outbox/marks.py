"""Changes of one write's state; each is a transaction of its own, made by whoever holds the lane."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from app.db.lane import ClaimedLane, heartbeat
from app.db.tables import outbox, stage_move
from app.domain.deal import MoveOrigin
from app.outbox.rows import OPEN_STATES, OutboxRow, WriteKind, WriteState


def mark_sent(conn: Connection, lane: ClaimedLane, row: OutboxRow, now: datetime, lease: timedelta) -> bool:
    """Say, durably, that the write is about to be made; False when life has gone on meanwhile.

    Renews the lease, so that nobody else starts the same write. Raises LeaseLost.
    """
    heartbeat(conn, lane, now, lease)
    if row.kind is WriteKind.MOVE_BACK and has_newer_move(conn, lane, row):
        _set(conn, lane, row, state=WriteState.SUPERSEDED, done_at=now, next_at=None)
        return False
    _set(conn, lane, row, state=WriteState.SENT, sent_at=now, tries=row.tries + 1, next_at=None)
    return True


def finish(
    conn: Connection,
    lane: ClaimedLane,
    row: OutboxRow,
    state: WriteState,
    now: datetime,
    *,
    error: str = "",
    ref: str = "",
    echo_log_id: str = "",
    told: Mapping[str, str] | None = None,
    may_echo: bool = True,
) -> None:
    """Close the write. `error` is a stable code; `ref` the CRM's id of what was made; `told` is what else
    the CRM said, for the card. Unless it `may_echo`, no entry of the log is taken for it any more."""
    values: dict[str, Any] = {"done_at": now, "next_at": None, "last_error": error, "crm_ref": ref[:128]}
    if told:
        values["payload"] = {**row.payload, **told}
    if echo_log_id:
        values["echo_log_id"] = echo_log_id
    if not may_echo:
        values["sent_at"] = None
    _set(conn, lane, row, state=state, **values)


def put_off(
    conn: Connection,
    lane: ClaimedLane,
    row: OutboxRow,
    state: WriteState,
    next_at: datetime | None,
    error: str = "",
    **values: Any,
) -> None:
    """Leave the write for later, in `state`."""
    _set(conn, lane, row, state=state, next_at=next_at, last_error=error, **values)


def has_newer_move(conn: Connection, lane: ClaimedLane, row: OutboxRow) -> bool:
    """True when the ledger knows a move of somebody else after the one that the write is about."""
    tenant = lane.key.installation_id
    base = conn.execute(
        select(stage_move.c.occurred_at).where(
            stage_move.c.installation_id == tenant, stage_move.c.log_id == row.log_id
        )
    ).one()
    newer = select(stage_move.c.log_id).where(
        stage_move.c.installation_id == tenant,
        stage_move.c.deal_id == row.deal_id,
        stage_move.c.origin != MoveOrigin.OWN.value,
        or_(
            stage_move.c.occurred_at > base.occurred_at,
            and_(stage_move.c.occurred_at == base.occurred_at, stage_move.c.log_id > row.log_id),
        ),
    )
    return conn.execute(newer.limit(1)).first() is not None


def _set(conn: Connection, lane: ClaimedLane, row: OutboxRow, *, state: WriteState, **values: Any) -> None:
    """Only open rows change: a row that an echo has confirmed stays so."""
    conn.execute(
        update(outbox)
        .where(
            outbox.c.installation_id == lane.key.installation_id,
            outbox.c.op_key == row.op_key,
            outbox.c.state.in_(OPEN_STATES),
        )
        .values(state=state.value, **values)
    )
