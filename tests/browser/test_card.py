"""The deal's card in a real browser."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import front_data
from tests.browser.accessibility import faults, overflow
from tests.browser.front_server import FrontServer, answering

THEMES: list[Literal["light", "dark"]] = ["light", "dark"]
STATES = {
    "stopped": front_data.checklist(stop=front_data.stop()),
    "warned": front_data.checklist(stop=front_data.stop(action="warn")),
    "waiting": front_data.checklist(
        waiting={
            "log_id": "log-2",
            "to_stage_title": "КП отправлено",
            "due_at": "2026-11-16T10:00:00Z",
            "missing": front_data.stop()["missing"],
        }
    ),
    "stale": front_data.checklist(stale=True, stale_reason="crm_unavailable"),
    "partial": front_data.checklist(backfill={"state": "running", "done": 40, "total": 100}),
    "done": front_data.checklist(next_key=None),
    "contested": front_data.checklist(stop=front_data.stop(is_contested=True)),
    "empty": front_data.checklist(version=None, segment=None, items=[], next_key=None),
}


def open_card(page: Page, front: FrontServer, **fragment: str) -> None:
    page.goto(front.standalone("card", **fragment))
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    expect(page.locator(".card-skeleton")).to_have_count(0)


def test_card_changes_by_itself_when_the_evidence_is_in(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(stop=front_data.stop())
    open_card(page, front)
    expect(page.get_by_text("Сделка вернулась на «Классификация».")).to_be_visible()

    front.state.checklist = front_data.opened_checklist()

    expect(page.get_by_role("heading", name="Клиент сделал 4 шага из 6")).to_be_visible()
    expect(page.get_by_text("Клиент позвонил, разговор 2 мин")).to_be_visible()
    expect(page.locator("[aria-live]")).to_contain_text("Клиент сделал шаг: Клиент открыл КП")
    expect(page.get_by_text("Сделка вернулась")).to_have_count(0)


def test_typed_words_survive_a_change_of_the_card(page: Page, front: FrontServer) -> None:
    open_card(page, front)
    page.get_by_role("button", name="Подтвердить самому").click()
    page.get_by_role("textbox", name="Слова клиента").fill("КП посмотрели, вопросов нет")
    front.state.checklist = front_data.checklist(revision="r3", met=2)
    expect(page.get_by_role("heading", name="Клиент сделал 2 шага из 6")).to_be_visible()
    expect(page.get_by_role("textbox", name="Слова клиента")).to_have_value("КП посмотрели, вопросов нет")


def test_vouching_sends_the_quote_the_day_and_the_channel(page: Page, front: FrontServer) -> None:
    def vouched(_request: object, _body: object) -> dict[str, str]:
        front.state.checklist = front_data.opened_checklist()
        return {"source_id": "m1", "occurred_at": "2026-11-16T09:00:00Z"}

    front.state.answers["POST deals/7/vouch"] = vouched
    open_card(page, front)
    page.get_by_role("button", name="Подтвердить самому").click()
    page.get_by_role("textbox", name="Слова клиента").fill("КП посмотрели, вопросов нет")
    page.get_by_label("Где").select_option("meeting")
    page.get_by_role("button", name="Подтвердить", exact=True).click()
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.locator("main.card")).to_be_focused()
    method, path, body = front.state.calls[-1]
    assert (method, path) == ("POST", "deals/7/vouch")
    assert body["checkpoint_key"] == "opened"
    assert body["quote"] == "КП посмотрели, вопросов нет"
    assert body["channel"] == "meeting"


def test_a_stop_is_contested_by_keyboard_alone(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(stop=front_data.stop())
    front.state.answers["POST deals/7/contest"] = answering({"contested_at": "2026-11-16T09:10:00Z"})
    open_card(page, front)
    page.get_by_role("button", name="Это ошибка").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Клиент звонил на мобильный")
    page.keyboard.press("Tab")
    front.state.checklist = front_data.checklist(revision="r4", stop=front_data.stop(is_contested=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Передали администратору, что здесь ошибка")).to_be_visible()
    assert front.state.calls[-1][2] == {"log_id": "log-1", "text": "Клиент звонил на мобильный"}


def test_a_step_is_set_aside_with_a_reason_and_taken_back(page: Page, front: FrontServer) -> None:
    said: list[dict[str, Any]] = []

    def answer(_request: object, body: dict[str, Any]) -> dict[str, Any]:
        said.append(body)
        changed = front_data.checklist(revision=f"said-{len(said)}")
        if body["answer"]:
            changed["next_key"] = "agreed"
            changed["items"][3] |= {"state": "waived", "reason": "will_not_happen"}
        front.state.checklist = changed
        return {}

    front.state.answers["POST deals/7/answer"] = answer
    open_card(page, front)
    page.locator(".next-step").get_by_role("button", name="Не понадобится").click()
    page.get_by_role("button", name="Не ждать этот шаг").click()
    expect(page.get_by_role("alert")).to_have_text("Напишите причину парой слов: она пригодится коллегам.")
    assert faults(page) == []
    page.get_by_role("textbox").fill("Работаем без КП")
    page.get_by_role("button", name="Не ждать этот шаг").click()
    undo = page.get_by_role("button", name="Вернуть шаг", exact=True)
    expect(undo).to_be_focused()
    expect(page.get_by_role("heading", name="Подтвердить условия")).to_be_visible()
    page.keyboard.press("Enter")
    expect(undo).to_have_count(0)
    expect(page.get_by_role("heading", name="Открыть коммерческое предложение")).to_be_visible()
    assert said == [
        {"checkpoint_key": "opened", "answer": "will_not_happen", "reason": "Работаем без КП"},
        {"checkpoint_key": "opened", "answer": None, "reason": ""},
    ]


def test_a_long_list_is_folded_around_the_next_step(page: Page, front: FrontServer) -> None:
    answer = front_data.checklist(total=50)
    answer["items"] += [front_data.item(f"k{at}", f"Клиент прислал документ {at}", "") for at in range(44)]
    front.state.checklist = answer
    open_card(page, front)
    expect(page.locator(".steps > li")).to_have_count(11)
    page.get_by_role("button", name="Показать все 50 шагов").click()
    expect(page.locator(".steps > li")).to_have_count(50)


def test_the_admins_answer_to_an_objection_is_read_in_the_card(page: Page, front: FrontServer) -> None:
    said = {"state": "closed", "text": "Звонил", "note": "Поправили правило", "closed_by": "Мария Ильина"}
    front.state.checklist = front_data.checklist(stop=front_data.stop(is_contested=True, objection=said))
    open_card(page, front)
    expect(page.get_by_text("Мария Ильина отвечает: «Поправили правило»")).to_be_visible()


def test_a_proof_that_counts_only_after_another_step_says_so(page: Page, front: FrontServer) -> None:
    answer = front_data.checklist()
    answer["items"][3]["conditions"] = ["только после шага «Клиент назвал срок»"]
    front.state.checklist = answer
    open_card(page, front)
    expect(page.get_by_text("или письмо клиента, только после шага «Клиент назвал срок».")).to_be_visible()


def test_history_is_read_when_asked_for(page: Page, front: FrontServer) -> None:
    move = {
        "at": "2026-11-16T09:04:00Z",
        "kind": "move",
        "from_stage_title": "Классификация",
        "to_stage_title": "КП отправлено",
        "moved_by": "Иван Петров",
        "origin": "person",
    }
    front.state.answers["GET deals/7/history"] = answering({"entries": [move]})
    open_card(page, front)
    page.get_by_role("button", name="История").click()
    expect(page.get_by_text("«Классификация» → «КП отправлено» · Иван Петров")).to_be_visible()


def test_a_server_in_trouble_leaves_the_last_state_and_says_so(page: Page, front: FrontServer) -> None:
    open_card(page, front)
    front.state.api_status = 503
    front.state.checklist = front_data.opened_checklist()
    expect(page.get_by_text("Попробуйте ещё раз через минуту")).to_be_visible()
    expect(page.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()
    front.state.api_status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="Клиент сделал 4 шага из 6")).to_be_visible()


def test_a_deal_that_is_not_known_yet_appears_by_itself(page: Page, front: FrontServer) -> None:
    front.state.checklist = None
    open_card(page, front)
    expect(page.get_by_text("Этой сделки у нас ещё нет")).to_be_visible()
    front.state.checklist = front_data.checklist()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", STATES)
def test_card_is_usable_by_everybody(page: Page, front: FrontServer, state: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 800})
    front.state.checklist = STATES[state]
    open_card(page, front)
    for button in page.locator("button.step-head").all():
        button.click()
    assert faults(page) == []


@pytest.mark.parametrize("width", [300, 360, 420])
def test_card_fits_its_column(page: Page, front: FrontServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    long = "Клиент согласовал дополнительное соглашение о конфиденциальности с юристами " + "х" * 60
    answer = front_data.checklist(stop=front_data.stop(to_stage_title=long))
    answer["items"][4]["title"] = long
    answer["segment"]["title"] = long
    front.state.checklist = answer
    open_card(page, front)
    page.get_by_role("button", name="Подтвердить самому").first.click()
    expect(page.get_by_role("textbox", name="Слова клиента")).to_be_visible()
    assert overflow(page) == 0


def test_card_speaks_english_to_an_english_host(page: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(stop=front_data.stop())
    open_card(page, front, language="en")
    expect(page.get_by_role("heading", name="The client has taken 3 steps of 6")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_no_address_no_session(page: Page, front: FrontServer) -> None:
    page.goto(f"{front.url}/embed/amocrm/31415926/card")
    expect(page.get_by_text("Откройте эту страницу из CRM")).to_be_visible()
