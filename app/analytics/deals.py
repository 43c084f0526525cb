"""The deals behind a number of the panel, newest first, a page at a time."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal, tuple_

from app.analytics.deal_queries import DealState, Question, deals_of_month, months_of
from app.analytics.queries import Scope
from app.db.tables import deal
from app.db.types import from_micros, to_micros
from app.domain.funnel import Funnel, FunnelVersion
from app.domain.stage import StageRef
from app.errors import BadRequest

PAGE = 50
PLACE = re.compile(r"([0-9]{1,6}):([0-9]{1,16}):(.{1,64})")


@dataclass(frozen=True, slots=True)
class DealBehind:
    """One deal of a number. `since` is when it came to where the number counts it: the step was
    taken, the step before it was taken (or the deal was made), the stage was claimed."""

    id: str
    title: str
    stage: StageRef
    responsible_id: str
    since: datetime


def deals_behind(
    conn: Connection, scope: Scope, version: FunnelVersion, asked: Question, after: str = ""
) -> tuple[list[DealBehind], str]:
    """A page of at most 50 deals, newest first, and where the next one begins, empty at the end.

    `after` is what the page before gave. Nobody is dropped at an optional step or at a gate. Only
    months whose sums hold such deals are looked through. Raises BadRequest for an `after` that no
    page gave.
    """
    before = _steps_before(version, asked.step_key)
    if asked.state is DealState.DROPPED and not before:
        return [], ""
    place = _Place.parse(after) if after else None
    found: list[tuple[int, Row[Any]]] = []
    for month in months_of(conn, scope, asked, before):
        if place and month > place.month:
            continue
        query = deals_of_month(conn, scope, asked, before, month).limit(PAGE + 1 - len(found))
        if place and month == place.month:
            query = query.where(place.older)
        found += [(month, row) for row in conn.execute(query)]
        if len(found) > PAGE:
            of_month, last = found[PAGE - 1]
            next_place = _Place(of_month, last.created_at, last.deal_id)
            return [_read(row) for _, row in found[:PAGE]], str(next_place)
    return [_read(row) for _, row in found], ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended: the month (an ordinal) that the deal is counted in, its birth and its id."""

    month: int
    born: datetime
    deal_id: str

    def __str__(self) -> str:
        return f"{self.month}:{to_micros(self.born)}:{self.deal_id}"

    @classmethod
    def parse(cls, text: str) -> "_Place":
        """What `str()` wrote. Raises BadRequest."""
        found = PLACE.fullmatch(text)
        if found is None:
            raise BadRequest("This list has changed. Open it again.", code="page_unknown")
        return cls(int(found[1]), from_micros(int(found[2])), found[3])

    @property
    def older(self) -> ColumnElement[bool]:
        """Deals that come after this place."""
        here = tuple_(literal(self.born, deal.c.created_at.type), literal(self.deal_id))
        return tuple_(deal.c.created_at, deal.c.deal_id) < here


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


def _read(row: Row[tuple[object, ...]]) -> DealBehind:
    stage = StageRef(row.pipeline_id, row.stage_id)
    return DealBehind(row.deal_id, row.title, stage, row.responsible_id, row.since or row.created_at)
