"""The panel's routes: who sees whose numbers, the file for Excel, and the deals behind a number."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Connection

from app.domain.stage import Catalog, Pipeline, User
from app.installations.store import PanelViewers, change_settings, save_catalog
from tests.analytics.conftest import STAGES, History, mapping, publish_mapping, tell
from tests.checklist.desk import ADMIN_ID, MANAGER_ID, Desk, open_desk
from tests.factories import NOW

REPORT = "/api/v1/reports/conversion?pipeline_id=p"
CATALOG = Catalog(
    (Pipeline("p", "Sales", STAGES),), (User(MANAGER_ID, "Anna Orlova"), User("3", "Petr Volkov")), (), ()
)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Sixty deals of one manager and ten of another, in a pipeline of three steps."""
    async with open_desk(database_url, tmp_path) as opened:
        await opened.db.write(lambda conn: save_catalog(conn, opened.tenant, CATALOG, NOW))
        await opened.db.write(lambda conn: publish_mapping(conn, opened.tenant, mapping()))
        await opened.db.write(tell(opened.tenant, *_mine(), *_others()))
        yield opened


def _mine() -> list[History]:
    return [History(f"{n:03}", [("asked", 1)], [("talk", 2)], responsible_id=MANAGER_ID) for n in range(60)]


def _others() -> list[History]:
    acts: list[tuple[str, float]] = [("asked", 1), ("answered", 2)]
    return [History(f"b{n}", acts, responsible_id="3", created_at=NOW - timedelta(days=5)) for n in range(10)]


def behind(step: str, state: str, **more: str) -> str:
    extra = "".join(f"&{name}={quote(text)}" for name, text in more.items())
    return f"/api/v1/reports/deals?pipeline_id=p&segment_key=all&step_key={step}&state={state}{extra}"


async def told(desk: Desk, path: str, user: str = ADMIN_ID) -> dict[str, Any]:
    answer = await desk.call("GET", path, user)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_ordinary_viewer_sees_his_own_deals_and_is_told_so(desk: Desk) -> None:
    own, all_of_them = await told(desk, REPORT, MANAGER_ID), await told(desk, REPORT)
    assert (own["deals"], own["sees"]) == (60, "own")
    assert (all_of_them["deals"], all_of_them["sees"]) == (70, "everyone")


async def test_another_ones_numbers_are_refused_with_a_sentence(desk: Desk) -> None:
    answer = await desk.call("GET", f"{REPORT}&responsible_id=3", MANAGER_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_your_numbers")


async def test_an_admin_opens_the_panel_to_everyone(desk: Desk) -> None:
    opened = await desk.call("PATCH", "/api/v1/settings", ADMIN_ID, json={"panel_viewers": "everyone"})
    assert opened.json()["panel_viewers"] == "everyone"
    assert (await told(desk, REPORT, MANAGER_ID))["deals"] == 70


async def test_an_admin_names_who_sees_everybodys_numbers(desk: Desk) -> None:
    named = {"panel_user_ids": [MANAGER_ID, MANAGER_ID]}
    saved = await desk.call("PATCH", "/api/v1/settings", ADMIN_ID, json=named)
    assert saved.json()["panel_user_ids"] == [MANAGER_ID]
    assert (await told(desk, REPORT, MANAGER_ID))["deals"] == 70
    assert (await told(desk, REPORT, "3"))["sees"] == "own"


async def test_only_an_admin_changes_who_sees_what(desk: Desk) -> None:
    answer = await desk.call("PATCH", "/api/v1/settings", json={"panel_viewers": "everyone"})
    assert answer.status_code == 403


@pytest.mark.parametrize("ids", [["a b"], [""], ["x" * 65], ["7"] * 501])
async def test_ids_that_are_no_users_are_refused(desk: Desk, ids: list[str]) -> None:
    answer = await desk.call("PATCH", "/api/v1/settings", ADMIN_ID, json={"panel_user_ids": ids})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("pipeline_id=nope", 404, "pipeline_unknown"),
        ("pipeline_id=p&segment_key=nope", 404, "segment_unknown"),
        ("pipeline_id=p&from=2026-02-01&to=2026-01-01", 400, "period_reversed"),
        ("pipeline_id=p&from=2000-01-01&to=2026-01-01", 400, "period_too_long"),
        ("pipeline_id=p&to=0001-01-01", 400, "period_unlikely"),
        ("pipeline_id=p&from=9999-12-31&to=9999-12-31", 400, "period_unlikely"),
        ("pipeline_id=p&steps=nope", 422, "unknown_step"),
    ],
)
async def test_a_report_about_nothing_is_refused_with_a_sentence(
    desk: Desk, query: str, status: int, code: str
) -> None:
    for kind in ("conversion", "conversion.csv"):
        answer = await desk.call("GET", f"/api/v1/reports/{kind}?{query}", ADMIN_ID)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["sentence"].endswith(".")


