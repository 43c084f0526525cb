"""Forgetting what was kept for a while only."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from app.db.tables import authorize_state, delivery, seen_token
from app.inbox.receive import QUARANTINED

KEPT = timedelta(days=7)
KEPT_IN_QUARANTINE = timedelta(days=30)
PORTION = 1000
"""Rows per transaction: pruning must not hold up the door."""


def prune(conn: Connection, now: datetime) -> int:
    """Delete one portion of what is past its time; returns how many rows went. Call until it is 0."""
    return (
        _prune_deliveries(conn, now - KEPT, is_quarantined=False)
        + _prune_deliveries(conn, now - KEPT_IN_QUARANTINE, is_quarantined=True)
        + conn.execute(delete(seen_token).where(seen_token.c.expires_at <= now)).rowcount
        + conn.execute(delete(authorize_state).where(authorize_state.c.expires_at <= now)).rowcount
    )


def _prune_deliveries(conn: Connection, before: datetime, *, is_quarantined: bool) -> int:
    state = delivery.c.state == QUARANTINED if is_quarantined else delivery.c.state != QUARANTINED
    old = (
        select(delivery.c.id)
        .where(delivery.c.received_at <= before, state)
        .order_by(delivery.c.received_at)
        .limit(PORTION)
    )
    return conn.execute(delete(delivery).where(delivery.c.id.in_(old))).rowcount
