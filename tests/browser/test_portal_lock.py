"""The portal refuses what no client has earned: a role is set and tried, and a press moves the deal on."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from app.sandbox.seed_office import QUALIFIED, SENT
from app.sandbox.seed_story import NAME
from tests.flows.demo_run import Demo, running_demo

SELLER = "Анна Крылова"
SOME, AS_FUNNEL = "CHOSEN", "INHERIT"
TAB = "Шаги клиента"
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A portal of a few deals with Stepgate installed."""
    with running_demo(tmp_path_factory.mktemp("lock"), "--crm", "bitrix24", "--leads", "40") as running:
        yield running


def ours(page: Page) -> FrameLocator:
    """Our page inside the portal's."""
    return page.frame_locator("iframe.app-frame").last


def become(page: Page, demo: Demo, name: str) -> None:
    page.goto(demo.board)
    expect(page.locator("html[data-live=yes]")).to_have_count(1)
    people = page.locator("#who")
    value = people.locator("option").filter(has_text=name).first.get_attribute("value")
    people.select_option(value)
    expect(page.locator(f"#who option[value='{value}']:checked")).to_have_count(1)


def open_lock(page: Page, demo: Demo) -> Locator:
    """The lock's page as the administrator sees it inside the portal."""
    become(page, demo, "Администратор")
    page.locator("#menu").get_by_role("link", name="Stepgate").click()
    ours(page).get_by_role("button", name="Замок").click()
    lock = ours(page).locator(".lock")
    expect(lock.get_by_role("heading", name="3. Что показали проверки")).to_be_visible()
    return lock


def told_table(lock: Locator) -> dict[str, list[str]]:
    """What our page says to take away: from each stage, the moves to forbid."""
    rows = lock.locator("table.roles tbody tr").all()
    cells = [
        (row.get_by_role("rowheader").inner_text(), row.get_by_role("cell").inner_text()) for row in rows
    ]
    return {start: re.findall(r"«(.+?)»", targets) for start, targets in cells}


def set_role(page: Page, table: dict[str, list[str]], word: str) -> None:
    """Fill the portal's own matrix, opened over our page by our link."""
    ours(page).get_by_role("link", name="Открыть права в CRM").click()
    matrix = page.get_by_role("dialog").locator("table.matrix").first
    for start, targets in table.items():
        row = matrix.locator("tr").filter(has=page.get_by_role("rowheader", name=start, exact=True))
        with page.expect_response("**/moves"):
            row.get_by_role("combobox").select_option(word)
        for target in targets if word == SOME else ():
            with page.expect_response("**/moves"):
                row.get_by_role("checkbox", name=f"{start} → {target}", exact=True).uncheck()
    page.get_by_role("button", name="Закрыть").click()


def start_trial(lock: Locator) -> str:
    """The address of the trial deal, out of the message that the seller is sent."""
    lock.get_by_label("Кто попробует").select_option(label=SELLER)
    lock.get_by_role("button", name="Начать проверку").click()
    message = lock.get_by_text("Помогите, пожалуйста")
    expect(message).to_be_visible()
    found = re.search(r"http\S+/", message.inner_text())
    assert found is not None
    return found[0]


def try_as_seller(page: Page, demo: Demo, address: str) -> Locator:
    """The seller opens the trial deal and presses the one button; gives what the card then tells."""
    become(page, demo, SELLER)
    page.goto(address)
    page.get_by_role("tab", name=TAB).last.click()
    ours(page).get_by_role("button", name=f"Попробовать перенести на «{SENT}»").click()
    return ours(page).locator(".trial")


def result(lock: Locator) -> Locator:
    return lock.get_by_role("listitem").filter(has_text=f"{SENT}: ")


def test_a_lock_holds_while_its_role_is_set_and_leaks_without(page: Page, demo: Demo) -> None:
    lock = open_lock(page, demo)
    table = told_table(lock)
    assert SENT in table[QUALIFIED]
    set_role(page, table, SOME)
    told = try_as_seller(page, demo, start_trial(lock))
    expect(told).to_contain_text("замок держит")
    lock = open_lock(page, demo)
    expect(result(lock)).to_contain_text("держит")
    expect(lock.get_by_text("Проверено и держит: 1 из 1.")).to_be_visible()

    set_role(page, table, AS_FUNNEL)
    told = try_as_seller(page, demo, start_trial(lock))
    expect(told).to_contain_text("замок пока не держит")
    expect(result(open_lock(page, demo))).to_contain_text("пропускает")


def test_behind_a_lock_the_seller_moves_the_deal_on_when_the_client_has_acted(page: Page, demo: Demo) -> None:
    lock = open_lock(page, demo)
    set_role(page, told_table(lock), SOME)
    become(page, demo, SELLER)
    page.locator(".tile", has_text=NAME).get_by_role("link").click()
    steps = page.locator(".stages")
    steps.get_by_role("button", name=SENT).click()
    expect(page.locator("#toasts")).to_contain_text("недостаточно прав")
    expect(steps.locator("[aria-current=step]")).to_have_text(QUALIFIED)

    page.get_by_role("button", name="Добавить", exact=True).click()
    page.get_by_role("tab", name=TAB).last.click()
    ours(page).get_by_role("button", name=f"Перевести на «{SENT}»").click()

    expect(ours(page).get_by_text(f"Готово: сделка на стадии «{SENT}».").last).to_be_visible()
    expect(steps.locator("[aria-current=step]")).to_have_text(SENT)
