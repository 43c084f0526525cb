"""The card's button that moves a deal on, and the card of a deal that was made to try a lock."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import front_data, front_lock
from tests.browser.accessibility import faults, overflow
from tests.browser.front_data import JSON
from tests.browser.front_server import FrontServer, answering

THEMES: list[Literal["light", "dark"]] = ["light", "dark"]
GO = "Перевести на «Счёт выставлен»"
MOVING = front_lock.forward(state="moving")
REFUSED = front_lock.forward(
    state="refused", text="CRM просит заполнить поле «Сумма». Заполните и нажмите снова."
)
STATES = {
    "ready": front_data.checklist(forward=front_lock.forward()),
    "ready, nothing owed": front_data.checklist(forward=front_lock.forward(), next_key=None),
    "moving": front_data.checklist(forward=MOVING),
    "refused": front_data.checklist(forward=REFUSED),
    "trial": front_data.checklist(lock_trial=front_lock.note()),
    "another's trial": front_data.checklist(lock_trial=front_lock.note(is_yours=False)),
    "held": front_data.checklist(lock_trial=front_lock.note(state="done", outcome="holds")),
    "leaked": front_data.checklist(lock_trial=front_lock.note(state="done", outcome="leaks")),
    "defeated": front_data.checklist(lock_trial=front_lock.note(state="done", outcome="defeated")),
}


def open_card(page: Page, front: FrontServer, **fragment: str) -> None:
    page.goto(front.standalone("card", **fragment))
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    expect(page.locator(".card-skeleton")).to_have_count(0)


def test_a_press_moves_the_deal_on_without_a_reload(page: Page, front: FrontServer) -> None:
    def press(_request: object, _body: object) -> JSON:
        front.state.checklist = front_data.checklist(revision="moving", forward=MOVING)
        return MOVING

    front.state.checklist = front_data.checklist(forward=front_lock.forward())
    front.state.answers["POST deals/7/forward"] = press
    open_card(page, front)
    page.get_by_role("button", name=GO).focus()
    page.keyboard.press("Enter")
    moving = page.get_by_role("button", name="Переводим на «Счёт выставлен»…")
    expect(moving).to_be_focused()
    page.keyboard.press("Enter")
    assert [call for call in front.state.calls if call[0] == "POST"] == [
        ("POST", "deals/7/forward", {"stage_id": "60"})
    ]

    arrived = {**front_data.checklist()["deal"], "stage_id": "60", "stage_title": "Счёт выставлен"}
    front.state.checklist = front_data.checklist(revision="moved", deal=arrived)

    expect(page.get_by_text("Готово: сделка на стадии «Счёт выставлен».").last).to_be_visible()
    expect(page.locator("[aria-live]")).to_have_text("Готово: сделка на стадии «Счёт выставлен».")
    expect(moving).to_have_count(0)
    expect(page.locator("main.card")).to_be_focused()


def test_a_refusal_says_what_to_do_and_may_be_pressed_again(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(forward=MOVING)
    open_card(page, front)
    expect(page.get_by_role("button", name="Переводим на «Счёт выставлен»…")).to_be_visible()
    front.state.checklist = front_data.checklist(revision="refused", forward=REFUSED)
    expect(page.locator("[aria-live]")).to_contain_text("CRM просит заполнить поле «Сумма».")
    expect(page.get_by_role("button", name=GO)).to_be_enabled()


def test_only_one_button_stands_out_while_the_deal_can_move_on(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(forward=front_lock.forward())
    open_card(page, front)
    colours = [
        each.evaluate("element => getComputedStyle(element).backgroundColor")
        for each in page.locator("button.primary").all()
    ]
    assert len(colours) == 2
    assert colours[0] != colours[1]


def test_a_seller_tries_the_lock_by_one_button(page: Page, front: FrontServer) -> None:
    proofs: list[str | None] = []

    def attempt(request: object, _body: object) -> JSON:
        proofs.append(request.headers.get("x-auth-token"))  # type: ignore[attr-defined]
        front.state.checklist = None  # the trial deal is gone at once
        return front_lock.held_trial()

    front.state.checklist = front_data.checklist(lock_trial=front_lock.note())
    front.state.answers["POST lock/trials/t1/attempt"] = attempt
    open_card(page, front)
    expect(page.get_by_text("Сейчас ход за клиентом")).to_have_count(0)
    page.get_by_role("button", name="Попробовать перенести на «КП отправлено»").click()
    expect(page.get_by_text("CRM не пустила на «КП отправлено». Так и нужно: замок держит.")).to_be_visible()
    expect(page.locator("main.card")).to_be_focused()
    assert proofs == ["t"]


def test_a_trial_that_cannot_be_made_says_so_and_may_be_repeated(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(lock_trial=front_lock.note())
    open_card(page, front)
    button = page.get_by_role("button", name="Попробовать перенести на «КП отправлено»")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Попробуйте ещё раз через минуту")
    front.state.answers["POST lock/trials/t1/attempt"] = answering(front_lock.held_trial())
    button.click()
    expect(page.get_by_text("замок держит")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", STATES)
def test_it_is_usable_by_everybody(
    page: Page, front: FrontServer, state: str, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 360, "height": 800})
    front.state.checklist = STATES[state]
    open_card(page, front)
    expect(page.locator(".forward, .trial")).to_be_visible()
    assert faults(page) == []
    assert overflow(page) == 0


@pytest.mark.parametrize("width", [300, 420, 1900])
def test_long_names_fit(page: Page, front: FrontServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    long = "Согласование дополнительного соглашения с юристами " + "х" * 60
    front.state.checklist = front_data.checklist(
        forward=front_lock.forward(stage_title=long, state="refused", text=long)
    )
    open_card(page, front)
    expect(page.locator(".forward button")).to_be_visible()
    assert overflow(page) == 0
    front.state.checklist = front_data.checklist(
        revision="trial", lock_trial=front_lock.note(stage_title=long)
    )
    expect(page.locator(".trial button")).to_be_visible()
    assert overflow(page) == 0


def test_it_speaks_english_to_an_english_host(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(forward=front_lock.forward(stage_title="Invoice"))
    open_card(page, front, language="en")
    expect(page.get_by_role("button", name="Move to “Invoice”")).to_be_visible()
