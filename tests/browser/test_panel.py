"""The conversion panel in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request

from tests.browser import front_report
from tests.browser.accessibility import faults, overflow
from tests.browser.front_data import JSON
from tests.browser.front_server import FrontServer, answering


@pytest.fixture
def asked(front: FrontServer) -> list[dict[str, str]]:
    """The questions that the panel put to the report."""
    questions: list[dict[str, str]] = []

    def answer(request: Request, _body: object) -> JSON:
        questions.append(dict(request.query_params))
        return front_report.report()

    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answer
    return questions


def open_panel(page: Page, front: FrontServer) -> None:
    page.goto(front.standalone("panel"))
    expect(page.locator(".lead, .blank")).to_be_visible()


@pytest.mark.usefixtures("asked")
def test_first_sentence_names_where_clients_stop(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    expect(page.locator(".lead")).to_have_text(
        "Клиенты сегмента «Выбирают» чаще всего останавливаются на шаге «Клиент открыл КП»: "
        "51 из 149 его не сделали."
    )
    expect(page.locator(".sub")).to_contain_text(
        "По статусам до стадии «КП отправлено» дошли 139, по действиям клиентов 98."
    )


@pytest.mark.usefixtures("asked")
def test_bars_are_as_long_as_their_numbers(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    row = page.locator(".funnel li", has_text="Клиент открыл КП")
    track = row.locator(".track").bounding_box()
    bar = row.locator("i.client").bounding_box()
    outline = row.locator("i.seller").bounding_box()
    assert track is not None
    assert bar is not None
    assert outline is not None
    assert bar["width"] / track["width"] == pytest.approx(98 / 210, abs=0.01)
    assert outline["width"] / track["width"] == pytest.approx(139 / 210, abs=0.01)


@pytest.mark.usefixtures("asked")
def test_table_holds_every_number_of_the_picture(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    page.get_by_role("button", name="Показать таблицей").click()
    row = page.get_by_role("row", name="Клиент открыл КП")
    expect(row.get_by_role("cell")).to_have_text(["149", "98", "66%", "59–72%", "47%", "139", "2,7 дня"])


@pytest.mark.usefixtures("asked")
def test_no_share_is_given_over_a_handful_of_deals(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    page.get_by_role("tab", name="Тендер · 4").click()
    row = page.locator(".funnel li", has_text="Клиент принял заявку")
    expect(row.locator(".numbers").last).to_contain_text("мало данных")
    expect(row.locator(".whisker")).to_have_count(0)
    expect(page.get_by_text("Меньше 5 сделок в основании")).to_be_visible()


def test_filters_ask_the_server_anew(page: Page, front: FrontServer, asked: list[dict[str, str]]) -> None:
    open_panel(page, front)
    assert asked[0]["order"] == "ordered"
    page.get_by_label("Как считать шаги").select_option("any")
    page.get_by_label("Менеджер").select_option("6")
    page.get_by_label("Сегмент", exact=True).select_option("urgent")
    page.get_by_label("Воронка").select_option("2")
    expect(page.get_by_label("Сегмент", exact=True)).to_have_value("")
    page.get_by_label("Период").select_option("custom")
    page.get_by_label("С", exact=True).fill("2026-01-01")
    page.get_by_label("С", exact=True).press("Enter")
    expect(page.locator(".body.loading")).to_have_count(0)
    assert asked[1]["order"] == "any"
    assert asked[2]["responsible_id"] == "6"
    assert asked[3]["segment_key"] == "urgent"
    assert asked[4]["pipeline_id"] == "2"
    assert "segment_key" not in asked[4]
    assert asked[-1]["from"] == "2026-01-01"


def test_a_manager_sees_own_numbers_and_no_admin_parts(page: Page, front: FrontServer) -> None:
    front.state.is_admin = False
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report())
    open_panel(page, front)
    expect(page.get_by_text("Только ваши сделки")).to_be_visible()
    expect(page.get_by_label("Менеджер")).to_have_count(0)
    expect(page.get_by_role("link", name="Карта шагов")).to_have_count(0)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"version": None, "segments": [], "deals": 0, "bottleneck": None}, "ещё нет карты шагов"),
        ({"segments": [], "deals": 0, "bottleneck": None, "truth_gap": []}, "За этот период сделок нет"),
        ({"backfill": {"state": "running", "done": 40, "total": 100}}, "Читаем историю сделок: 40%"),
        ({"is_rebuilding": True}, "Пересчитываем старые сделки"),
        ({"bottleneck": None}, "Явного узкого места пока нет"),
        ({"truth_gap": []}, "Статусы и действия клиентов сходятся"),
    ],
)
def test_panel_says_what_it_has_not_got(page: Page, front: FrontServer, changes: JSON, text: str) -> None:
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report(**changes))
    open_panel(page, front)
    expect(page.get_by_text(text)).to_be_visible()


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_panel_is_usable_by_everybody(page: Page, front: FrontServer, width: int, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    open_panel(page, front)
    assert faults(page) == []
    assert overflow(page) == 0
    page.get_by_role("button", name="Показать таблицей").click()
    assert faults(page) == []
    assert overflow(page) == 0
