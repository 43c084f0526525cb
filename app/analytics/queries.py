"""SQL of the panel. The sums are read per day, segment and manager, so the cost of a report does
not grow with the number of deals ever seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, select, type_coerce
from sqlalchemy.sql.selectable import FromClause

from app.db.tables import deal_step, step_sum

EXACT_MEDIAN_LIMIT = 20_000
"""Medians read every deal of a step; above this many they are left out."""


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
        .where(within(step_sum, scope))
        .group_by(columns.segment_key, columns.step_key)
    )
    return {
        (row.segment_key, row.step_key): StepTotals(
            int(row.deals), int(row.done), int(row.ordered), int(row.claimed)
        )
        for row in conn.execute(query)
    }


def median_waits(
    conn: Connection, scope: Scope, segment_key: str, step_keys: list[str], *, ordered: bool
) -> dict[str, float]:
    """Median seconds from the step before to each step, over deals that took both.

    A negative wait (the step came before its predecessor) is left out.
    """
    waits = {}
    for before, step_key in pairwise(step_keys):
        median = _median_wait(conn, scope, segment_key, before, step_key, ordered=ordered)
        if median is not None:
            waits[step_key] = median
    return waits


def _median_wait(
    conn: Connection, scope: Scope, segment_key: str, before: str, step_key: str, *, ordered: bool
) -> float | None:
    column = "ordered_at" if ordered else "done_at"
    this, that = deal_step.alias("this"), deal_step.alias("that")
    wait = type_coerce(this.c[column], BigInteger) - type_coerce(that.c[column], BigInteger)
    joined = this.join(
        that,
        and_(
            that.c.installation_id == this.c.installation_id,
            that.c.deal_id == this.c.deal_id,
            that.c.step_key == before,
        ),
    )
    query = (
        select(wait.label("wait"))
        .select_from(joined)
        .where(within(this, scope), this.c.segment_key == segment_key, this.c.step_key == step_key)
        .where(this.c[column] >= that.c[column])
        .order_by("wait")
        .limit(EXACT_MEDIAN_LIMIT + 1)
    )
    found = [float(row.wait) for row in conn.execute(query)]
    return _middle(found) / 1e6 if 0 < len(found) <= EXACT_MEDIAN_LIMIT else None


def _middle(ordered: list[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def within(table: FromClause, scope: Scope) -> ColumnElement[bool]:
    """The rows of `deal_step` or `step_sum` that the scope is about."""
    conditions = [
        table.c.installation_id == scope.installation_id,
        table.c.pipeline_id == scope.pipeline_id,
        table.c.cohort_day.between(scope.first.toordinal(), scope.last.toordinal()),
    ]
    if scope.segment_key:
        conditions.append(table.c.segment_key == scope.segment_key)
    if scope.responsible_id:
        conditions.append(table.c.responsible_id == scope.responsible_id)
    return and_(*conditions)
