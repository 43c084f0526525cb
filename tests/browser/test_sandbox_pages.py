"""The simulated account in a browser: its board, its card, and a widget that it runs as the CRM does."""

from collections.abc import Iterator

import jwt
import pytest
from playwright.sync_api import Locator, Page, expect

from app.sandbox.amocrm.faults import Faults
from app.sandbox.amocrm.model import Lead
from tests.browser.accessibility import faults, overflow
from tests.browser.sandbox_server import SECRET, STAGES, SandboxSite, sandbox_site
from tests.browser.sandbox_widget import probe_archive

NEW, QUALIFIED, SENT = STAGES


@pytest.fixture
def site() -> Iterator[SandboxSite]:
    """An account whose integration has a small widget of ours."""
    with sandbox_site(probe_archive) as served:
        yield served


def column(page: Page, site: SandboxSite, stage: str) -> Locator:
    return page.locator(f'[data-status="{site.stage_id(stage)}"]')


def tile(page: Page, lead: Lead) -> Locator:
    return page.locator(f'[data-lead="{lead.id}"] .tile')


def open_board(page: Page, site: SandboxSite) -> None:
    page.goto(site.url)
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    # A move while the board is still being read is part of what is read, not seen as a move.
    expect(page.locator("#columns")).to_be_visible()


def open_card(page: Page, site: SandboxSite, lead_id: int) -> None:
    page.goto(f"{site.url}/#/leads/{lead_id}")


def widget(page: Page) -> Locator:
    return page.locator(".probe")


