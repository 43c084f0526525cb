"""Objections of managers and what concerns the whole account, in a real browser."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import Response

from tests.browser import front_account, front_funnel, front_report
from tests.browser.accessibility import faults, overflow
from tests.browser.front_data import JSON
from tests.browser.front_server import FrontServer, answering

THEMES: list[Literal["light", "dark"]] = ["light", "dark"]


class Account:
    """What the server keeps of an account."""

    def __init__(self, front: FrontServer) -> None:
        self.settings = front_account.settings()
        self.parked = front_account.parked()
        self.objections = [front_account.objection()]
        base = front.state.answers
        base["GET catalog"] = answering(front_report.catalog())
        base["GET status"] = answering(front_funnel.status(parked=2))
        base["GET pipelines/1/funnel"] = answering(front_funnel.funnel())
        base["GET settings"] = lambda _request, _body: self.settings
        base["PATCH settings"] = self.change
        base["GET lanes/parked"] = lambda _request, _body: self.parked
        base["POST lanes/deal/77/retry"] = self.free
        base["POST lanes/deal/77/drop"] = self.free
        base["GET objections"] = self.list
        base["POST objections/log-1/close"] = self.close

    def change(self, _request: Request, body: JSON) -> JSON:
        """Keep a choice."""
        self.settings = {**self.settings, **body}
        return self.settings

    def free(self, _request: Request, _body: Any) -> Response:
        """The first of the list waits no more."""
        self.parked = {"total": 1, "lanes": self.parked["lanes"][1:]}
        return Response(status_code=204)

    def list(self, request: Request, _body: Any) -> JSON:
        """Open or answered objections."""
        wanted = request.query_params["state"]
        found = [each for each in self.objections if each["state"] == wanted]
        open_ones = sum(each["state"] == "open" for each in self.objections)
        return {"objections": found, "open_count": open_ones}

    def close(self, _request: Request, body: JSON) -> JSON:
        """Answer the one that there is."""
        answered = front_account.objection(state="closed", note=body["note"], closed_by="Мария Ильина")
        self.objections = [answered]
        return answered


@pytest.fixture
def account(front: FrontServer) -> Account:
    """An account with something of everything."""
    return Account(front)


def open_section(page: Page, front: FrontServer, name: str) -> None:
    page.goto(front.standalone("settings"))
    page.get_by_role("navigation").get_by_role("link", name=name).click()


def test_writing_is_turned_off_after_saying_what_that_means(
    page: Page, front: FrontServer, account: Account
) -> None:
    open_section(page, front, "Настройки")
    page.get_by_role("button", name="Выключить запись…").click()
    expect(page.get_by_text("Новых возвратов, задач, примечаний и тегов не будет.")).to_be_visible()
    page.get_by_role("button", name="Выключить", exact=True).click()
    expect(page.get_by_text("Stepgate смотрит и считает, но в сделках ничего не меняет.")).to_be_visible()
    assert account.settings["writes_off"] is True


def test_a_head_of_sales_is_let_see_all_deals(page: Page, front: FrontServer, account: Account) -> None:
    open_section(page, front, "Настройки")
    expect(page.get_by_role("checkbox", name="Мария Ильина")).to_have_count(0)
    page.get_by_role("checkbox", name="Иван Петров").check()
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Сохранили.")).to_be_visible()
    assert account.settings["panel_user_ids"] == ["6"]


@pytest.mark.parametrize(("button", "verb"), [("Попробовать ещё раз", "retry"), ("Убрать из списка", "drop")])
@pytest.mark.usefixtures("account")
def test_what_was_set_aside_is_tried_again_or_dropped(
    page: Page, front: FrontServer, button: str, verb: str
) -> None:
    open_section(page, front, "Настройки")
    row = page.get_by_role("listitem").filter(has_text="ООО «Ромашка»")
    row.get_by_role("button", name=button).click()
    expect(row).to_have_count(0)
    expect(page.get_by_text("Отложили 1 запись.")).to_be_visible()
    assert ("POST", f"lanes/deal/77/{verb}", None) in front.state.calls


def test_an_objection_is_agreed_with_in_one_tap(page: Page, front: FrontServer, account: Account) -> None:
    open_section(page, front, "Возражения 1")
    expect(page.get_by_text("Клиент звонил на мобильный и всё обсудил")).to_be_visible()
    page.get_by_role("button", name="Принять").click()
    expect(page.get_by_text("Возражений нет")).to_be_visible()
    expect(page.get_by_role("link", name="Возражения", exact=True)).to_be_visible()
    page.get_by_role("button", name="Показать отвеченные").click()
    expect(page.get_by_text("Согласны, это ошибка. Поправим правило.")).to_be_visible()
    assert account.objections[0]["state"] == "closed"


@pytest.mark.usefixtures("account")
def test_an_objection_is_answered_in_words(page: Page, front: FrontServer) -> None:
    open_section(page, front, "Возражения 1")
    page.get_by_role("button", name="Ответить").click()
    page.get_by_role("button", name="Отправить ответ").click()
    expect(page.get_by_role("alert")).to_have_text("Напишите ответ: менеджер прочтёт его в карточке.")
    page.get_by_label("Ответ менеджеру").fill("Звонка не видно: отметьте шаг словами клиента")
    page.get_by_role("button", name="Отправить ответ").click()
    expect(page.get_by_text("Возражений нет")).to_be_visible()
    assert front.state.calls[-2][2] == {"note": "Звонка не видно: отметьте шаг словами клиента"}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("section", ["Возражения 1", "Настройки 2"])
def test_account_pages_are_usable_by_everybody(
    page: Page, front: FrontServer, section: str, width: int, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    open_section(page, front, section)
    expect(page.locator(".account")).to_be_visible()
    assert faults(page) == []
    assert overflow(page) == 0
