"""SQL of the panel. The sums are read per day or month, segment and manager, and waits from a sample,
so the cost of a report does not grow with the number of deals ever seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, or_, select, type_coerce
from sqlalchemy.sql.selectable import FromClause

from app.analytics.facts import DAY, MONTH
from app.analytics.thinning import levels_for
from app.db.tables import deal_step, step_sum

ENOUGH = 1_000
"""Deals of a step that its median is taken from: all when there are no more, else an even sample of
500 to 1,000, whose median lies within about four percentiles of the true one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: deals created from `first` to `last` (account's days, inclusive)."""

    installation_id: int
    pipeline_id: str
    first: date
    last: date
    segment_key: str = ""
    responsible_id: str = ""


@dataclass(frozen=True, slots=True)
class StepTotals:
    """Sums over one step of one segment."""

    deals: int
    done: int
    ordered: int
    claimed: int


def totals_by_step(conn: Connection, scope: Scope) -> Mapping[tuple[str, str], StepTotals]:
    """The sums per (segment key, step key) within the scope."""
    columns = step_sum.c
    query = (
        select(
            columns.segment_key,
            columns.step_key,
            *(func.sum(columns[name]).label(name) for name in ("deals", "done", "ordered", "claimed")),
        )
        .where(*who(step_sum, scope), or_(*_when(scope)))
        .group_by(columns.segment_key, columns.step_key)
    )
    return {
        (row.segment_key, row.step_key): StepTotals(
            int(row.deals), int(row.done), int(row.ordered), int(row.claimed)
        )
        for row in conn.execute(query)
    }


def _when(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """Whole months by their sums, the days before and after them by theirs."""
    months = whole_months(scope.first, scope.last)
    stretches = [(DAY, scope.first, scope.last)]
    if months:
        begins, ends = months
        before, after = begins - timedelta(days=1), ends + timedelta(days=1)
        stretches = [(DAY, scope.first, before), (MONTH, begins, ends), (DAY, after, scope.last)]
    for grain, first, last in stretches:
        if first <= last:
            days = step_sum.c.cohort_day.between(first.toordinal(), last.toordinal())
            yield and_(step_sum.c.grain == grain, days)


def whole_months(first: date, last: date) -> tuple[date, date] | None:
    """First and last day of the whole months between two days, inclusive; None when there is none.

    >>> whole_months(date(2026, 1, 2), date(2026, 3, 30))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = (last + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return (begins, ends) if begins < ends else None


def median_waits(
    conn: Connection, scope: Scope, segment_key: str, counts: Mapping[str, int], *, ordered: bool
) -> dict[str, float]:
    """Median seconds from the step before to each step, over deals that took both.

    `counts` says, in the client's order, how many deals took each step. A negative wait (the step
    came before its predecessor) is left out. Of many deals an even sample is read.
    """
    waits = {}
    for before, step_key in pairwise(counts):
        levels = levels_for(counts[step_key], ENOUGH)
        median = _median_wait(conn, scope, segment_key, (before, step_key), levels, ordered=ordered)
        if median is not None:
            waits[step_key] = median
    return waits


def _median_wait(
    conn: Connection,
    scope: Scope,
    segment_key: str,
    steps: tuple[str, str],
    levels: range,
    *,
    ordered: bool,
) -> float | None:
    column = "ordered_at" if ordered else "done_at"
    this, that = deal_step.alias("this"), deal_step.alias("that")
    wait = type_coerce(this.c[column], BigInteger) - type_coerce(that.c[column], BigInteger)
    joined = this.join(
        that,
        and_(
            that.c.installation_id == this.c.installation_id,
            that.c.deal_id == this.c.deal_id,
            that.c.step_key == steps[0],
        ),
    )
    query = (
        select(wait.label("wait"))
        .select_from(joined)
        .where(within(this, scope), this.c.segment_key == segment_key, this.c.step_key == steps[1])
        .where(this.c.thinning.in_(levels), this.c[column] >= that.c[column])
        .order_by("wait")
    )
    found = [float(row.wait) for row in conn.execute(query)]
    return _middle(found) / 1e6 if found else None


def _middle(ordered: list[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def within(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """The rows of `deal_step` that the scope is about."""
    days = table.c.cohort_day.between(scope.first.toordinal(), scope.last.toordinal())
    return and_(*who(table, scope), days)


def who(table: FromClause, scope: Scope) -> Iterator[ColumnElement[bool]]:
    """The rows of `deal_step` or `step_sum` of the scope's deals, whenever they were made."""
    yield table.c.installation_id == scope.installation_id
    yield table.c.pipeline_id == scope.pipeline_id
    if scope.segment_key:
        yield table.c.segment_key == scope.segment_key
    if scope.responsible_id:
        yield table.c.responsible_id == scope.responsible_id
