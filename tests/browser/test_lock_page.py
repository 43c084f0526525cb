"""The settings' page that sets up a lock in the CRM, tries it with a seller, and tells what came of it."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.responses import Response

from tests.browser import front_account, front_funnel, front_lock, front_report
from tests.browser.accessibility import faults, overflow
from tests.browser.front_data import JSON
from tests.browser.front_server import FrontServer, answering

LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(300, "light"), (800, "dark"), (1400, "light")]
LOCKS = {
    "leaking": front_lock.lock(),
    "waiting": front_lock.lock(trial=front_lock.trial()),
    "held": front_lock.lock(
        front_lock.stage(state="holds", code="refused_for_rights", text="CRM не пустила."),
        trial=front_lock.held_trial(),
    ),
    "plan": front_lock.lock(plan={"is_enough": False, "title": "Базовый"}),
    "empty": front_lock.lock(front_lock.stage(mode="warn"), matrix=[]),
    "huge": front_lock.huge(),
}


class Locks:
    """What the server knows of a lock."""

    def __init__(self, front: FrontServer, lock: JSON) -> None:
        self.lock = lock
        front.state.has_lock = bool(lock["is_supported"])
        base = front.state.answers
        base["GET catalog"] = answering(front_report.catalog())
        base["GET status"] = answering(front_funnel.status())
        base["GET pipelines/1/funnel"] = answering(front_funnel.funnel())
        base["GET objections"] = answering(front_account.objections())
        base["GET lock"] = lambda _request, _body: self.lock
        base["POST lock/trials"] = self.start
        base["DELETE lock/trials/t1"] = self.cancel

    def start(self, _request: Any, body: JSON) -> JSON:
        """A trial that waits for its seller."""
        self.lock = {**self.lock, "trial": front_lock.trial(**body)}
        trial: JSON = self.lock["trial"]
        return trial

    def cancel(self, _request: Any, _body: Any) -> Response:
        """No trial any more."""
        self.lock = {**self.lock, "trial": None}
        return Response(status_code=204)


def open_lock(page: Page, front: FrontServer, **fragment: str) -> None:
    page.goto(front.standalone("settings", **fragment))
    page.get_by_role("navigation").get_by_role("link", name="Замок").click()
    expect(page.locator(".lock")).to_be_visible()


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def test_the_page_is_there_only_where_the_crm_can_lock(page: Page, front: FrontServer) -> None:
    Locks(front, front_lock.lock(is_supported=False))
    page.goto(front.standalone("settings"))
    expect(page.locator(".board")).to_be_visible()
    expect(page.get_by_role("link", name="Замок")).to_have_count(0)


def test_an_admin_learns_which_moves_to_take_away(page: Page, front: FrontServer) -> None:
    Locks(front, front_lock.lock())
    open_lock(page, front)
    roles = step(page, "1. Уберите переходы в правах CRM")
    row = roles.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Классификация"))
    expect(row).to_contain_text("«КП отправлено», «Счёт выставлен»")
    link = roles.get_by_role("link", name="Открыть права в CRM")
    expect(link).to_have_attribute("href", "https://example.bitrix24.ru/crm/configs/perms/")


def test_the_table_is_copied_as_a_list(page: Page, front: FrontServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    Locks(front, front_lock.lock())
    open_lock(page, front)
    page.get_by_role("button", name="Скопировать списком").click()
    expect(page.get_by_text("Скопировано", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "со стадии «Классификация» на «КП отправлено», «Счёт выставлен»" in copied.splitlines()


def test_a_lock_is_tried_with_a_seller_and_holds(page: Page, front: FrontServer) -> None:
    locks = Locks(front, front_lock.lock(front_lock.stage()))
    open_lock(page, front)
    trial = step(page, "2. Проверьте на продавце")
    trial.get_by_label("Кто попробует").select_option(label="Иван Петров")
    trial.get_by_role("button", name="Начать проверку").click()
    expect(trial.get_by_role("status").first).to_contain_text("Ждём, когда Иван Петров нажмёт кнопку.")
    expect(trial.get_by_text("https://example.bitrix24.ru/crm/deal/details/900/")).to_be_visible()
    assert (
        "POST",
        "lock/trials",
        {"pipeline_id": "1", "stage_id": "40", "user_id": "6"},
    ) in front.state.calls

    held = front_lock.stage(state="holds", code="refused_for_rights", text="CRM не пустила.")
    locks.lock = front_lock.lock(held, trial=front_lock.held_trial())

    expect(trial.get_by_role("status").first).to_contain_text(
        "Последняя проверка: «КП отправлено», Иван Петров"
    )
    expect(page.get_by_text("Проверено и держит: 1 из 1.")).to_be_visible()


def test_a_trial_is_called_off(page: Page, front: FrontServer) -> None:
    Locks(front, front_lock.lock(trial=front_lock.trial()))
    open_lock(page, front)
    page.get_by_role("button", name="Отменить проверку").click()
    expect(page.get_by_role("button", name="Начать проверку")).to_be_visible()
    assert ("DELETE", "lock/trials/t1", None) in front.state.calls


def test_a_leak_is_named_and_tried_again_by_keyboard(page: Page, front: FrontServer) -> None:
    Locks(front, front_lock.lock())
    open_lock(page, front)
    leak = step(page, "3. Что показали проверки").get_by_role("listitem").filter(has_text="пропускает")
    expect(leak.get_by_role("link", name="ООО «Ромашка», 40 рабочих мест")).to_be_visible()
    expect(leak).to_contain_text("перенос: Анна Котова")
    leak.get_by_role("button").focus()
    page.keyboard.press("Enter")
    gate = page.get_by_label("Какую стадию проверяем")
    expect(gate).to_be_focused()
    expect(gate).to_have_value("60")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize("name", LOCKS)
def test_the_page_is_usable_by_everybody(
    page: Page, front: FrontServer, name: str, width: int, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    Locks(front, LOCKS[name])
    open_lock(page, front)
    expect(page.locator(".lock section").first).to_be_visible()
    folded = page.get_by_role("button", name="Показать все")
    for _ in range(folded.count()):
        folded.first.click()
    assert faults(page) == []
    assert overflow(page) == 0
