"""The simulated account's card in a browser: typed words are kept, what others do shows by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sandbox_server import STAGES, SandboxSite, sandbox_site
from tests.browser.sandbox_widget import probe_archive

NEW, QUALIFIED, SENT = STAGES


@pytest.fixture
def site() -> Iterator[SandboxSite]:
    """An account whose integration has a small widget of ours."""
    with sandbox_site(probe_archive) as served:
        yield served


def open_card(page: Page, site: SandboxSite, lead_id: int) -> None:
    page.goto(f"{site.url}/#/leads/{lead_id}")
    expect(page.locator(".live")).to_have_attribute("data-state", "on")


def test_a_day_is_typed_as_a_day_and_kept_as_a_moment(page: Page, site: SandboxSite) -> None:
    field = site.run(lambda: site.account.add_field("leads", "Дата оплаты", "date"))
    lead = site.lead("Стойка")
    open_card(page, site, lead.id)
    page.get_by_label("Дата оплаты").fill("2026-03-05")
    page.get_by_label("Дата оплаты").blur()
    expect(page.locator(".feed")).to_contain_text("Дата оплаты: 05.03.2026")
    expect(page.get_by_label("Дата оплаты")).to_have_value("2026-03-05")
    assert site.run(lambda: lead.fields[field.id][0]["value"]) == 1_772_668_800


def test_the_clients_form_fills_only_what_he_answered(page: Page, site: SandboxSite) -> None:
    needs = site.run(lambda: site.account.add_field("leads", "Требования", "textarea"))
    lead = site.lead("Анкета")
    open_card(page, site, lead.id)
    page.get_by_role("button", name="Клиент заполняет анкету").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Требования").fill("Светлый дуб")
    dialog.get_by_role("button", name="Отправить").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".feed")).to_contain_text("Клиент заполнил форму")
    assert site.run(lambda: list(lead.fields)) == [needs.id]


def test_a_task_is_completed_with_its_result(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Задача")
    task = site.run(
        lambda: site.account.add_task(
            "leads", lead.id, "Позвонить", complete_till=2_000_000_000, by=site.seller.id
        )
    )
    open_card(page, site, lead.id)
    page.get_by_label("Чем закончилось?").fill("согласны")
    page.get_by_role("button", name="Выполнить").click()
    expect(page.locator(".tasks")).to_contain_text("✓ Позвонить: согласны")
    assert site.run(lambda: (task.is_completed, task.result)) == (True, "согласны")


def test_a_change_from_outside_leaves_half_typed_words_alone(page: Page, site: SandboxSite) -> None:
    lead = site.lead("Пишем")
    open_card(page, site, lead.id)
    note = page.get_by_label("Примечание для коллег")
    note.fill("Клиент просил")
    site.run(lambda: site.account.add_tag("leads", lead.id, "срочно", by=0))
    expect(page.locator(".tags-edit")).to_contain_text("срочно")
    expect(note).to_have_value("Клиент просил")
    expect(note).to_be_focused()


def test_a_lead_put_back_stays_marked_when_the_integration_writes_a_note_next(
    page: Page, site: SandboxSite
) -> None:
    lead = site.lead("Возврат", SENT)
    page.goto(site.url)
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    tile = page.locator(f'[data-lead="{lead.id}"] .tile')
    expect(tile).to_be_visible()
    back = site.stage_id(QUALIFIED)
    site.run(lambda: site.account.move_lead(lead.id, back, by=0, origin="api"))
    expect(page.locator(".tile--returned")).to_have_count(1)
    site.run(lambda: site.account.edit_lead(lead.id, by=0, name="Возврат с пометкой", origin="api"))
    expect(tile).to_contain_text("Возврат с пометкой")
    expect(page.locator(".tile--returned")).to_have_count(1)
