"""Fill an account from an event log: cases become leads, activities stages, resources users."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Pipeline
from app.sandbox.event_rows import EventLogError, Row, cases_of, read_rows, stages_in_order, title_of

__all__ = ["MOST_STAGES", "EventLogError", "load_event_log"]

SYSTEM_STATUSES = 3
MOST_STAGES = 100 - SYSTEM_STATUSES
NOBODY = 0


def load_event_log(account: Account, path: Path) -> Pipeline:
    """Put a log's cases into `account` as leads of one new pipeline, silently, at their recorded times.

    `path` is a CSV file, gzip-packed when its name ends in .gz, with columns for the case, the activity,
    the time (ISO 8601, UTC unless it says otherwise, or unix seconds) and, if there is one, the resource.
    A case's first row creates its lead straight in that stage; a row that repeats the stage in which the
    lead stands makes no move, as in the real CRM. Raises EventLogError.
    """
    rows = read_rows(path)
    stages = stages_in_order(rows, MOST_STAGES)
    pipeline = account.add_pipeline(title_of(path), stages, is_main=not account.pipelines)
    by_name = {status.name: status.id for status in pipeline.statuses.values() if status.is_editable}
    users = {name: account.add_user(name).id for name in sorted({row.resource for row in rows} - {""})}
    with account.silent():
        for case, steps in cases_of(rows).items():
            _play(account, pipeline.id, case, steps, by_name, users)
    return pipeline


def _play(
    account: Account,
    pipeline_id: int,
    case: str,
    steps: Sequence[Row],
    stages: dict[str, int],
    users: dict[str, int],
) -> None:
    first = steps[0]
    author = users.get(first.resource, NOBODY)
    lead = account.create_lead(
        name=case, pipeline_id=pipeline_id, status_id=stages[first.activity], by=author, at=first.at
    )
    for before, step in pairwise(steps):
        if step.activity != before.activity:
            author = users.get(step.resource, NOBODY)
            account.move_lead(lead.id, stages[step.activity], by=author, at=step.at)
