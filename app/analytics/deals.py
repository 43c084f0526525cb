"""The deals behind a number of the panel, newest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, and_, case, literal, or_, select, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.analytics.facts import zone_of
from app.analytics.period import moments_of
from app.analytics.queries import Scope, within
from app.analytics.report import Order
from app.db.tables import deal, deal_step
from app.db.types import from_micros, to_micros
from app.domain.funnel import Funnel, FunnelVersion
from app.domain.stage import StageRef
from app.errors import BadRequest

PAGE = 50
SLACK = timedelta(days=2)
"""The account's zone may have been changed since a deal's day was noted."""


class DealState(StrEnum):
    """Which deals of a step: whose client took it, whose client stopped before it, and those that
    the seller's status puts there although the client did not take it."""

    REACHED = "reached"
    DROPPED = "dropped"
    CLAIMED_ONLY = "claimed_only"


@dataclass(frozen=True, slots=True)
class DealBehind:
    """One deal of a number. `since` is when it came to where the number counts it: the step was
    taken, the step before it was taken (or the deal was made), the stage was claimed."""

    id: str
    title: str
    stage: StageRef
    responsible_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Deals of `step_key` in that state; `order` as in the report whose number was clicked."""

    step_key: str
    state: DealState
    order: Order = Order.ORDERED


def deals_behind(
    conn: Connection, scope: Scope, version: FunnelVersion, asked: Question, after: str = ""
) -> tuple[list[DealBehind], str]:
    """A page of at most 50 deals, newest first, and where the next one begins, empty at the end.

    `after` is what the page before gave. Nobody is dropped at an optional step or at a gate.
    Raises BadRequest for an `after` that no page gave.
    """
    before = _steps_before(version, asked.step_key)
    if asked.state is DealState.DROPPED and not before:
        return [], ""
    this, that = deal_step.alias("this"), deal_step.alias("that")
    previous = case(before, value=this.c.segment_key, else_="") if before else literal("")
    query = (
        select(
            deal.c.deal_id,
            deal.c.title,
            deal.c.pipeline_id,
            deal.c.stage_id,
            deal.c.responsible_id,
            deal.c.created_at,
            _since(asked, this, that).label("since"),
        )
        .select_from(
            deal.join(this, _step_of_deal(this, deal, literal(asked.step_key))).outerjoin(
                that, _step_of_deal(that, this, previous)
            )
        )
        .where(*_of_period(conn, scope), within(this, scope), _is_in_state(asked, this, that, previous))
        .order_by(deal.c.created_at.desc(), deal.c.deal_id.desc())
        .limit(PAGE + 1)
    )
    if after:
        query = query.where(tuple_(deal.c.created_at, deal.c.deal_id) < _place(after))
    rows = conn.execute(query).all()
    return [_read(row) for row in rows[:PAGE]], _cursor(rows[PAGE - 1]) if len(rows) > PAGE else ""


def _steps_before(version: FunnelVersion, step_key: str) -> dict[str, str]:
    """Per segment the step that a deal must have taken to be dropped at `step_key`, "" for none."""
    found = ((funnel.segment.key, _step_before(funnel, step_key)) for funnel in version.funnels)
    return {segment: before for segment, before in found if before is not None}


def _step_before(funnel: Funnel, step_key: str) -> str | None:
    checkpoint = funnel.checkpoint(step_key)
    if checkpoint is None or checkpoint.is_optional:
        return None
    earlier = funnel.checkpoints[: funnel.checkpoints.index(checkpoint)]
    return next((each.key for each in reversed(earlier) if not each.is_optional), "")


def _step_of_deal(step: FromClause, of: FromClause, key: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        step.c.installation_id == of.c.installation_id,
        step.c.deal_id == of.c.deal_id,
        step.c.step_key == key,
    )


def _of_period(conn: Connection, scope: Scope) -> Sequence[ColumnElement[bool]]:
    begins, ends = moments_of(scope.first, scope.last, zone_of(conn, scope.installation_id))
    return (
        deal.c.installation_id == scope.installation_id,
        deal.c.pipeline_id == scope.pipeline_id,
        deal.c.created_at.between(begins - SLACK, ends + SLACK),
    )


def _is_in_state(
    asked: Question, this: FromClause, that: FromClause, previous: ColumnElement[str]
) -> ColumnElement[bool]:
    taken = _taken(asked)
    match asked.state:
        case DealState.REACHED:
            return this.c[taken].is_not(None)
        case DealState.DROPPED:
            return and_(this.c[taken].is_(None), or_(that.c[taken].is_not(None), previous == ""))
        case DealState.CLAIMED_ONLY:
            return and_(this.c.claimed_at.is_not(None), this.c.done_at.is_(None))


def _since(asked: Question, this: FromClause, that: FromClause) -> ColumnElement[datetime]:
    taken = _taken(asked)
    match asked.state:
        case DealState.REACHED:
            return this.c[taken]
        case DealState.DROPPED:
            return that.c[taken]
        case DealState.CLAIMED_ONLY:
            return this.c.claimed_at


def _taken(asked: Question) -> str:
    return "ordered_at" if asked.order is Order.ORDERED else "done_at"


def _read(row: Row[tuple[object, ...]]) -> DealBehind:
    stage = StageRef(row.pipeline_id, row.stage_id)
    return DealBehind(row.deal_id, row.title, stage, row.responsible_id, row.since or row.created_at)


def _cursor(row: Row[tuple[object, ...]]) -> str:
    return f"{to_micros(row.created_at)}:{row.deal_id}"


def _place(after: str) -> ColumnElement[tuple[datetime, str]]:
    micros, _, deal_id = after.partition(":")
    if not (deal_id and micros.isascii() and micros.isdigit() and len(micros) <= 16):
        raise BadRequest("This list has changed. Open it again.", code="page_unknown")
    return tuple_(literal(from_micros(int(micros)), deal.c.created_at.type), literal(deal_id))
