"""Frames of the simulated portal where they hurt: strange commands, strange origins, no parent, any width."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal_server import PortalSite, installed_site

TAB_NAME = "Шаги клиента"


@pytest.fixture
def site() -> Iterator[PortalSite]:
    """A portal with an installed application that has a tab in the deal's card."""
    with installed_site() as served:
        yield served


def open_tab(page: Page, site: PortalSite, deal_id: int) -> None:
    page.goto(f"{site.url}/crm/deal/details/{deal_id}/")
    page.get_by_role("tab", name=TAB_NAME).click()


def in_frame(page: Page, script: str) -> Any:
    """What a script of the application's own page answers."""
    expect(page.frame_locator("iframe.app-frame").locator("#out")).not_to_be_empty()
    handle = page.locator("iframe.app-frame").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame.evaluate(script)


def first_answer(page: Page, *asked: str) -> str:
    """Which of the frame's questions is answered first: `command:params:callback:SID`, SID its own number."""
    found: str = in_frame(
        page,
        """async () => {
            const answers = [];
            window.addEventListener('message', (event) => answers.push(String(event.data)));
            const sid = new URLSearchParams(location.search).get('APP_SID');
            for (const each of ASKED) parent.postMessage(each.replace('SID', sid), '*');
            while (!answers.length) await new Promise((done) => setTimeout(done, 20));
            return answers[0].split(':')[0];
        }""".replace("ASKED", json.dumps(asked)),
    )
    return found


def test_a_command_that_nobody_knows_is_never_answered(page: Page, site: PortalSite) -> None:
    open_tab(page, site, site.deal("Навес").id)
    assert first_answer(page, "noSuchCommand:{}:unknown:SID", "getInitData::known:SID") == "known"


def test_a_frame_that_speaks_for_another_one_is_not_heard(page: Page, site: PortalSite) -> None:
    open_tab(page, site, site.deal("Навес").id)
    assert first_answer(page, "getInitData::stolen:0123456789abcdef", "getInitData::own:SID") == "own"


def test_a_page_that_names_another_portal_is_not_framed(page: Page, site: PortalSite) -> None:
    site.manners.ancestors = "https://another.example.org"
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
        open_tab(page, site, site.deal("Навес").id)
    expect(page.frame_locator("iframe.app-frame").locator("#out")).to_have_count(0)
    site.manners.ancestors = site.url
    page.reload()
    page.get_by_role("tab", name=TAB_NAME).click()
    expect(page.frame_locator("iframe.app-frame").locator("#out")).to_contain_text("CRM_DEAL_DETAIL_TAB")


def test_a_page_outside_the_portal_has_no_parent_to_ask(page: Page, site: PortalSite) -> None:
    page.set_content(f'<form method="post" action="{site.app_url}/page"><button>Открыть</button></form>')
    page.get_by_role("button").click()
    expect(page.locator("#out")).to_contain_text("failed")


@pytest.mark.parametrize(("host", "is_kept"), [("127.0.0.1", True), ("localhost", False)])
def test_a_frame_has_no_cookies_of_its_own_under_a_foreign_site(
    page: Page, site: PortalSite, host: str, is_kept: bool
) -> None:
    site.manners.cookie = "seen=1; SameSite=Lax; Path=/"
    page.goto(f"{site.url.replace('127.0.0.1', host)}/crm/deal/details/{site.deal('Навес').id}/")
    page.get_by_role("tab", name=TAB_NAME).click()
    heading = page.frame_locator("iframe.app-frame").get_by_role("heading", name="Приложение")
    expect(heading).to_be_visible()
    assert ("seen=1" in heading.evaluate("() => document.cookie")) == is_kept


@pytest.mark.parametrize("width", [320, 768, 1280, 1900])
def test_a_frame_is_as_wide_as_its_place(page: Page, site: PortalSite, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_tab(page, site, site.deal("Навес").id)
    inner = in_frame(page, "() => document.documentElement.clientWidth")
    assert 240 <= inner <= width
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
