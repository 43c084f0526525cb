"""Loop breakers: how much Stepgate may write at all, whatever the verdicts say."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from app.db.tables import outbox
from app.outbox.rows import WriteKind, WriteState

REVERT_PAUSE = timedelta(hours=1)
"""One move back per deal and hour, then the gate only warns."""

DEAL_PAUSE = timedelta(hours=1)
STOPS_PER_DEAL = 3
"""Stops of one deal within `DEAL_PAUSE` that are written about; more is a quarrel with a robot."""

ACCOUNT_WINDOW = timedelta(minutes=10)
WRITES_PER_ACCOUNT = 60
NO_STOPS = (WriteKind.MOVE_FORWARD, WriteKind.UNTAG)
"""What a seller has asked for, and what is taken off a deal again: neither is part of a stop."""

WRITES_OF_STOP = len(WriteKind) - len(NO_STOPS)
"""A stop writes all that there is beside those, at most."""

_DONE_OR_DOING = (WriteState.NEW, WriteState.SENT, WriteState.UNKNOWN, WriteState.CONFIRMED)


def is_reverted_lately(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> bool:
    """True when the deal was moved back, or is about to be, within the last hour."""
    query = select(func.count()).where(
        outbox.c.installation_id == installation_id,
        outbox.c.deal_id == deal_id,
        outbox.c.kind == WriteKind.MOVE_BACK.value,
        outbox.c.state.in_(_DONE_OR_DOING),
        outbox.c.created_at > now - REVERT_PAUSE,
    )
    return bool(conn.scalar(query))


def is_capped(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> bool:
    """True when this deal has had its share of stops for now."""
    stops = conn.scalar(
        select(func.count(outbox.c.log_id.distinct())).where(
            *_stops_of(installation_id),
            outbox.c.deal_id == deal_id,
            outbox.c.created_at > now - DEAL_PAUSE,
        )
    )
    return (stops or 0) >= STOPS_PER_DEAL


def is_account_full(conn: Connection, installation_id: int, now: datetime) -> bool:
    """True when the whole account has had its share of texts: deals still go back, but in silence.

    A move back is bounded by itself, one per deal and hour; a mass move must not open the gate. However
    many sellers have their deals moved on, the others hear why a deal went back.
    """
    query = select(func.count()).where(
        *_stops_of(installation_id), outbox.c.created_at > now - ACCOUNT_WINDOW
    )
    return (conn.scalar(query) or 0) + WRITES_OF_STOP > WRITES_PER_ACCOUNT


def _stops_of(installation_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.installation_id == installation_id,
        outbox.c.state != WriteState.SUPERSEDED.value,
        outbox.c.kind.not_in([kind.value for kind in NO_STOPS]),
    )
