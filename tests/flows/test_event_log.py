"""A public event log goes the whole way, and the report shows what independent hands counted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.demo_run import Demo, running_demo

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
RECEIPT = json.loads((LOGS / "expected.json").read_text())["receipt"]
PERIOD = ("--from", "2009-01-01", "--to", "2013-01-01")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("log")
    with running_demo(folder, "--log", str(LOGS / "receipt.csv.gz")) as running:
        yield running


def steps(demo: Demo, *arguments: str) -> list[dict[str, object]]:
    report = demo.report(*PERIOD, *arguments)
    return list(report["segments"][0]["steps"])


@pytest.mark.timeout(300)
def test_any_order_counts_are_those_of_the_log(demo: Demo) -> None:
    done = {step["title"]: step["done"] for step in steps(demo, "--order", "any")}
    assert [done[title] for title in RECEIPT["steps"]] == RECEIPT["any_order"]


@pytest.mark.timeout(300)
def test_ordered_counts_are_those_of_the_log(demo: Demo) -> None:
    keys = {step["title"]: str(step["key"]) for step in steps(demo)}
    chosen = [part for title in RECEIPT["steps"] for part in ("--step", keys[title])]
    found = steps(demo, "--order", "ordered", *chosen)
    assert [step["title"] for step in found] == RECEIPT["steps"]
    assert [step["done"] for step in found] == RECEIPT["ordered"]


def test_every_case_is_a_deal(demo: Demo) -> None:
    assert demo.report(*PERIOD)["deals"] == 1434
