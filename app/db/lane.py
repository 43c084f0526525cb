"""Lanes: the queue of one deal (or contact, or account), claimed as a whole so that order holds.

A lane is asleep while `head_at` is empty. A ring raises `want_seq`; whoever claims a lane remembers
the number that he saw, and his release puts the lane to sleep only if the number is still the same.
That comparison is made on the lane's own row: a look into another table would see an old snapshot
under READ COMMITTED and let a ring get lost.

The fence rises with every claim, so a worker that slept past its lease can no longer commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, and_, func, or_, select, update

from app.db.lane_batch import ClaimedLane, Done, claim_of, ready_installations, release_all
from app.db.lane_ring import AT_ONCE, LaneKey, ring, ring_each, wake_at
from app.db.lane_statements import (
    HEARTBEAT,
    MAX_CRASHES,
    OPEN,
    PARK,
    POSTPONE,
)
from app.db.tables import lane

ERROR_LENGTH = 500
CRASHED = "crashed"
"""The error of a lane whose runs ended without a word, `MAX_CRASHES` times in a row."""

__all__ = [
    "AT_ONCE",
    "CRASHED",
    "MAX_CRASHES",
    "ClaimedLane",
    "LaneKey",
    "LeaseLost",
    "ParkedLane",
    "Swept",
    "claim",
    "drop_parked",
    "heartbeat",
    "park",
    "parked_lanes",
    "postpone",
    "ready_installations",
    "release",
    "ring",
    "ring_each",
    "sweep",
    "unpark",
    "wake_at",
]


class LeaseLost(Exception):
    """Somebody else has claimed the lane since: nothing of this run may be committed."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: lanes asleep with work (must be 0) and lanes parked for crashing."""

    woken: int
    parked: int


@dataclass(frozen=True, slots=True)
class ParkedLane:
    """A lane that waits for a person since then."""

    key: LaneKey
    last_error: str
    crashes: int
    tries: int
    since: datetime | None


def claim(
    conn: Connection, installation_id: int, owner: str, now: datetime, lease: timedelta
) -> ClaimedLane | None:
    """Take the lane whose turn it is, or None when none is ready."""
    return next(iter(claim_of(conn, installation_id, owner, now, lease)), None)


def heartbeat(conn: Connection, claimed: ClaimedLane, now: datetime, lease: timedelta) -> None:
    """Keep the lane for another `lease`. Raises LeaseLost."""
    _change(conn, HEARTBEAT, claimed, until=now + lease)


def release(
    conn: Connection, claimed: ClaimedLane, *, log_cursor: str, next_at: datetime | None, now: datetime
) -> None:
    """Give the lane back: done as far as `log_cursor`, to be woken at `next_at` if at all.

    Belongs into the transaction that stores the outcome. Raises LeaseLost; roll back then.
    """
    if not release_all(conn, [Done(claimed, log_cursor, next_at)], now):
        raise LeaseLost


def postpone(
    conn: Connection, claimed: ClaimedLane, *, retry_at: datetime, error: str, now: datetime
) -> None:
    """Give the lane back unfinished. Rings do not shorten the wait. Raises LeaseLost."""
    _change(conn, POSTPONE, claimed, retry_at=max(retry_at, now), error=error[:ERROR_LENGTH])


def retry_now(conn: Connection, installation_id: int, now: datetime) -> None:
    """Let every lane of the installation that waits after a failure try at once."""
    waiting = (lane.c.state == "open", lane.c.last_error != "", lane.c.head_at > now)
    conn.execute(
        update(lane)
        .where(lane.c.installation_id == installation_id, *waiting)
        .values(head_at=now, turn_at=now)
    )


def park(conn: Connection, claimed: ClaimedLane, *, error: str, now: datetime) -> None:
    """Set the lane aside until a person looks at it; it keeps its work. Raises LeaseLost."""
    _change(conn, PARK, claimed, now=now, error=error[:ERROR_LENGTH])


def parked_lanes(conn: Connection, installation_id: int) -> list[ParkedLane]:
    """Lanes of that installation that wait for a person, the longest first."""
    query = select(lane).where(lane.c.installation_id == installation_id, lane.c.state == "parked")
    return [
        ParkedLane(
            LaneKey(installation_id, row.entity, row.entity_id),
            row.last_error,
            row.crashes,
            row.tries,
            # A lane's time stands still while it is parked.
            since=row.head_at,
        )
        for row in conn.execute(query.order_by(lane.c.head_at, lane.c.entity, lane.c.entity_id))
    ]


def unpark(conn: Connection, key: LaneKey, now: datetime) -> bool:
    """Try a parked lane again as if it had never failed; False when it is not parked."""
    return _free(conn, key, head_at=now, turn_at=now, last_error="")


def drop_parked(conn: Connection, key: LaneKey) -> bool:
    """Let a parked lane sleep without doing its work, until it is rung again; False when not parked."""
    turn_at = func.coalesce(lane.c.timer_at, 0)
    return _free(conn, key, head_at=lane.c.timer_at, turn_at=turn_at, done_seq=lane.c.want_seq, last_error="")


def sweep(conn: Connection, now: datetime) -> Swept:
    """The second wall: wake what sleeps with work, park what keeps crashing."""
    asleep = and_(lane.c.head_at.is_(None), lane.c.state == OPEN, lane.c.want_seq > lane.c.done_seq)
    woken = conn.execute(update(lane).where(asleep).values(head_at=now, turn_at=now)).rowcount
    crashing = and_(
        lane.c.state == OPEN,
        lane.c.head_at.is_not(None),
        lane.c.crashes >= MAX_CRASHES,
        or_(lane.c.lease_until.is_(None), lane.c.lease_until <= now),
    )
    parked = conn.execute(
        update(lane)
        .where(crashing)
        .values(
            state="parked",
            last_error=CRASHED,
            head_at=now,
            lease_until=None,
            owner=None,
        )
    ).rowcount
    return Swept(woken, parked)


def _free(conn: Connection, key: LaneKey, **values: Any) -> bool:
    changed = conn.execute(
        update(lane)
        .where(
            lane.c.installation_id == key.installation_id,
            lane.c.entity == key.entity,
            lane.c.entity_id == key.entity_id,
            lane.c.state == "parked",
        )
        .values(state="open", crashes=0, tries=0, **values)
    )
    return changed.rowcount == 1


def _change(conn: Connection, statement: Update, claimed: ClaimedLane, **values: Any) -> None:
    key = claimed.key
    mine = {
        "tenant": key.installation_id,
        "kind": key.entity,
        "whose": key.entity_id,
        "my_fence": claimed.fence,
        "my_name": claimed.owner,
    }
    if conn.execute(statement, mine | values).rowcount != 1:
        raise LeaseLost
