"""A map goes from a file into the account, by the guided page on the real product."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from app.domain.stage import DealField, FieldKind, StageKind
from tests.browser.accessibility import faults, overflow
from tests.browser.transfer_server import ProductSite, huge, product_site, usual_file
from tests.funnels.transfer.accounts import CLIENT_TYPE, abroad

STAGES = (
    ("C0:NEW", "New lead", StageKind.OPEN),
    ("C0:TALKS", "First conversation", StageKind.OPEN),
    ("C0:X", "Zebra", StageKind.OPEN),
    ("C0:OFFER", "Proposal sent", StageKind.OPEN),
    ("C0:BILL", "Invoice sent", StageKind.OPEN),
    ("C0:WON", "Deal won", StageKind.WON),
    ("C0:LOSE", "Deal lost", StageKind.LOST),
)
ACCOUNT = abroad(
    CLIENT_TYPE, DealField("U9", "Бюджет", FieldKind.YES_NO), DealField("U8", "Something"), stages=STAGES
)
SLOWEST_S = 30.0
"""Far more than it takes: a page that draws every choice of every row takes minutes."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ProductSite]:
    """The product with an English account that lacks a stage and a field of the file."""
    with product_site(tmp_path, ACCOUNT) as running:
        yield running


def file(text: str) -> FilePayload:
    return {"name": "карта.yaml", "mimeType": "application/yaml", "buffer": text.encode()}


def load(page: Page, site: ProductSite, text: str = "", **how: str) -> None:
    """Choose a file on the page of an account that was never mapped."""
    page.goto(site.page(**how))
    page.get_by_role("button", name=re.compile("из файла|from a file")).click()
    page.locator("input[type=file]").set_input_files(file(text or usual_file()))


def row(page: Page, name: str) -> Locator:
    return page.locator("li.pair").filter(has=page.get_by_label(f"Пара для «{name}»", exact=True))


def pair(page: Page, name: str) -> Locator:
    return page.get_by_label(f"Пара для «{name}»", exact=True)


def test_a_map_of_another_account_becomes_a_draft_with_a_report(page: Page, site: ProductSite) -> None:
    load(page, site)
    expect(page.get_by_role("heading", name="Карта из файла")).to_be_focused()
    expect(page.get_by_text("Посмотрите 4 места: 2 догадки и 2 без пары.")).to_be_visible()
    expect(pair(page, "КП отправлено")).to_have_value("C0:OFFER")
    expect(row(page, "КП отправлено")).to_contain_text("похоже · по смыслу")
    expect(row(page, "Классификация")).to_contain_text("догадка, проверьте · по порядку")
    expect(row(page, "Снятие возражений")).to_contain_text("Не перенесём: правило сегмента «Выбирают»")

    row(page, "Классификация").get_by_role("button", name="Верно: Классификация").click()
    expect(row(page, "Классификация")).to_contain_text("выбрано вами")
    expect(page.get_by_text("Посмотрите 3 места: 1 догадка и 2 без пары.")).to_be_visible()
    pair(page, "Требования").select_option("U8")
    expect(page.get_by_text("Посмотрите 2 места: 1 догадка и 1 без пары.")).to_be_visible()
    page.get_by_role("button", name="Принять все догадки").click()
    page.get_by_role("button", name="Всё без пары не переносить").click()
    expect(page.get_by_text("Вопросов нет: можно загружать.")).to_be_visible()

    page.get_by_role("button", name="Загрузить в черновик").click()
    expect(page.get_by_role("heading", name="Карта загружена в черновик")).to_be_focused()
    report = page.locator(".transfer-report")
    expect(report).to_contain_text("Правило не перенесено: для стадии «Снятие возражений» нет пары.")
    expect(page.get_by_role("tab", name="Срочно")).to_be_visible()
    expect(page.get_by_text("ещё ничего не опубликовано")).to_be_visible()
    report.get_by_role("button", name="Понятно").click()
    expect(report).to_be_hidden()


