"""The demo of the second CRM, as a visitor starts it: a deal that is dragged too far comes back."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from app.sandbox.seed_office import QUALIFIED, SENT
from app.sandbox.seed_story import NAME
from tests.flows.demo_run import Demo, running_demo

WAIT_S = 150.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A portal of a few deals with Stepgate installed."""
    with running_demo(tmp_path_factory.mktemp("demo"), "--crm", "bitrix24", "--leads", "60") as running:
        yield running


def wait_for_card(http: httpx.Client, deal_id: int, is_so: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the deal's card is so: it is looked at whenever the portal tells of a change."""
    with http.stream("GET", "/sandbox/api/stream", timeout=WAIT_S) as changes:
        for _ in changes.iter_lines():
            if is_so(http.get(f"/sandbox/api/deals/{deal_id}").json()):
                return
    raise AssertionError("the portal ended")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_deal_without_its_client_s_step_comes_back_with_a_word_in_its_timeline(demo: Demo) -> None:
    with httpx.Client(base_url=demo.board.rstrip("/"), trust_env=False, timeout=60) as http:
        stages = {stage["name"]: stage["id"] for stage in http.get("/sandbox/api/board/0").json()["stages"]}
        (deal,) = http.get("/sandbox/api/search", params={"query": NAME}).json()["deals"]
        moved = http.post(f"/sandbox/api/deals/{deal['id']}/move", json={"stage_id": stages[SENT]})
        assert moved.json()["stage_id"] == stages[SENT]

        def is_back_and_told(card: dict[str, Any]) -> bool:
            comments = [entry["text"] for entry in card["timeline"] if entry["kind"] == "comment"]
            return card["stage_id"] == stages[QUALIFIED] and any(SENT in text for text in comments)

        wait_for_card(http, deal["id"], is_back_and_told)
        places = [place["code"] for app in http.get("/sandbox/api/apps").json() for place in app["places"]]
        assert "CRM_DEAL_DETAIL_TAB" in places