def test_board_shows_each_stage_with_its_leads(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Сорок столов", QUALIFIED)
    open_board(page, site)
    expect(page.locator(".column")).to_have_count(len(STAGES) + 3)
    expect(column(page, site, QUALIFIED)).to_contain_text("Сорок столов")
    expect(column(page, site, QUALIFIED)).to_contain_text("1 сделка")
    expect(tile(page, lead)).to_contain_text("Клиент: Сорок столов")


def test_dragging_a_tile_moves_its_lead(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Кресла", QUALIFIED)
    open_board(page, site)
    tile(page, lead).drag_to(column(page, site, SENT).locator(".column__body"))
    expect(column(page, site, SENT)).to_contain_text("Кресла")
    expect(column(page, site, SENT)).to_contain_text("1 сделка")
    expect(column(page, site, QUALIFIED)).not_to_contain_text("Кресла")
    assert site.run(lambda: lead.status_id) == site.stage_id(SENT)
    assert site.run(lambda: lead.updated_by) == site.seller.id


def test_a_lead_is_moved_by_keyboard_alone(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Стеллажи", NEW)
    open_board(page, site)
    tile(page, lead).locator(".tile__move").press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(column(page, site, QUALIFIED)).to_contain_text("Стеллажи")


def test_a_lead_that_an_integration_puts_back_is_seen_going_back(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Перегородки", QUALIFIED)
    open_board(page, site)
    tile(page, lead).drag_to(column(page, site, SENT).locator(".column__body"))
    expect(column(page, site, SENT)).to_contain_text("Перегородки")
    back = site.stage_id(QUALIFIED)
    site.run(lambda: site.account.move_lead(lead.id, back, by=0, origin="api"))
    expect(column(page, site, QUALIFIED)).to_contain_text("Перегородки")
    expect(page.locator(".tile--returned")).to_have_count(1)
    expect(tile(page, lead)).to_contain_text("Пример возвращает сделку")


def test_the_mark_of_a_lead_put_back_goes_when_it_is_moved_again(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Стулья", SENT)
    open_board(page, site)
    back = site.stage_id(QUALIFIED)
    site.run(lambda: site.account.move_lead(lead.id, back, by=0, origin="api"))
    expect(tile(page, lead)).to_contain_text("Пример возвращает сделку")
    tile(page, lead).drag_to(column(page, site, SENT).locator(".column__body"))
    expect(column(page, site, SENT)).to_contain_text("Стулья")
    expect(page.locator(".tile--returned, .tile__why")).to_have_count(0)


def test_a_change_of_a_lead_does_not_take_it_from_the_hand_that_drags_it(
    page: Page, site: SandboxSite
) -> None:
    lead = site.lead("Лампы", QUALIFIED)
    open_board(page, site)
    tile(page, lead).hover(position={"x": 100, "y": 70})
    page.mouse.down()
    column(page, site, SENT).locator(".column__body").hover()
    site.run(lambda: site.account.edit_lead(lead.id, by=0, name="Лампы и стойки", origin="api"))
    expect(tile(page, lead)).to_contain_text("Лампы и стойки")
    column(page, site, SENT).locator(".column__body").hover()
    page.mouse.up()
    expect(column(page, site, SENT)).to_contain_text("Лампы и стойки")
    expect(column(page, site, SENT)).to_contain_text("1 сделка")


def test_a_board_of_many_leads_shows_more_as_one_scrolls(page: Page, site: SandboxSite) -> None:
    for number in range(70):
        site.lead(f"Заказ {number}", NEW)
    open_board(page, site)
    tiles = column(page, site, NEW).locator(".tile")
    expect(tiles).to_have_count(30)
    expect(column(page, site, NEW)).to_contain_text("70 сделок")
    more = column(page, site, NEW).get_by_role("button", name="Показать ещё")
    expect(more).to_have_text("Показать ещё 30")
    # Coming near the end of the list is enough; the button is for who cannot scroll.
    more.evaluate("button => button.click()")
    expect(tiles).to_have_count(60)
    expect(more).to_have_text("Показать ещё 10")
    tiles.last.evaluate("tile => tile.scrollIntoView()")
    expect(tiles).to_have_count(70)
    expect(column(page, site, NEW).get_by_role("button", name="Показать ещё")).to_have_count(0)


def test_the_clients_call_is_a_real_call_in_the_log(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Приёмная", QUALIFIED)
    open_card(page, site, lead.id)
    page.get_by_role("button", name="Клиент звонит (2 минуты)").click()
    expect(page.get_by_text("Входящий звонок, 2:00")).to_be_visible()
    (note,) = site.run(lambda: [note for note in site.account.notes.values() if note.note_type == "call_in"])
    assert (note.entity, note.entity_id, note.params["duration"]) == ("leads", lead.id, 120)
    events = site.run(lambda: [event.type for event in site.account.journal.of("lead", lead.id)])
    assert "incoming_call" in events


def test_a_note_from_outside_appears_without_reloading(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Кухня")
    open_card(page, site, lead.id)
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    site.run(lambda: site.account.add_note("leads", lead.id, "Клиент ещё не открыл КП", by=0, origin="api"))
    expect(page.get_by_text("Клиент ещё не открыл КП")).to_be_visible()


def test_the_widget_draws_into_the_right_panel_and_speaks_to_its_server(
    page: Page, site: SandboxSite
) -> None:
    lead = site.lead("Кабинет")
    open_card(page, site, lead.id)
    expect(widget(page)).to_contain_text(f"Здравствуйте, сделка {lead.id}")
    expect(page.locator(f".card-widgets__widget-{site.integration.widget_code} output")).to_have_text("heard")
    (token,) = site.product.tokens
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=site.product_url)
    assert (claims["user_id"], claims["account_id"]) == (site.seller.id, site.account.id)
    assert claims["iss"] == site.url
    assert page.evaluate("seen") == [
        f"render lcard {lead.id}",
        "bind_actions",
        "init leads true leads_card",
    ]


def test_going_from_card_to_card_destroys_and_renders_again(page: Page, site: SandboxSite) -> None:
    first, second = site.lead("Первая"), site.lead("Вторая")
    open_card(page, site, first.id)
    expect(widget(page)).to_contain_text(str(first.id))
    open_card(page, site, second.id)
    expect(widget(page)).to_contain_text(str(second.id))
    expect(widget(page)).to_have_count(1)
    assert page.evaluate("seen").count("destroy") == 1


def test_a_new_card_has_the_id_nought(page: Page, site: SandboxSite) -> None:
    open_card(page, site, 0)
    expect(widget(page)).to_contain_text("Здравствуйте, сделка 0")


def test_a_widget_that_does_not_answer_true_is_not_shown(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Молчание")
    page.add_init_script("window.probeAnswer = 'yes'")
    open_card(page, site, lead.id)
    page.wait_for_function("window.seen && window.seen.length === 1")
    expect(widget(page)).to_have_count(0)


def test_leaving_the_card_destroys_the_widget(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Уходим")
    open_card(page, site, lead.id)
    expect(widget(page)).to_be_visible()
    page.goto(f"{site.url}/#/leads")
    expect(page.locator(".columns")).to_be_visible()
    assert page.evaluate("seen").count("destroy") == 1


def test_the_page_of_the_widget_is_linked_and_drawn_by_it(page: Page, site: SandboxSite) -> None:
    open_board(page, site)
    page.locator("#rail").get_by_title("Страница виджета").click()
    expect(page.locator(".probe-page")).to_have_text("Здравствуйте")


def test_an_admin_sets_the_widget_up_and_switches_it_off(page: Page, site: SandboxSite) -> None:
    page.goto(f"{site.url}/#/settings/integrations")
    page.get_by_role("button", name="Войти администратором").click()
    page.get_by_role("button", name="Настройки").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".probe-settings")).to_have_text(site.integration.widget_code)
    dialog.get_by_label("Логин").fill("opora")
    dialog.get_by_role("button", name="Сохранить").click()
    expect(dialog).to_have_count(0)
    assert site.run(lambda: site.integration.widget_settings) == {"login": "opora"}
    page.get_by_role("button", name="Настройки").click()
    page.get_by_role("button", name="Отключить").click()
    expect(page.get_by_text("Не подключена")).to_be_visible()
    assert not site.run(lambda: site.integration.installed)
    assert page.evaluate("seen").count("onSave N") == 1


def test_a_switch_of_the_faults_page_works_at_once(page: Page, site: SandboxSite) -> None:
    page.goto(f"{site.url}/#/settings/faults")
    expect(page.get_by_label("down")).to_have_text("отвечаетошибка 503обрыв связи")
    expect(page.get_by_text("изменено")).to_be_hidden()
    page.get_by_label("duplicate_rate").fill("0.5")
    page.get_by_label("duplicate_rate").blur()
    page.get_by_label("ip_ban").check()
    expect(page.get_by_label("ip_ban")).to_be_checked()
    expect(page.get_by_text("изменено 2")).to_be_visible()
    page.wait_for_function("fetch('/sandbox/faults').then((r) => r.json()).then((f) => f.ip_ban)")
    assert site.run(lambda: site.account.faults.duplicate_rate) == 0.5
    page.get_by_role("button", name="Вернуть всё в норму").click()
    expect(page.get_by_label("ip_ban")).not_to_be_checked()
    expect(page.get_by_role("button", name="Вернуть всё в норму")).to_be_disabled()
    assert site.run(lambda: site.account.faults) == Faults()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_pages_are_usable_by_everybody(page: Page, site: SandboxSite, width: int, theme: str) -> None:
    lead = site.lead("Проверка", QUALIFIED)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    for address, ready in (
        ("leads", ".columns"),
        (f"leads/{lead.id}", ".card .feed"),
        ("leads/0", ".card--new"),
        ("settings/integrations", ".integration"),
        ("settings/faults", ".switches"),
    ):
        page.goto(f"{site.url}/#/{address}")
        expect(page.locator(ready)).to_be_attached()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert faults(page) == [], address
        assert overflow(page) == 0, address


def test_the_pages_speak_english_too(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Desks")
    open_board(page, site)
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_text("New lead")).to_be_visible()
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    open_card(page, site, lead.id)
    expect(widget(page)).to_contain_text("Hello")
