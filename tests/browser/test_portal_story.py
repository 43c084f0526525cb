"""Stepgate in the portal's own pages: a deal comes back, its tab says why, an admin installs by clicks."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.sandbox.seed_office import QUALIFIED, SENT
from app.sandbox.seed_story import NAME
from tests.flows.demo_run import Demo, running_demo

FAR_MS = 150_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A portal of a few deals with Stepgate installed."""
    with running_demo(tmp_path_factory.mktemp("demo"), "--crm", "bitrix24", "--leads", "40") as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_deal_that_is_dragged_too_far_comes_back_and_its_tab_says_why(page: Page, demo: Demo) -> None:
    page.goto(demo.board)
    expect(page.locator("html[data-live=yes]")).to_have_count(1)
    there = page.locator(".column").filter(has=page.get_by_role("heading", name=SENT, exact=True))
    here = page.locator(".column").filter(has=page.get_by_role("heading", name=QUALIFIED, exact=True))
    page.locator(".tile", has_text=NAME).drag_to(there.locator(".cards"), target_position={"x": 60, "y": 40})
    back = here.locator(".tile", has_text=NAME)
    expect(back).to_contain_text("Перенесло приложение", timeout=FAR_MS)
    back.get_by_role("link").click()
    page.get_by_role("tab", name="Шаги клиента").click()
    frame = page.frame_locator("iframe.app-frame")
    expect(frame.get_by_text("Сделка вернулась")).to_be_visible(timeout=FAR_MS)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_admin_removes_the_application_and_installs_it_again_by_clicks(page: Page, demo: Demo) -> None:
    def app() -> dict[str, object]:
        found: list[dict[str, object]] = httpx.get(f"{demo.board}sandbox/api/apps", trust_env=False).json()
        return found[0]

    page.goto(f"{demo.board}marketplace/")
    page.get_by_role("button", name="Удалить").click()
    page.get_by_role("button", name="Добавить на портал").click()
    expect(page.locator("#toasts")).to_contain_text("Приложение установлено", timeout=FAR_MS)
    own = page.frame_locator("iframe.app-frame").get_by_role("button", name="Карта шагов")
    expect(own).to_be_visible(timeout=FAR_MS)
    known = app()
    places = known["places"]
    assert known["installed"] is True
    assert isinstance(places, list)
    assert "CRM_DEAL_DETAIL_TAB" in [place["code"] for place in places]
