"""The same story on the second CRM, in a browser on the real demo: caught, undone, explained, proven."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.flows.demo_run import Demo, running_demo

STORY = "40 рабочих мест"
BEFORE, OFFER = "Классификация", "КП отправлено"
ATTEMPTS = 20
NARROWEST_WITHOUT_BARS = 1280
SELLER = "3"
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("portal")
    with running_demo(folder, "--crm", "bitrix24", "--leads", "60") as running:
        yield running


@pytest.fixture
def board(page: Page, demo: Demo) -> Page:
    page.set_viewport_size({"width": 1600, "height": 1000})
    open_board(page, demo)
    expect(tile(page)).to_be_visible()
    return page


def open_board(page: Page, demo: Demo) -> None:
    page.goto(demo.board)
    expect(page.locator("html[data-live=yes]")).to_have_count(1)


def tile(page: Page) -> Locator:
    return page.locator("[data-deal]").filter(has_text=STORY)


def column(page: Page, title: str) -> Locator:
    return page.locator(".column").filter(has=page.get_by_role("heading", name=title, exact=True))


def ours(page: Page) -> FrameLocator:
    """Our page in the portal's frame."""
    return page.frame_locator("iframe.app-frame")


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Шаги клиента").last.click()


def drag_to_offer(page: Page) -> None:
    tile(page).drag_to(column(page, OFFER).locator(".cards"))


def test_a_forbidden_move_is_undone_explained_and_then_earned(board: Page, demo: Demo) -> None:
    deal_id = str(tile(board).get_attribute("data-deal"))
    expect(column(board, BEFORE).filter(has=tile(board))).to_be_visible()

    drag_to_offer(board)
    known_stop(demo, deal_id)
    expect(column(board, BEFORE).filter(has=tile(board))).to_be_visible()
    tile(board).get_by_role("link").click()
    expect(board.locator("#timeline")).to_contain_text("Сделка снова на стадии")
    open_tab(board)
    stop = ours(board).get_by_text(f"Сделка вернулась на «{BEFORE}».")
    expect(stop).to_be_visible()

    board.get_by_role("tab", name="Общие").last.click()
    board.get_by_role("button", name="Добавить", exact=True).click()
    open_tab(board)
    expect(stop).to_be_hidden()

    open_board(board, demo)
    drag_to_offer(board)
    assert_written_once(demo, deal_id)
    expect(column(board, OFFER).filter(has=tile(board))).to_be_visible()


def known(demo: Demo, deal_id: str) -> Any:
    return json.loads(demo.stepgate("deal", "show", deal_id, "--json"))


def known_stop(demo: Demo, deal_id: str) -> None:
    """Wait until the move is undone and told of."""
    for _ in range(ATTEMPTS):
        writes = known(demo, deal_id)["writes"]
        if writes and all(write["state"] == "confirmed" for write in writes):
            return
    raise AssertionError("the move was not undone")


def assert_written_once(demo: Demo, deal_id: str) -> None:
    """One stop, one of each write; the second move passed and our own move was never judged."""
    for _ in range(ATTEMPTS):
        found = known(demo, deal_id)
        reasons = [verdict["reason"] for verdict in found["verdicts"] if verdict["version_number"]][-3:]
        if reasons == ["checkpoint_unmet", "own_write", "all_met"]:
            break
    else:
        raise AssertionError(f"not judged so: {found['verdicts']}")
    assert sorted(write["kind"] for write in found["writes"]) == ["move_back", "note", "task"]
    assert {write["state"] for write in found["writes"]} == {"confirmed"}


PLACES = {
    "/crm/analytics/": "Разрыв правды",
    "/marketplace/app/": "опубликована версия",
}


@pytest.mark.parametrize("place", PLACES)
def test_each_page_has_its_place_and_no_bars_of_its_own(page: Page, demo: Demo, place: str) -> None:
    page.set_viewport_size({"width": NARROWEST_WITHOUT_BARS, "height": 900})
    open_board(page, demo)
    page.locator(f"nav a[href^='{place}'], aside a[href^='{place}']").first.click()
    expect(ours(page).get_by_text(PLACES[place]).first).to_be_visible()
    handle = page.locator("iframe.app-frame").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_function(
        "() => { const root = document.documentElement;"
        " return root.scrollHeight <= innerHeight + 1 && root.scrollWidth <= innerWidth + 1; }"
    )


def test_the_map_and_the_figures_lead_to_each_other_in_one_frame(page: Page, demo: Demo) -> None:
    thrown: list[str] = []
    page.on("console", lambda message: thrown.append(message.text) if message.type == "error" else None)
    open_board(page, demo)
    page.locator("nav a[href^='/marketplace/app/']").first.click()
    ours(page).get_by_role("button", name="Конверсия").click()
    expect(ours(page).get_by_text("Разрыв правды")).to_be_visible()
    ours(page).get_by_role("button", name="Возражения").click()
    expect(ours(page).get_by_role("button", name="Возражения")).to_have_attribute("aria-current", "page")
    ours(page).get_by_role("button", name="Карта шагов").click()
    expect(ours(page).get_by_text("опубликована версия")).to_be_visible()
    assert thrown == []


def test_a_deal_of_a_figure_opens_over_the_list_that_stays(page: Page, demo: Demo) -> None:
    open_board(page, demo)
    page.locator("nav a[href^='/crm/analytics/']").first.click()
    ours(page).locator(".lead .figure").click()
    deal = ours(page).locator("table.list a").first
    title = deal.inner_text()
    deal.click()
    expect(page.get_by_role("dialog").get_by_label("Название")).to_have_value(title)
    page.keyboard.press("Escape")
    expect(deal).to_be_visible()


def test_who_is_no_administrator_comes_to_the_figures(page: Page, demo: Demo) -> None:
    page.context.add_cookies([{"name": "sandbox_user", "value": SELLER, "url": demo.board}])
    open_board(page, demo)
    page.locator("nav a[href^='/marketplace/app/']").first.click()
    expect(ours(page).get_by_text("Здесь только ваши сделки")).to_be_visible()
    expect(ours(page).get_by_role("button", name="Карта шагов")).to_have_count(0)


def test_a_session_is_proven_anew_by_the_portal(board: Page) -> None:
    tile(board).get_by_role("link").click()
    open_tab(board)
    expect(ours(board).get_by_text(re.compile("Клиент сделал")).first).to_be_visible()
    frame = board.locator("iframe.app-frame").element_handle().content_frame()
    assert frame is not None
    assert frame.evaluate("document.querySelectorAll('meta[name=stepgate-opening]').length") == 0
    assert frame.evaluate(RENEW) == 200


RENEW = """() => new Promise((done) => {
  const key = 'proof', query = new URLSearchParams(location.search);
  const portal = `http://${query.get('DOMAIN')}`;
  addEventListener('message', async (event) => {
    if (event.origin !== portal || !String(event.data).startsWith(`${key}:`)) return;
    const { AUTH_ID } = JSON.parse(event.data.slice(key.length + 1));
    const headers = { 'X-Auth-Token': `${portal}/auth-server/rest/ ${AUTH_ID}` };
    done((await fetch('/api/v1/session?crm=bitrix24&language=ru', { method: 'POST', headers })).status);
  });
  parent.postMessage(`refreshAuth:${key}:${query.get('APP_SID')}`, portal);
})"""
