"""The conversion panel in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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
        "По статусам до стадии «КП отправлено» дошли 139, а все шаги для неё сделали 98."
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
    expect(row.get_by_role("cell")).to_have_text(
        ["149", "98", "51", "66%", "59–72%", "47%", "139", "2,7 дня"]
    )


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
    expect(page).to_have_url(re.compile("from=2026-01-01"))
    expect(page.locator(".body")).to_have_attribute("aria-busy", "false")
    assert asked[1]["order"] == "any"
    assert asked[2]["responsible_id"] == "6"
    assert asked[3]["segment_key"] == "urgent"
    assert asked[4]["pipeline_id"] == "2"
    assert "segment_key" not in asked[4]
    assert asked[-1]["from"] == "2026-01-01"


def test_choices_survive_a_reload(page: Page, front: FrontServer, asked: list[dict[str, str]]) -> None:
    open_panel(page, front)
    page.get_by_label("Период").select_option("30")
    page.get_by_label("Менеджер").select_option("6")
    page.get_by_role("tab", name="Срочно · 88").click()
    page.get_by_role("button", name="Показать таблицей").click()
    page.reload()
    expect(page.get_by_role("row", name="Клиент ответил на звонок")).to_be_visible()
    expect(page.get_by_role("tab", name="Срочно · 88")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Период")).to_have_value("30")
    expect(page.get_by_label("Менеджер")).to_have_value("6")
    assert asked[-1]["responsible_id"] == "6"
    assert asked[-1]["from"] > asked[0]["from"]


@pytest.mark.usefixtures("asked")
def test_all_segments_are_laid_side_by_side(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    page.get_by_role("tab", name="Сравнить").click()
    row = page.get_by_role("row", name="Выбирают")
    expect(row.get_by_role("cell")).to_have_text(["210", "38", "18%", "Клиент открыл КП: 51 из 149"])
    assert faults(page) == []
    row.get_by_role("button", name="Выбирают").click()
    expect(page.get_by_role("tab", name="Выбирают · 210")).to_have_attribute("aria-selected", "true")


@pytest.fixture
def listed(front: FrontServer) -> list[dict[str, str]]:
    """The questions that were put to the list of deals."""
    questions: list[dict[str, str]] = []

    def answer(request: Request, _body: object) -> JSON:
        questions.append(dict(request.query_params))
        return front_report.deals(request.query_params.get("after", ""))

    front.state.answers["GET reports/deals"] = answer
    return questions


@pytest.mark.usefixtures("asked")
def test_a_number_opens_its_deals_and_back_loses_no_filter(
    page: Page, front: FrontServer, listed: list[dict[str, str]]
) -> None:
    open_panel(page, front)
    page.get_by_label("Менеджер").select_option("6")
    page.get_by_text("− 51 клиент остановился здесь").click()
    expect(page.get_by_role("heading", name="«Клиент открыл КП»")).to_be_focused()
    expect(page.get_by_role("link", name="Сделка 1 (откроется")).to_have_attribute(
        "href", "https://crm.example/deals/1"
    )
    expect(page.get_by_role("link", name="Сделка № 2")).to_be_visible()
    expect(page.get_by_role("tab", name="Остановились · 51")).to_have_attribute("aria-selected", "true")
    asked_for = {key: listed[0][key] for key in ("step_key", "segment_key", "state", "responsible_id")}
    assert asked_for == {
        "step_key": "s3",
        "segment_key": "choosing",
        "state": "dropped",
        "responsible_id": "6",
    }
    page.get_by_role("button", name="К конверсии").click()
    expect(page.locator(".lead")).to_be_visible()
    expect(page.get_by_label("Менеджер")).to_have_value("6")


@pytest.mark.usefixtures("asked", "listed")
def test_the_browsers_back_leaves_the_list(page: Page, front: FrontServer) -> None:
    open_panel(page, front)
    page.get_by_role("button", name="98 клиентов сделали шаг").first.click()
    expect(page.get_by_role("heading", name="«Клиент открыл КП»")).to_be_visible()
    page.go_back()
    expect(page.locator(".lead")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="«Клиент открыл КП»")).to_be_visible()


@pytest.mark.usefixtures("asked")
def test_a_list_survives_a_reload_and_is_read_page_by_page(
    page: Page, front: FrontServer, listed: list[dict[str, str]]
) -> None:
    open_panel(page, front)
    page.get_by_role("button", name="Показать эти сделки").click()
    expect(page.get_by_role("heading", name="«КП отправлено»")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="«КП отправлено»")).to_be_visible()
    page.get_by_role("button", name="Показать ещё").click()
    expect(page.get_by_role("row")).to_have_count(1 + 50 + 3)
    expect(page.get_by_role("button", name="Показать ещё")).to_have_count(0)
    assert listed[-1]["after"] == "50:x"
    assert (listed[-1]["step_key"], listed[-1]["state"]) == ("gate:40", "claimed_only")


@pytest.mark.usefixtures("asked")
def test_an_empty_list_and_a_broken_one_say_so(page: Page, front: FrontServer) -> None:
    front.state.answers["GET reports/deals"] = answering({"deals": [], "next": None})
    open_panel(page, front)
    page.get_by_text("− 51 клиент остановился здесь").click()
    expect(page.get_by_text("Таких сделок нет")).to_be_visible()
    del front.state.answers["GET reports/deals"]
    page.get_by_role("tab", name="Сделали · 98").click()
    expect(page.get_by_role("button", name="Попробовать ещё раз")).to_be_visible()


@pytest.mark.usefixtures("asked")
def test_the_figures_are_saved_as_a_file(page: Page, front: FrontServer) -> None:
    front.state.answers["GET reports/conversion.csv"] = answering(Response("Сегмент;Шаг\r\n"))
    open_panel(page, front)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Выгрузить в Excel").click()
    assert re.fullmatch(r"stepgate-[\d-]{10}-[\d-]{10}\.csv", saved.value.suggested_filename)
    assert Path(saved.value.path()).read_text("utf-8") == "Сегмент;Шаг\n"
    del front.state.answers["GET reports/conversion.csv"]
    page.get_by_role("button", name="Выгрузить в Excel").click()
    expect(page.get_by_text("Файл не получился")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "code", "text", "cure"),
    [
        (400, "period_too_long", "Период слишком длинный", "Показать последние 180 дней"),
        (404, "pipeline_unknown", "Этой воронки больше нет", "Показать всё сначала"),
        (403, "not_your_numbers", "Эти цифры вам пока не открыты", "Показать всё сначала"),
    ],
)
def test_an_odd_question_gets_a_sentence_and_a_way_out(
    page: Page, front: FrontServer, status: int, code: str, text: str, cure: str
) -> None:
    def answer(request: Request, _body: object) -> JSON | Response:
        if request.query_params["order"] == "any" or request.query_params["from"] == "2001-01-01":
            error = {"code": code, "sentence": "", "problems": [], "id": "e-1"}
            return JSONResponse({"error": error}, status_code=status)
        return front_report.report()

    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answer
    page.goto(
        front.standalone("panel", period="custom", **{"from": "2001-01-01"}, to="2026-01-01", order="ordered")
    )
    expect(page.get_by_role("alert")).to_contain_text(text)
    page.get_by_role("button", name=cure).click()
    expect(page.locator(".lead")).to_be_visible()
    expect(page.get_by_label("Период")).to_have_value("180")


def test_figures_stay_with_their_age_when_newer_ones_do_not_come(page: Page, front: FrontServer) -> None:
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report())
    open_panel(page, front)
    front.state.answers["GET reports/conversion"] = answering(Response("", status_code=502))
    page.get_by_label("Период").select_option("30")
    expect(page.get_by_text("Показываем, как было в 12:04")).to_be_visible()
    expect(page.locator(".lead")).to_be_visible()
    front.state.answers["GET reports/conversion"] = answering(front_report.report())
    page.get_by_role("button", name="Попробовать ещё раз").click()
    expect(page.get_by_text("Показываем, как было")).to_have_count(0)


def test_figures_grow_by_themselves_while_the_past_is_read(page: Page, front: FrontServer) -> None:
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    growing = front_report.report(backfill={"state": "running", "done": 40, "total": 100})
    front.state.answers["GET reports/conversion"] = answering(growing)
    open_panel(page, front)
    expect(page.get_by_text("Читаем историю сделок")).to_be_visible()
    front.state.answers["GET reports/conversion"] = answering(front_report.report())
    expect(page.get_by_text("Читаем историю сделок")).to_have_count(0, timeout=60_000)


def test_a_manager_sees_own_numbers_and_no_admin_parts(page: Page, front: FrontServer) -> None:
    front.state.is_admin = False
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report(sees="own"))
    open_panel(page, front)
    expect(page.get_by_text("Здесь только ваши сделки")).to_be_visible()
    expect(page.get_by_label("Менеджер")).to_have_count(0)
    expect(page.get_by_role("link", name="Карта шагов")).to_have_count(0)


def test_who_was_let_in_sees_everyone_without_admin_parts(page: Page, front: FrontServer) -> None:
    front.state.is_admin = False
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report(sees="everyone"))
    open_panel(page, front)
    expect(page.get_by_label("Менеджер")).to_be_visible()
    expect(page.get_by_text("Здесь только ваши сделки")).to_have_count(0)
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


@pytest.mark.usefixtures("asked", "listed")
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
    page.get_by_role("button", name="51 клиент не сделал шаг").first.click()
    expect(page.get_by_role("link", name="Сделка 1 (откроется")).to_be_visible()
    assert faults(page) == []
    assert overflow(page) == 0
