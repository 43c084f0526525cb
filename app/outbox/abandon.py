"""Giving up what a deal's writes were for."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from app.db.tables import outbox
from app.outbox.rows import MOVES, OPEN_STATES, WriteKind, WriteState


def abandon(conn: Connection, installation_id: int, deal_id: str, reason: str, now: datetime) -> None:
    """Finish all open writes of the deal as dead; `reason` is a stable code for the card."""
    conn.execute(
        update(outbox)
        .where(
            outbox.c.installation_id == installation_id,
            outbox.c.deal_id == deal_id,
            outbox.c.state.in_(OPEN_STATES),
        )
        .values(state=WriteState.DEAD.value, last_error=reason, done_at=now, next_at=None)
    )


def overtake(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> None:
    """Give up moves that were not tried yet, and the texts about them: the deal has moved on."""
    untried = (
        outbox.c.installation_id == installation_id,
        outbox.c.deal_id == deal_id,
        outbox.c.state == WriteState.NEW.value,
    )
    query = select(outbox.c.log_id).where(*untried, outbox.c.kind.in_([kind.value for kind in MOVES]))
    if log_ids := list(conn.scalars(query)):
        conn.execute(
            update(outbox)
            .where(*untried, outbox.c.log_id.in_(log_ids))
            .values(state=WriteState.SUPERSEDED.value, done_at=now, next_at=None)
        )


def call_off(conn: Connection, installation_id: int, log_id: str, reason: str, now: datetime) -> None:
    """Give up what was to be written about one move and was not tried yet; `reason` is a stable code."""
    conn.execute(
        update(outbox)
        .where(
            outbox.c.installation_id == installation_id,
            outbox.c.log_id == log_id,
            outbox.c.state == WriteState.NEW.value,
        )
        .values(state=WriteState.SUPERSEDED.value, last_error=reason, done_at=now, next_at=None)
    )


def stop_forward(conn: Connection, installation_id: int, deal_id: str, reason: str, now: datetime) -> None:
    """Give up moves forward of the deal that were not tried yet; `reason` is a stable code for the card."""
    conn.execute(
        update(outbox)
        .where(
            outbox.c.installation_id == installation_id,
            outbox.c.deal_id == deal_id,
            outbox.c.kind == WriteKind.MOVE_FORWARD.value,
            outbox.c.state == WriteState.NEW.value,
        )
        .values(state=WriteState.SUPERSEDED.value, last_error=reason, done_at=now, next_at=None)
    )
