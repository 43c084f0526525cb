"""Fill a portal from an event log: cases become deals, activities stages, resources employees."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from app.sandbox.bitrix24.model import DEAL, Category
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from app.sandbox.event_rows import EventLogError, Row, cases_of, read_rows, stages_in_order, title_of

__all__ = ["MOST_STAGES", "EventLogError", "load_event_log"]

MOST_STAGES = 500
NOBODY = 0


def load_event_log(portal: Portal, path: Path) -> Category:
    """Put a log's cases into `portal` as deals of one funnel, silently, at their recorded times.

    The file is described at `event_rows.read_rows`. A case's first row creates its deal straight in that
    stage; a row that repeats the stage in which the deal stands makes no move. Raises EventLogError.
    """
    rows = read_rows(path)
    names = stages_in_order(rows, MOST_STAGES)
    category = portal.add_category(title_of(path), names, is_default=(DEAL, 0) not in portal.categories)
    stages = {stage.name: stage.status_id for stage in portal.stages_of(DEAL, category.id)[: len(names)]}
    users = {name: portal.add_user(name).id for name in sorted({row.resource for row in rows} - {""})}
    with portal.silent():
        for case, steps in cases_of(rows).items():
            _play(portal, category.id, case, steps, stages, users)
    return category


def _play(
    portal: Portal,
    category_id: int,
    case: str,
    steps: Sequence[Row],
    stages: dict[str, str],
    users: dict[str, int],
) -> None:
    first = steps[0]
    values: dict[str, object] = {"category_id": category_id, "stage_id": stages[first.activity]}
    deal = portal.make_item(case, Act(users.get(first.resource, NOBODY), first.at), values)
    for before, step in pairwise(steps):
        if step.activity != before.activity:
            act = Act(users.get(step.resource, NOBODY), step.at)
            portal.update_item(deal, {"stage_id": stages[step.activity]}, act)