def test_two_stages_on_one_and_a_draft_in_the_way_need_a_yes(page: Page, site: ProductSite) -> None:
    load(page, site)
    page.get_by_role("button", name="Загрузить в черновик").click()
    page.get_by_role("button", name="Понятно").click()
    page.get_by_role("button", name="Файл", exact=True).click()
    page.locator("input[type=file]").set_input_files(file(usual_file()))
    pair(page, "Снятие возражений").select_option("C0:OFFER")
    expect(row(page, "Снятие возражений")).to_contain_text("Сюда же ведёт «КП отправлено».")
    merge = page.get_by_label(
        "Сложить на стадии «Proposal sent» правила: «КП отправлено», «Снятие возражений»"
    )
    replace = page.get_by_label(re.compile("Заменить черновик"))
    bring = page.get_by_role("button", name="Загрузить в черновик")
    bring.click()
    expect(page.get_by_role("heading", name="Карта загружена в черновик")).to_have_count(0)
    merge.check()
    replace.check()
    bring.click()
    expect(page.locator(".transfer-report")).to_contain_text("Правила нескольких стадий сложены")


def test_a_file_that_cannot_be_read_is_told_with_its_line_and_may_be_chosen_again(
    page: Page, site: ProductSite
) -> None:
    load(page, site, "stepgate: funnel\nformat: 1\nstages:\n- nam: a\n")
    expect(page.get_by_role("alert")).to_contain_text("Строка 4: «nam» здесь не бывает.")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.bin", "mimeType": "text/plain", "buffer": b"\xff\xfe\x00"}
    )
    expect(page.get_by_role("alert")).to_contain_text("Это не текст.")
    page.locator("input[type=file]").set_input_files(file("x" * 900_001))
    expect(page.get_by_role("alert")).to_contain_text("Файл больше 900 КБ")
    page.locator("input[type=file]").set_input_files(file(usual_file()))
    expect(page.get_by_role("heading", name="Карта из файла")).to_be_visible()


def test_names_from_a_file_are_only_text(page: Page, site: ProductSite) -> None:
    text = (
        usual_file()
        .replace("account: Опора", "account: <img src=x onerror=alert(1)>")
        .replace("КП отправлено", "<b>КП</b>")
    )
    load(page, site, text)
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(pair(page, "<b>КП</b>")).to_be_visible()


def test_a_map_is_saved_as_a_file_and_comes_back(page: Page, site: ProductSite) -> None:
    page.goto(site.page())
    page.get_by_role("button", name="По названиям ваших стадий").click()
    page.get_by_role("button", name="Файл", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Скачать черновик").click()
    saved = started.value
    assert saved.suggested_filename == "Sales.yaml"
    text = Path(saved.path()).read_text("utf-8")
    assert "stage: Proposal sent" in text
    page.locator("input[type=file]").set_input_files(file(text))
    expect(page.get_by_text("Файл сделан в этом же аккаунте.")).to_be_visible()
    expect(page.get_by_text("Перенесётся всё.")).to_be_visible()


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("how", [("ru", "light"), ("en", "dark")])
def test_the_page_fits_and_everybody_can_use_it(
    page: Page, site: ProductSite, width: int, how: tuple[str, str]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    language, theme = how
    load(page, site, language=language, theme=theme)
    expect(page.locator("li.pair").first).to_be_visible()
    assert overflow(page) == 0
    assert faults(page) == []
    page.locator(".bring button.primary").click()
    expect(page.locator(".transfer-report")).to_be_visible()
    page.mouse.move(0, 0)
    assert overflow(page) == 0
    assert faults(page) == []


def test_the_guided_way_is_walked_by_keyboard_alone(page: Page, site: ProductSite) -> None:
    load(page, site)
    expect(page.get_by_role("heading", name="Карта из файла")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Назад к карте").first).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(pair(page, "Классификация")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(pair(page, "Классификация")).to_have_value("C0:OFFER")
    expect(pair(page, "Классификация")).to_be_focused()
    page.get_by_role("button", name="Загрузить в черновик").focus()


def test_very_many_stages_and_fields_stay_quick(page: Page, tmp_path: Path) -> None:
    text, account = huge(stages=100, fields=300)
    with product_site(tmp_path, account) as site:
        started = time.monotonic()
        load(page, site, text)
        expect(page.get_by_role("heading", name="Карта из файла")).to_be_visible()
        expect(page.locator("li.pair").nth(100)).to_be_attached()
        assert page.locator("option").count() < 2_000
        name = page.locator("li.pair .ours span").first.inner_text()
        pair(page, name).focus()
        pair(page, name).select_option(index=5)
        expect(row(page, name)).to_contain_text("выбрано вами")
        assert time.monotonic() - started < SLOWEST_S
