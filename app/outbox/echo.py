"""Recognising our own write when it comes back from the CRM's log."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from app.db.prepared import prepared, value
from app.db.tables import outbox, stage_move
from app.domain.deal import MoveOrigin, StageMove
from app.outbox.rows import MOVES, OPEN_STATES, WriteState

CLOCKS_APART = timedelta(seconds=30)
"""How much earlier than our own clock the CRM may have dated our write."""

WINDOW = timedelta(minutes=10)
"""How long after sending a write its entry may be dated."""


_ECHO_OF = prepared(
    lambda: select(outbox.c.op_key).where(
        outbox.c.installation_id == value("tenant"),
        outbox.c.deal_id == value("deal_id"),
        outbox.c.echo_log_id == value("log_id"),
    )
)
_EXPECTING = prepared(
    lambda: (
        select(outbox.c.op_key)
        .where(
            outbox.c.installation_id == value("tenant"),
            outbox.c.deal_id == value("deal_id"),
            outbox.c.kind.in_([kind.value for kind in MOVES]),
            outbox.c.expected_stage == value("came_from"),
            outbox.c.target_stage == value("went_to"),
            outbox.c.echo_log_id == "",
            outbox.c.state != WriteState.NEW.value,
            outbox.c.sent_at.between(value("earliest"), value("latest")),
        )
        .order_by(outbox.c.seq)
        .limit(1)
    )
)


def claim_echo(
    conn: Connection, installation_id: int, move: StageMove, service_user_id: str, now: datetime
) -> bool:
    """True when `move` is a write of ours; then it is marked so in the ledger and in the outbox.

    It is ours when we sent exactly that change at that time, no other entry has been taken for it,
    and the CRM names our own user as the author, where it names one.
    """
    if move.actor_id and service_user_id and move.actor_id != service_user_id:
        return False
    op_key = _known_echo(conn, installation_id, move) or _expectation(conn, installation_id, move)
    if op_key is None:
        return False
    of_row = (outbox.c.installation_id == installation_id, outbox.c.op_key == op_key)
    conn.execute(update(outbox).where(*of_row).values(echo_log_id=move.log_id))
    conn.execute(
        update(outbox)
        .where(*of_row, outbox.c.state.in_(OPEN_STATES))
        .values(state=WriteState.CONFIRMED.value, done_at=now, next_at=None)
    )
    conn.execute(
        update(stage_move)
        .where(stage_move.c.installation_id == installation_id, stage_move.c.log_id == move.log_id)
        .values(origin=MoveOrigin.OWN.value)
    )
    return True


def _known_echo(conn: Connection, installation_id: int, move: StageMove) -> str | None:
    op_key: str | None = _ECHO_OF.run(
        conn, tenant=installation_id, deal_id=move.deal_id, log_id=move.log_id
    ).scalar()
    return op_key


def _expectation(conn: Connection, installation_id: int, move: StageMove) -> str | None:
    if move.from_stage is None:
        return None
    op_key: str | None = _EXPECTING.run(
        conn,
        tenant=installation_id,
        deal_id=move.deal_id,
        came_from=str(move.from_stage),
        went_to=str(move.to_stage),
        earliest=move.occurred_at - WINDOW,
        latest=move.occurred_at + CLOCKS_APART,
    ).scalar()
    return op_key
