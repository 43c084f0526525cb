"""An administrator makes a mapping: proposal, correction, publication, modes, versions."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.checklist.desk import ADMIN_ID, MANAGER_ID, Desk, open_desk
from tests.funnels.account import OFFER, PIPELINE

BASE = f"/api/v1/pipelines/{PIPELINE}"
Answer = tuple[int, dict[str, Any]]


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """The application with an account that has never mapped anything."""
    async with open_desk(database_url, tmp_path) as opened:
        yield opened


async def ask(desk: Desk, method: str, path: str, body: Any = None, match: str = "", **more: Any) -> Answer:
    """A request of the administrator: status and JSON."""
    headers = {"If-Match": match} if match else {}
    answer = await desk.call(
        method, f"{BASE}{path}", more.pop("user", ADMIN_ID), json=body, headers=headers, **more
    )
    return answer.status_code, answer.json() if answer.content else {}


async def proposed(desk: Desk) -> dict[str, Any]:
    status, view = await ask(desk, "POST", "/funnel/propose", {})
    assert status == 200, view
    return view


async def test_a_mapping_goes_from_proposal_to_force(desk: Desk) -> None:
    _, empty = await ask(desk, "GET", "/funnel")
    assert (empty["published"], empty["draft"]) == (None, None)
    draft = (await proposed(desk))["draft"]
    document = draft["document"]
    document["segments"][0]["checkpoints"][0]["title"] = "Клиент позвонил нам"
    status, saved = await ask(desk, "PUT", "/funnel/draft", document, match=str(draft["revision"]))
    assert (status, saved["problems"]) == (200, [])
    status, out = await ask(desk, "POST", "/funnel/publish", {"note": "начали"}, match=str(saved["revision"]))
    assert (status, out) == (200, {"number": 1, "deals_reread": 0})
    _, view = await ask(desk, "GET", "/funnel")
    assert view["draft"] is None
    assert view["published"]["document"] == document
    assert (view["published"]["published_by_name"], view["published"]["note"]) == ("Мария Ильина", "начали")


async def test_the_editor_is_told_what_each_stage_name_means(desk: Desk) -> None:
    _, view = await ask(desk, "GET", "/funnel")
    assert view["stage_meanings"][OFFER] == {
        "meaning": "client_step",
        "steps": ["proposal"],
        "titles": ["Клиент получил и открыл КП"],
    }
    assert view["templates"] == ["b2b_seven", "universal_six"]


async def test_two_administrators_do_not_overwrite_each_other(desk: Desk) -> None:
    document = (await proposed(desk))["draft"]["document"]
    assert (await ask(desk, "PUT", "/funnel/draft", document, match="1"))[0] == 200
    status, answer = await ask(desk, "PUT", "/funnel/draft", document, match="1")
    assert (status, answer["error"]["code"]) == (409, "draft_changed")
    status, answer = await ask(desk, "PUT", "/funnel/draft", document, match="*")
    assert (status, answer["error"]["code"]) == (409, "draft_changed")
    status, answer = await ask(desk, "PUT", "/funnel/draft", document)
    assert (status, answer["error"]["code"]) == (400, "if_match_missing")
    assert (await ask(desk, "POST", "/funnel/publish", {}, match="1"))[0] == 409


async def test_a_draft_with_errors_is_kept_but_not_published(desk: Desk) -> None:
    document = (await proposed(desk))["draft"]["document"]
    document["segments"][0]["gates"][0]["stage_id"] = "999"
    status, saved = await ask(desk, "PUT", "/funnel/draft", document, match='"1"')
    assert status == 200
    assert [(each["path"], each["code"], each["severity"]) for each in saved["problems"]][:1] == [
        ("segments.0.gates.0.stage_id", "unknown_stage", "error")
    ]
    status, answer = await ask(desk, "POST", "/funnel/publish", {}, match="*")
    assert (status, answer["error"]["code"]) == (422, "funnel_invalid")
    assert answer["error"]["problems"][0]["code"] == "unknown_stage"


@pytest.mark.parametrize(
    "document",
    [[], {"segments": "all"}, {"segments": [{"key": "?"}]}, {"extra": 1}, {"format": 2}, None],
    ids=["list", "text", "bad key", "unknown key", "unknown format", "nothing"],
)
async def test_a_document_of_a_wrong_shape_is_named_in_problems(desk: Desk, document: Any) -> None:
    status, answer = await ask(desk, "PUT", "/funnel/draft", document, match="*")
    assert status == 422
    assert all(each["path"] and each["code"] and each["sentence"] for each in answer["error"]["problems"])


async def published(desk: Desk) -> None:
    await proposed(desk)
    assert (await ask(desk, "POST", "/funnel/publish", {}, match="*"))[0] == 200


async def test_a_gate_is_made_strict_by_hand_alone_and_back(desk: Desk) -> None:
    await published(desk)
    assert await ask(desk, "POST", f"/gates/{OFFER}/mode", {"mode": "enforce"}) == (200, {"number": 2})
    _, view = await ask(desk, "GET", "/funnel")
    modes = {gate["stage_id"]: gate["mode"] for gate in view["published"]["document"]["segments"][0]["gates"]}
    assert [stage for stage, mode in modes.items() if mode != "shadow"] == [OFFER]
    _, changes = await ask(desk, "GET", "/funnel/changes?before=1&after=2")
    assert changes["changes"] == [
        {
            "kind": "changed",
            "path": f"segments.all.gates.{OFFER}.mode",
            "before": "shadow",
            "after": "enforce",
        }
    ]
    assert (await ask(desk, "POST", "/funnel/versions/1/restore"))[1]["number"] == 3
    _, versions = await ask(desk, "GET", "/funnel/versions")
    assert [each["number"] for each in versions["versions"]] == [3, 2, 1]
    _, first = await ask(desk, "GET", "/funnel/versions/1")
    assert first["document"] != view["published"]["document"]


async def test_a_draft_is_compared_with_what_is_published_and_thrown_away(desk: Desk) -> None:
    await published(desk)
    await ask(desk, "POST", "/funnel/propose", {"template": "universal_six"})
    status, changes = await ask(desk, "GET", "/funnel/changes?before=1")
    assert status == 200
    assert "segments.all.checkpoints.referred" in [each["path"] for each in changes["changes"]]
    assert (await ask(desk, "DELETE", "/funnel/draft"))[0] == 204
    assert (await ask(desk, "GET", "/funnel/changes?before=1"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/funnel", None),
        ("PUT", "/funnel/draft", {"segments": []}),
        ("DELETE", "/funnel/draft", None),
        ("POST", "/funnel/propose", {}),
        ("POST", "/funnel/publish", {}),
        ("GET", "/funnel/versions", None),
        ("GET", "/funnel/versions/1", None),
        ("POST", "/funnel/versions/1/restore", None),
        ("GET", "/funnel/changes?before=1", None),
        ("POST", f"/gates/{OFFER}/mode", {"mode": "enforce"}),
    ],
)
async def test_a_manager_does_not_touch_the_mapping(desk: Desk, method: str, path: str, body: Any) -> None:
    status, answer = await ask(desk, method, path, body, match="*", user=MANAGER_ID)
    assert (status, answer["error"]["code"]) == (403, "admin_only")


async def test_another_tenants_mapping_is_not_there(desk: Desk) -> None:
    await published(desk)
    _, view = await ask(desk, "GET", "/funnel", tenant=desk.stranger)
    assert view["published"] is None
    assert (await ask(desk, "GET", "/funnel/versions/1", tenant=desk.stranger))[0] == 404
    assert (await ask(desk, "POST", f"/gates/{OFFER}/mode", {"mode": "warn"}, tenant=desk.stranger))[0] == 404


@pytest.mark.parametrize("path", ["/api/v1/pipelines/77/funnel", "/api/v1/pipelines/1%27--/funnel"])
async def test_a_pipeline_that_does_not_exist_is_not_found(desk: Desk, path: str) -> None:
    answer = await desk.call("GET", path, ADMIN_ID)
    assert answer.status_code in (404, 422)
