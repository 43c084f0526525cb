"""The simulated portal's phone: labels, the stage and the timeline, and no pages of applications."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.state import Act
from tests.browser.accessibility import faults, overflow
from tests.browser.portal_server import STAGES, PortalSite, installed_site

NEW, QUALIFIED, _ = STAGES
BADGE = {"code": "gate", "title": "Этап", "value": "Ждём шаг клиента", "type": "warning"}
ENTRY = {
    "header": {"title": "Сделка вернулась на «Новая заявка»"},
    "body": {"blocks": {"why": {"type": "text", "properties": {"value": "Клиент ещё не ответил на КП"}}}},
}


@pytest.fixture
def site() -> Iterator[PortalSite]:
    """A portal with an installed application."""
    with installed_site() as served:
        yield served


def speak_of(site: PortalSite, deal: Item) -> None:
    """The application puts a label and an entry on a deal."""

    def say() -> None:
        site.app.badges["gate"] = dict(BADGE)
        activity = site.portal.put_activity(
            [deal.link],
            Act(by=1),
            type_id=6,
            provider_id="CONFIGURABLE_REST_APP",
            provider_type_id="CONFIGURABLE",
            subject="Сделка вернулась на «Новая заявка»",
            completed=False,
            responsible_id=site.seller_id,
            app_id=site.app.client_id,
        )
        site.portal.update_activity(activity, Act(by=1), badge_code="gate", layout=ENTRY)

    site.run(say)


def test_the_phone_shows_the_label_in_the_list_and_the_entry_in_the_deal(
    page: Page, site: PortalSite
) -> None:
    deal = site.deal("Навес")
    speak_of(site, deal)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/crm/mobile/")
    expect(page.locator(".tile")).to_contain_text("Ждём шаг клиента")
    page.get_by_role("link", name="Навес").click()
    phone = page.get_by_role("region", name="На телефоне")
    expect(phone).to_contain_text("Ждём шаг клиента")
    expect(phone.get_by_role("article").filter(has_text="Клиент ещё не ответил на КП")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.locator("iframe")).to_have_count(0)


def test_a_deal_is_moved_on_the_phone_and_its_label_goes_when_the_entry_is_done(
    page: Page, site: PortalSite
) -> None:
    deal = site.deal("Навес")
    speak_of(site, deal)
    page.goto(f"{site.url}/crm/mobile/deal/{deal.id}/")
    expect(page.locator("html[data-live=yes]")).to_have_count(1)
    phone = page.get_by_role("region", name="На телефоне")
    phone.get_by_label("Стадия").select_option(label=QUALIFIED)
    expect(phone).to_contain_text(f"{NEW} → {QUALIFIED}")
    assert site.portal.deal(deal.id).stage_id == "PREPARATION"
    phone.get_by_role("button", name="Завершить").click()
    expect(phone.locator(".badge")).to_have_count(0)


def test_what_happens_elsewhere_is_seen_on_an_open_phone(page: Page, site: PortalSite) -> None:
    deal = site.deal("Навес")
    page.goto(f"{site.url}/crm/mobile/deal/{deal.id}/")
    expect(page.locator("html[data-live=yes]")).to_have_count(1)
    speak_of(site, deal)
    expect(page.get_by_role("region", name="На телефоне")).to_contain_text("Ждём шаг клиента")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_phone_is_usable_by_everybody(page: Page, site: PortalSite, width: int) -> None:
    deal = site.deal("Навес с очень длинным названием, которое не помещается в одну строку телефона")
    speak_of(site, deal)
    page.set_viewport_size({"width": width, "height": 844})
    for address in ("crm/mobile/", f"crm/mobile/deal/{deal.id}/"):
        page.goto(f"{site.url}/{address}")
        expect(page.locator(".phone .badge")).to_be_visible()
        assert faults(page) == [], address
        assert overflow(page) == 0, address
