"""The statements of a lane's life, built once: building one costs more than running it.

This is the only module that knows SKIP LOCKED.
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    String,
    Update,
    bindparam,
    case,
    exists,
    literal_column,
    null,
    or_,
    select,
    update,
)

from app.db.tables import installation, lane
from app.db.types import Instant

MAX_CRASHES = 5
"""Claims that ended without a word: more of them and the lane is parked."""

OPEN = literal_column("'open'", String)
"""Written out, not bound: a bound value does not match the condition of a partial index."""


def _moment(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=Instant)


def _claimable(head_at: ColumnElement[Any] = lane.c.head_at) -> tuple[ColumnElement[bool], ...]:
    # The first two repeat the condition of the partial index word for word, or it is not used.
    return (
        lane.c.head_at.is_not(None),
        lane.c.state == OPEN,
        head_at <= _moment("now"),
        or_(lane.c.lease_until.is_(None), lane.c.lease_until <= _moment("now")),
        lane.c.crashes < literal_column(str(MAX_CRASHES), Integer),
    )


READY = (
    select(installation.c.id)
    .where(
        installation.c.state == "active",
        exists().where(lane.c.installation_id == installation.c.id, *_claimable()),
    )
    .order_by(installation.c.id)
)

# The plus keeps the store from looking lanes up by their time: it is to walk them by their turns.
_NEXT = (
    select(lane.c.installation_id, lane.c.entity, lane.c.entity_id)
    .where(
        lane.c.installation_id == bindparam("tenant"),
        *_claimable(literal_column("+lane.head_at", Instant)),
    )
    .order_by(lane.c.turn_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("next_lane")
)
CLAIM = (
    update(lane)
    .where(
        lane.c.installation_id == _NEXT.c.installation_id,
        lane.c.entity == _NEXT.c.entity,
        lane.c.entity_id == _NEXT.c.entity_id,
    )
    .values(
        lease_until=_moment("until"),
        owner=bindparam("new_owner"),
        fence=lane.c.fence + 1,
        crashes=lane.c.crashes + 1,
        turn_at=_moment("last_turn"),
        timer_at=case((lane.c.timer_at <= _moment("now"), null()), else_=lane.c.timer_at),
    )
    .returning(
        lane.c.entity,
        lane.c.entity_id,
        lane.c.want_seq,
        lane.c.log_cursor,
        lane.c.fence,
        lane.c.crashes,
        lane.c.tries,
    )
)


def _by_holder(**values: Any) -> Update:
    """A change that only the holder of the lane can make."""
    return (
        update(lane)
        .where(
            lane.c.installation_id == bindparam("tenant"),
            lane.c.entity == bindparam("kind"),
            lane.c.entity_id == bindparam("whose"),
            lane.c.fence == bindparam("my_fence"),
            lane.c.owner == bindparam("my_name"),
        )
        .values(**values)
    )


def _given_back(**values: Any) -> Update:
    return _by_holder(lease_until=null(), owner=null(), **values)


HEARTBEAT = _by_holder(lease_until=_moment("until"))
POSTPONE = _given_back(
    head_at=_moment("retry_at"),
    turn_at=_moment("retry_at"),
    crashes=0,
    tries=lane.c.tries + 1,
    last_error=bindparam("error"),
)
PARK = _given_back(head_at=_moment("now"), state="parked", last_error=bindparam("error"))
