"""An event log in a portal: what comes out is what went in."""

from itertools import groupby
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.sandbox.bitrix24.cli import app
from app.sandbox.bitrix24.eventlog import load_event_log
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.event_rows import cases_of, read_rows

RECEIPT = Path(__file__).parents[2] / "fixtures" / "logs" / "receipt.csv.gz"


@pytest.fixture(scope="module")
def portal() -> Portal:
    filled = Portal.empty()
    load_event_log(filled, RECEIPT)
    return filled


def test_every_case_is_a_deal_that_walked_through_the_log_s_stages(portal: Portal) -> None:
    cases = cases_of(read_rows(RECEIPT))
    deals = {deal.title: deal for deal in portal.items[DEAL].values()}
    assert set(deals) == set(cases)
    for case, steps in cases.items():
        rows = portal.history_of[deals[case].link]
        names = [portal.stages[DEAL, row.stage_id].name for row in rows]
        changes = [name for name, _ in groupby(step.activity for step in steps)]
        assert names == changes


def test_moves_keep_their_times_and_their_people(portal: Portal) -> None:
    steps = cases_of(read_rows(RECEIPT))
    case, rows = next((case, rows) for case, rows in steps.items() if len(rows) > 1)
    deal = next(deal for deal in portal.items[DEAL].values() if deal.title == case)
    assert portal.history_of[deal.link][0].created_time == rows[0].at
    assert portal.users[deal.created_by].full_name == rows[0].resource


def test_a_file_that_is_no_log_is_refused_with_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    answer = CliRunner().invoke(app, ["--log", str(wrong)])
    assert answer.exit_code == 2
    assert "No column for" in answer.output