async def test_the_file_opens_in_a_russian_excel(desk: Desk) -> None:
    answer = await desk.call("GET", "/api/v1/reports/conversion.csv?pipeline_id=p", ADMIN_ID)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="stepgate-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, first, second, _ = answer.content.decode("utf-8-sig").splitlines()
    assert header.split(";")[:3] == ["Сегмент", "Шаг клиента", "Сделали шаг"]
    assert first.split(";")[:5] == ["All", "Asked", "70", "70", "100,0"]
    assert second.split(";")[:5] == ["All", "Answered", "10", "70", "14,3"]


async def test_the_file_is_in_the_viewers_language_and_counts_what_he_may_see(desk: Desk) -> None:
    answer = await desk.call("GET", "/api/v1/reports/conversion.csv?pipeline_id=p", lang="en")
    header, first, *_ = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("Segment,Client's step,")
    assert first.split(",")[2:5] == ["60", "60", "100.0"]


async def test_a_spreadsheet_runs_nothing_of_the_file(desk: Desk) -> None:
    document = mapping()
    document.segments[0].title = '=HYPERLINK("http://x")'
    await desk.db.write(lambda conn: publish_mapping(conn, desk.tenant, document))
    answer = await desk.call("GET", "/api/v1/reports/conversion.csv?pipeline_id=p", ADMIN_ID)
    assert "\n\"'=HYPERLINK" in answer.text


async def test_a_number_opens_its_deals_with_links_into_the_crm(desk: Desk) -> None:
    page = await told(desk, behind("answered", "reached"))
    assert page["next"] is None
    assert [deal["id"] for deal in page["deals"]] == [f"b{n}" for n in range(9, -1, -1)]
    assert page["deals"][0] == {
        "id": "b9",
        "title": "Deal b9",
        "stage_title": "New",
        "responsible": "Petr Volkov",
        "since": (NOW - timedelta(days=5) + timedelta(hours=2)).isoformat().replace("+00:00", "Z"),
        "url": "https://first.crm.test/deal/b9",
    }


async def test_a_long_list_comes_in_pages_that_neither_repeat_nor_lose_a_deal(desk: Desk) -> None:
    first = await told(desk, behind("answered", "dropped"))
    second = await told(desk, behind("answered", "dropped", after=first["next"]))
    ids = [deal["id"] for page in (first, second) for deal in page["deals"]]
    assert (len(first["deals"]), len(ids), second["next"]) == (50, 60, None)
    assert sorted(ids) == [f"{n:03}" for n in range(60)]


@pytest.mark.parametrize("order", ["ordered", "any"])
@pytest.mark.parametrize("step", ["asked", "answered", "paid"])
async def test_as_many_deals_are_listed_as_the_report_counts(desk: Desk, step: str, order: str) -> None:
    report = await told(desk, f"{REPORT}&order={order}")
    counted = next(each for each in report["segments"][0]["steps"] if each["key"] == step)
    assert await _count(desk, step, "reached", order) == counted["done"]
    assert await _count(desk, step, "dropped", order) == counted["dropped"]


async def _count(desk: Desk, step: str, state: str, order: str) -> int:
    page = await told(desk, behind(step, state, order=order))
    count = len(page["deals"])
    while page["next"]:
        page = await told(desk, behind(step, state, order=order, after=page["next"]))
        count += len(page["deals"])
    return count


async def test_deals_that_only_the_status_puts_there_are_listed_for_steps_and_gates(desk: Desk) -> None:
    gate = await told(desk, behind("gate:talk", "claimed_only"))
    step = await told(desk, behind("answered", "claimed_only"))
    assert [deal["id"] for deal in gate["deals"]] == [deal["id"] for deal in step["deals"]]
    assert len(gate["deals"]) == 50
    assert gate["deals"][0]["since"].startswith((NOW - timedelta(days=10)).date().isoformat())


async def test_an_ordinary_viewer_lists_his_own_deals_only(desk: Desk) -> None:
    assert (await told(desk, behind("answered", "reached"), MANAGER_ID))["deals"] == []
    answer = await desk.call("GET", behind("answered", "reached", responsible_id="3"))
    assert answer.status_code == 403


async def test_a_deal_of_another_account_is_never_listed(desk: Desk) -> None:
    def build(conn: Connection) -> None:
        publish_mapping(conn, desk.stranger, mapping())
        change_settings(conn, desk.stranger, panel_viewers=PanelViewers.EVERYONE)

    await desk.db.write(build)
    answer = await desk.call("GET", behind("asked", "reached"), tenant=desk.stranger)
    assert answer.json() == {"deals": [], "next": None}


@pytest.mark.parametrize("after", ["x", "1:1", "1:1:", "1:-1:1", "٣:1:1", "1:" + "9" * 40 + ":1"])
async def test_a_page_that_was_never_given_is_refused(desk: Desk, after: str) -> None:
    answer = await desk.call("GET", behind("asked", "reached", after=after), ADMIN_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "page_unknown")


async def test_the_deals_of_a_step_that_there_is_not_are_refused(desk: Desk) -> None:
    answer = await desk.call("GET", behind("nope", "reached"), ADMIN_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_step")
