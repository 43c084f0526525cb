"""A log loaded into the account is the same log: counted by hand from the account's own events."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import pytest

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.eventlog import BadLog, load_event_log

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
RECEIPT = json.loads((LOGS / "expected.json").read_text())["receipt"]


@pytest.fixture(scope="module")
def account() -> Account:
    filled = Account.empty()
    load_event_log(filled, LOGS / "receipt.csv.gz")
    return filled


def visits(account: Account) -> dict[int, list[tuple[str, str]]]:
    """Per lead, (event id, stage name) in time order; the first stage is where the first move began."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    names = {
        status.id: status.name for line in account.pipelines.values() for status in line.statuses.values()
    }
    added = {event.entity_id: event.id for event in account.journal.all() if event.type == "lead_added"}
    for event in account.journal.all():
        if event.type != "lead_status_changed":
            continue
        before, after = (cast(Any, side)[0]["lead_status"] for side in (event.value_before, event.value_after))
        if not found[event.entity_id]:
            found[event.entity_id].append((added[event.entity_id], names[before["id"]]))
        found[event.entity_id].append((event.id, names[after["id"]]))
    for lead in account.leads.values():
        if not found[lead.id]:
            found[lead.id].append((added[lead.id], names[lead.status_id]))
    return found


def test_every_case_is_a_lead(account: Account) -> None:
    assert len(account.leads) == 1434


def test_any_order_counts_are_those_of_the_log(account: Account) -> None:
    seen = [{name for _, name in visit} for visit in visits(account).values()]
    assert [sum(step in names for names in seen) for step in RECEIPT["steps"]] == RECEIPT["any_order"]


def test_ordered_counts_are_those_of_the_log(account: Account) -> None:
    reached = [0] * len(RECEIPT["steps"])
    for visit in visits(account).values():
        floor = ""
        for index, step in enumerate(RECEIPT["steps"]):
            # The first ten characters of an id are its millisecond.
            later = [event_id[:10] for event_id, name in visit if name == step and event_id[:10] >= floor]
            if not later:
                break
            floor = min(later)
            reached[index] += 1
    assert reached == RECEIPT["ordered"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2\n", "no column for case, activity, time"),
        ("case,activity,time\n", "no events"),
        ("case,activity,time\n1,go,yesterday\n", "Line 2 has no readable time"),
        ("case,activity,time\n1,,2026-01-01\n", "Line 2 names no case or no activity"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_words(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadLog, match=complaint):
        load_event_log(Account.empty(), path)
