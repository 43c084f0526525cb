"""The simulated portal in a browser: board, card, and the parent side of the vendor's frame library."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from app.sandbox.bitrix24.apps import Placement
from app.sandbox.bitrix24.state import Act
from tests.browser.accessibility import faults
from tests.browser.portal_server import STAGES, TAB, PortalSite, portal_site

NEW, QUALIFIED, SENT = STAGES


@pytest.fixture
def site() -> Iterator[PortalSite]:
    """A portal with an application that runs the vendor's library."""
    with portal_site() as served:
        yield served


def open_board(page: Page, site: PortalSite) -> None:
    page.goto(f"{site.url}/")
    expect(page.locator("html[data-live=yes]")).to_have_count(1)


def column(page: Page, name: str) -> Any:
    return page.locator(".column").filter(has=page.get_by_role("heading", name=name, exact=True))


def frame_of(page: Page) -> Frame:
    handle = page.locator("iframe.app-frame").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def said(page: Page) -> dict[str, Any]:
    """What the application's page has learned from the library."""
    out = page.frame_locator("iframe.app-frame").locator("#out")
    expect(out).not_to_be_empty()
    text = out.inner_text()
    assert text.startswith("{"), text
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def open_tab(page: Page, site: PortalSite, deal_id: int) -> None:
    page.goto(f"{site.url}/crm/deal/details/{deal_id}/")
    page.get_by_role("tab", name="Шаги клиента").click()


def test_a_deal_is_dragged_to_another_stage(page: Page, site: PortalSite) -> None:
    deal = site.deal("Стойка")
    open_board(page, site)
    page.locator(".tile", has_text="Стойка").drag_to(column(page, SENT).locator(".cards"))
    expect(column(page, SENT).locator(".tile")).to_contain_text("Стойка")
    assert site.run(lambda: deal.stage_id) == "PREPAYMENT_INVOICE"
    assert site.run(lambda: len(site.portal.history_of[deal.link])) == 2


def test_what_the_api_moves_moves_on_the_open_board(page: Page, site: PortalSite) -> None:
    deal = site.deal("Стойка")
    open_board(page, site)
    expect(column(page, NEW).locator(".tile")).to_have_count(1)
    site.run(lambda: site.portal.move_item(deal, "PREPARATION", Act(by=1, origin="api")))
    expect(column(page, QUALIFIED).locator(".tile")).to_contain_text("Перенесло приложение")
    site.run(lambda: site.portal.add_todo(deal.link, Act(by=1), title="Позвонить", deadline=1_800_000_000.0))
    expect(column(page, QUALIFIED).locator(".tile")).to_contain_text("Дел: 1")
    expect(column(page, QUALIFIED).locator(".tile")).to_contain_text("Перенесло приложение")
    expect(column(page, NEW).locator(".tile")).to_have_count(0)


def test_a_client_s_call_and_a_manager_s_move_are_done_in_the_card(page: Page, site: PortalSite) -> None:
    deal = site.deal("Стойка")
    page.goto(f"{site.url}/crm/deal/details/{deal.id}/")
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("Входящий от +79001112233")
    page.locator(".stages").get_by_role("button", name=QUALIFIED).click()
    expect(page.locator(".stages [aria-current=step]")).to_have_text(QUALIFIED)
    expect(page.locator("#timeline")).to_contain_text(f"{NEW} → {QUALIFIED}")


def test_a_refused_move_is_explained_and_the_deal_stays(page: Page, site: PortalSite) -> None:
    deal = site.deal("Стойка")
    site.run(lambda: site.portal.users[site.seller_id].refused_stages.add("PREPARATION"))
    page.context.add_cookies([{"name": "sandbox_user", "value": str(site.seller_id), "url": site.url}])
    page.goto(f"{site.url}/crm/deal/details/{deal.id}/")
    page.locator(".stages").get_by_role("button", name=QUALIFIED).click()
    expect(page.locator("#toasts")).to_contain_text("недостаточно прав")
    expect(page.locator(".stages [aria-current=step]")).to_have_text(NEW)


def test_a_notice_is_seen_at_once_by_whom_it_is_for(page: Page, site: PortalSite) -> None:
    open_board(page, site)
    site.run(lambda: site.portal.notify(site.seller_id, Act(by=1), "Не вам"))
    site.run(lambda: site.portal.notify(1, Act(by=1), "Клиент [b]ждёт[/b]"))
    expect(page.locator("#toasts")).to_have_text("Клиент ждёт")
    expect(page.locator("#bell")).to_contain_text("1")


