"""Which deals a number of the panel stands for, as SQL: the months that may hold some, and theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select
from sqlalchemy.sql.selectable import FromClause

from app.analytics.facts import MONTH, month_of, zone_of
from app.analytics.period import moments_of
from app.analytics.queries import Scope, who, within
from app.analytics.report import Order
from app.db.tables import deal, deal_step, step_sum

SLACK = timedelta(days=2)
"""The account's zone may have been changed since a deal's day was noted."""


class DealState(StrEnum):
    """Which deals of a step: whose client took it, whose client stopped before it, and those that
    the seller's status puts there although the client did not take it."""

    REACHED = "reached"
    DROPPED = "dropped"
    CLAIMED_ONLY = "claimed_only"


@dataclass(frozen=True, slots=True)
class Question:
    """Deals of `step_key` in that state; `order` as in the report whose number was clicked."""

    step_key: str
    state: DealState
    order: Order = Order.ORDERED


def months_of(conn: Connection, scope: Scope, asked: Question, before: Mapping[str, str]) -> list[int]:
    """First days of the months that may hold such deals, newest first."""
    first, last = month_of(scope.first.toordinal()), scope.last.toordinal()
    columns = step_sum.c
    previous = _previous(before, step_sum)
    query = (
        select(columns.cohort_day)
        .where(*who(step_sum, scope), columns.grain == MONTH, columns.cohort_day.between(first, last))
        .where(columns.step_key.in_((asked.step_key, *before.values())))
        .group_by(columns.cohort_day)
        .having(func.sum(_count(asked, previous)) > 0)
        .order_by(columns.cohort_day.desc())
    )
    return list(conn.scalars(query))


def _count(asked: Question, previous: ColumnElement[str]) -> ColumnElement[int]:
    """What a row of the sums adds to the number of such deals.

    In order, whoever took the step before and not this one is dropped here. In any order nothing
    sums up to that, and all who did not take the step are looked at.
    """
    columns = step_sum.c
    taken: ColumnElement[int] = columns.ordered if asked.order is Order.ORDERED else columns.done
    is_this = columns.step_key == asked.step_key
    if asked.state is DealState.REACHED:
        return case((is_this, taken), else_=0)
    if asked.state is DealState.CLAIMED_ONLY:
        return case((is_this, columns.ahead), else_=0)
    if asked.order is Order.ANY:
        return case((is_this, columns.deals - taken), else_=0)
    entered = case((previous == "", columns.deals), else_=0)
    return case((is_this, entered - taken), (columns.step_key == previous, taken), else_=0)


def _previous(before: Mapping[str, str], table: FromClause) -> ColumnElement[str]:
    return case(before, value=table.c.segment_key, else_="") if before else literal("")


def deals_of_month(
    conn: Connection, scope: Scope, asked: Question, before: Mapping[str, str], month: int
) -> Select[Any]:
    """The deals of one month, newest first, each with the moment since when it counts."""
    begin = date.fromordinal(month)
    end = (begin + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    part = replace(scope, first=max(scope.first, begin), last=min(scope.last, end))
    this, that = deal_step.alias("this"), deal_step.alias("that")
    previous = _previous(before, this)
    of_step = _step_of_deal(this, deal, literal(asked.step_key))
    joined = deal.join(this, of_step).outerjoin(that, _step_of_deal(that, this, previous))
    return (
        select(
            deal.c.deal_id,
            deal.c.title,
            deal.c.pipeline_id,
            deal.c.stage_id,
            deal.c.responsible_id,
            deal.c.created_at,
            _since(asked, this, that).label("since"),
        )
        .select_from(joined)
        .where(*_of_period(conn, part), within(this, part), _is_in_state(asked, this, that, previous))
        .order_by(deal.c.created_at.desc(), deal.c.deal_id.desc())
    )


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
