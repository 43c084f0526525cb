"""An event log in an account: the numbers that come out are the numbers that went in."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.cli import app
from app.sandbox.amocrm.eventlog import MOST_STAGES, EventLogError, load_event_log
from app.sandbox.amocrm.ids import milliseconds
from app.sandbox.amocrm.model import Event
from app.sandbox.event_rows import read_rows, stages_in_order

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
RECEIPT = LOGS / "receipt.csv.gz"
EXPECTED = json.loads((LOGS / "expected.json").read_text(encoding="utf-8"))["receipt"]


@pytest.fixture(scope="module")
def receipt() -> Account:
    account = Account.empty()
    load_event_log(account, RECEIPT)
    return account


def visits(account: Account) -> dict[int, list[tuple[int, str]]]:
    """Per lead: (milliseconds, stage name) of each entry into a stage, read from the events alone."""
    (pipeline,) = account.pipelines.values()
    seen: dict[int, list[tuple[int, str]]] = defaultdict(list)
    created: dict[int, int] = {}
    for event in account.journal.all():
        if event.type == "lead_added":
            created[event.entity_id] = milliseconds(event.id)
        elif event.type == "lead_status_changed":
            if not seen[event.entity_id]:
                first = pipeline.statuses[stage_of(event.value_before)].name
                seen[event.entity_id].append((created[event.entity_id], first))
            name = pipeline.statuses[stage_of(event.value_after)].name
            seen[event.entity_id].append((milliseconds(event.id), name))
    for lead_id, at in created.items():
        if not seen[lead_id]:
            seen[lead_id].append((at, pipeline.statuses[account.leads[lead_id].status_id].name))
    return seen


def stage_of(value: list[dict[str, object]]) -> int:
    status = value[0]["lead_status"]
    assert isinstance(status, dict)
    return int(status["id"])


def matched_steps(entries: list[tuple[int, str]], steps: list[str]) -> int:
    """How many of the steps a case walked through one after another."""
    earliest = 0
    for number, step in enumerate(steps):
        later = [at for at, name in entries if name == step and at >= earliest]
        if not later:
            return number
        earliest = min(later)
    return len(steps)


def test_every_case_is_a_lead_and_every_activity_a_stage(receipt: Account) -> None:
    (pipeline,) = receipt.pipelines.values()
    assert len(receipt.leads) == 1434
    assert len([stage for stage in pipeline.statuses.values() if stage.is_editable]) == 27
    assert len(receipt.users) == 1 + 48


def test_counts_from_the_events_are_those_of_the_log(receipt: Account) -> None:
    entries = visits(receipt)
    steps = EXPECTED["steps"]
    any_order = [sum(any(name == step for _, name in case) for case in entries.values()) for step in steps]
    reached = [matched_steps(case, steps) for case in entries.values()]
    ordered = [sum(count > number for count in reached) for number in range(len(steps))]
    assert any_order == EXPECTED["any_order"]
    assert ordered == EXPECTED["ordered"]


def test_event_ids_carry_the_milliseconds_of_the_log(receipt: Account) -> None:
    rows = read_rows(RECEIPT)
    assert {milliseconds(event.id) for event in receipt.journal.all()} <= {
        round(row.at * 1000) for row in rows
    }


def test_a_repeated_activity_makes_no_move(receipt: Account) -> None:
    moves = [event for event in receipt.journal.all() if event.type == "lead_status_changed"]
    assert len(moves) == 8577 - 1434 - 6
    assert all(stage_of(move.value_before) != stage_of(move.value_after) for move in moves)


def test_the_first_activity_is_where_the_lead_is_born(tmp_path: Path) -> None:
    account = loaded(tmp_path, "Case,Activity,Time,Resource\nA,Second,2024-01-01T10:00:00Z,Anna\n")
    (lead,) = account.leads.values()
    assert account.pipelines[lead.pipeline_id].statuses[lead.status_id].name == "Second"
    assert [event.type for event in account.journal.all()] == ["lead_added"]
    assert account.users[lead.responsible_user_id].name == "Anna"


def test_rows_in_any_order_are_played_by_their_times(tmp_path: Path) -> None:
    text = "timestamp;x\n"
    with pytest.raises(EventLogError, match="No column for: case, activity"):
        loaded(tmp_path, text)
    account = loaded(tmp_path, "CASE_ID,ACTIVITY,TIMESTAMP\nA,two,1700000200.5\nA,one,1700000100.25\n")
    assert [milliseconds(event.id) for event in events(account)] == [1_700_000_100_250, 1_700_000_200_500]


def test_stages_stand_in_the_order_of_the_usual_case(tmp_path: Path) -> None:
    text = "case,activity,time\nA,pay,1\nB,ask,1\nB,pay,2\nC,ask,1\nC,offer,2\nC,pay,3\nD,ask,1\nD,pay,2\n"
    assert stages_in_order(read_rows(written(tmp_path, text)), MOST_STAGES) == ["ask", "pay", "offer"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("case,activity,time\n", "has no rows"),
        ("case,activity,time\nA,,2024-01-01\n", "Line 2: the case or the activity is empty"),
        ("case,activity,time\nA,x,nan\n", "Line 2: 'nan' is not a time"),
        ("case,activity,time\nA,x,yesterday\n", "Line 2: 'yesterday' is not a time"),
        ("", "No column for: case, activity, time"),
    ],
)
def test_a_bad_log_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(EventLogError, match=sentence):
        loaded(tmp_path, text)


def test_more_activities_than_a_pipeline_holds_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"A,step {number},{number}\n" for number in range(98))
    with pytest.raises(EventLogError, match="98 activities, a pipeline holds 97"):
        loaded(tmp_path, f"case,activity,time\n{rows}")


def test_a_file_that_is_not_packed_although_its_name_says_so_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_text("case,activity,time\n", encoding="utf-8")
    with pytest.raises(EventLogError, match="could not be read"):
        load_event_log(Account.empty(), path)


def test_the_command_says_what_is_wrong_with_a_log(tmp_path: Path) -> None:
    path = written(tmp_path, "who,what\nA,x\n")
    answer = CliRunner().invoke(app, ["--log", str(path)], env={"COLUMNS": "300"})
    assert answer.exit_code == 2
    assert "No column for: case, activity, time. The file has: who, what." in answer.output


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"case,activity,time\nA,x,2024-01-01 10:00:00.125+03:00\n"))
    (row,) = read_rows(path)
    assert row.at == 1_704_092_400.125


def events(account: Account) -> list[Event]:
    return account.journal.all()


def written(folder: Path, text: str) -> Path:
    path = folder / "log.csv"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> Account:
    account = Account.empty()
    load_event_log(account, written(folder, text))
    return account