def test_the_vendor_s_library_finishes_an_installation_from_the_frame(page: Page, site: PortalSite) -> None:
    page.goto(f"{site.url}/marketplace/")
    page.get_by_role("button", name="Добавить на портал").click()
    assert said(page)["install"] is True
    assert site.posted[-1]["path"] == "install"
    frame_of(page).evaluate("b24.installFinish()")
    expect(page.locator("#toasts")).to_contain_text("Приложение установлено")
    assert site.run(lambda: site.app.installed) is True


def test_the_vendor_s_library_learns_its_place_and_calls_the_api(page: Page, site: PortalSite) -> None:
    site.install()
    deal = site.deal("Стойка")
    open_tab(page, site, deal.id)
    learned = said(page)
    assert learned["placement"] == TAB
    assert learned["options"]["ID"] == str(deal.id)
    assert (learned["admin"], learned["install"], learned["token"]) == (True, False, True)
    assert learned["member"] == site.portal.member_id
    got = frame_of(page).evaluate(
        "id => b24.actions.v2.call.make({method: 'crm.item.get', params: {entityTypeId: 2, id}})"
        ".then((answer) => answer.getData().result.item.title)",
        deal.id,
    )
    assert got == "Стойка"


def test_an_application_has_an_entry_of_its_own_in_the_menu(page: Page, site: PortalSite) -> None:
    site.install()
    place = Placement("LEFT_MENU", f"{site.app_url}/menu", "Свой раздел")
    site.run(lambda: site.app.placements.append(place))
    open_board(page, site)
    page.locator("#menu").get_by_role("link", name="Свой раздел").click()
    assert said(page)["placement"] == "LEFT_MENU"
    assert site.posted[-1]["path"] == "menu"


def test_the_frame_takes_the_height_of_its_content(page: Page, site: PortalSite) -> None:
    site.install()
    open_tab(page, site, site.deal("Стойка").id)
    said(page)
    frame = frame_of(page)
    frame.evaluate("document.body.style.height = '1234px'; b24.parent.fitWindow()")
    height = frame.evaluate("document.documentElement.scrollHeight")
    assert height >= 1234
    expect(page.locator("iframe.app-frame")).to_have_css("height", f"{height}px")


def test_tokens_of_an_open_frame_are_renewed_by_its_parent(page: Page, site: PortalSite) -> None:
    site.install()
    open_tab(page, site, site.deal("Стойка").id)
    said(page)
    first = frame_of(page).evaluate("b24.auth.getAuthData().access_token")
    second = frame_of(page).evaluate("b24.auth.refreshAuth().then((auth) => auth.access_token)")
    assert first != second
    assert site.run(lambda: site.portal.apps.grant_of(second)) is not None


def test_an_application_reloads_the_card_after_its_own_change(page: Page, site: PortalSite) -> None:
    site.install()
    deal = site.deal("Стойка")
    open_tab(page, site, deal.id)
    said(page)
    site.run(lambda: setattr(deal, "stage_id", "PREPARATION"))
    frame_of(page).evaluate("b24.placement.call('reloadData')")
    expect(page.locator(".stages [aria-current=step]")).to_have_text(QUALIFIED)


def test_an_application_opens_a_deal_over_itself(page: Page, site: PortalSite) -> None:
    site.install()
    deal = site.deal("Стойка")
    page.goto(f"{site.url}/marketplace/app/{site.app.client_id}/")
    said(page)
    frame_of(page).evaluate(
        f"void b24.slider.openPath(new URL('{site.url}/crm/deal/details/{deal.id}/'), 1640)"
    )
    expect(page.get_by_role("dialog", name="Стойка")).to_be_visible()


def test_the_pages_have_no_accessibility_faults(page: Page, site: PortalSite) -> None:
    deal = site.deal("Стойка")
    open_board(page, site)
    expect(page.locator(".tile")).to_have_count(1)
    assert faults(page) == []
    for path in (f"/crm/deal/details/{deal.id}/", "/marketplace/", "/settings/switches/", "/settings/roles/"):
        page.goto(site.url + path)
        expect(page.locator("#page > *").first).to_be_visible()
        assert faults(page) == [], path
