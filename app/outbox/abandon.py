"""Giving up what a deal's writes were for."""

from datetime import datetime

from sqlalchemy import Connection, update

from app.db.tables import outbox
from app.outbox.rows import OPEN_STATES, WriteState


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
