"""`python -m tests.browser.screenshots`: takes the pictures of the documentation from the real demonstration.

It starts `stepgate demo` in a folder of its own, waits until it is ready, and does in a browser what the
documentation tells: drag the deal, see it back, let the client call, look at map and panel.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, FrameLocator, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, NO_BROWSER, find_browser
from tests.flows.demo_run import running_demo

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
LEADS = 300
WAIT_MS = 60_000
SETTLE_MS = 1_500
WIDTH, HEIGHT = 1280, 800
RAIL = 84
PAGE = (RAIL, 50, WIDTH - RAIL, HEIGHT - 50)
CARD = (RAIL, 101, WIDTH - RAIL, 612)
"""Below the head of the page and above its passing messages."""
WIDE = 1440
PORTAL = (0, 0, WIDTH, HEIGHT)
SLOW_S = 0.8
"""How long each call of an installation takes, so that its page can be seen."""

FOUR_COLUMNS = (RAIL + 256, 101, 1006, 560)
MODES = ("light", "dark")


def main() -> None:
    """Take all pictures anew."""
    program = find_browser()
    if program is None:
        raise SystemExit(NO_BROWSER)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with demonstration("amocrm") as url:
            take_admin(browser, url)
            take_story(browser, url)
        with demonstration("bitrix24") as url:
            take_portal(browser, url)
        browser.close()


@contextmanager
def demonstration(crm: str) -> Iterator[str]:
    """A running `stepgate demo` of one CRM; gives the address that it prints."""
    options = ("--leads", str(LEADS), "--crm", crm)
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder), *options) as demo:
        yield demo.board.rstrip("/")


def open_page(browser: Browser, url: str, live: str = ".live[data-state=on]") -> Page:
    """A visitor of the account, in the light and with Moscow's clock; `live` shows that it is up to date."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page.goto(url)
    expect(page.locator(live)).to_have_count(1)
    return page


def take_admin(browser: Browser, url: str) -> None:
    """The map of steps, the dialog of a mode, the panel in both themes."""
    page = open_page(browser, url)
    users = page.locator("#user-switch")
    users.select_option(label=next(name for name in users.locator("option").all_inner_texts() if "(" in name))
    page.locator("#rail").get_by_text("Stepgate").click()
    frame = embedded(page)
    frame.get_by_role("tab", name="Выбирают").click()
    expect(frame.get_by_text("возвращать").first).to_be_visible()
    shoot(page, "settings-light")
    frame.get_by_role("button", name="Правило стадии «КП отправлено»").click()
    frame.get_by_role("dialog").scroll_into_view_if_needed()
    shoot(page, "gate-mode-light")
    page.keyboard.press("Escape")
    frame.get_by_role("link", name="Настройки").click()
    expect(frame.get_by_role("button", name="Сохранить")).to_be_visible()
    shoot(page, "account-light")
    for mode in MODES:
        turn(page, mode)
        frame.get_by_text("Конверсия").first.click()
        expect(frame.get_by_text("Разрыв правды")).to_be_visible()
        shoot(page, f"panel-{mode}")
    page.context.close()


def take_story(browser: Browser, url: str) -> None:
    """The deal of the story: before, dragged too early and back, and after the client's call."""
    page = open_page(browser, url)
    sent = page.locator(".column").filter(has_text="КП отправлено")
    tile = page.locator(".column").filter(has_text="Классификация").locator("[data-lead]").first
    lead = tile.get_attribute("data-lead")
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    shoot(page, "board-light", FOUR_COLUMNS)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto(f"{url}/#/leads/{lead}")
    expect(embedded(page).get_by_text("Сейчас ход за клиентом")).to_be_visible()
    shoot(page, "card-before-light", CARD)
    page.goto(f"{url}/#/leads")
    tile.locator(".tile").drag_to(sent.locator(".column__body"))
    expect(page.locator(".tile--returned")).to_have_count(1)
    page.goto(f"{url}/#/leads/{lead}")
    for mode in ("dark", "light"):
        turn(page, mode)
        expect(embedded(page).get_by_text("Сделка вернулась на")).to_be_visible()
        shoot(page, f"card-after-{mode}", CARD)
    page.get_by_role("button", name="Клиент звонит (2 минуты)").click()
    expect(embedded(page).get_by_text("Сделка вернулась на")).to_have_count(0)
    shoot(page, "card-green-light", CARD)
    page.context.close()


def take_portal(browser: Browser, url: str) -> None:
    """The second CRM: the tab of a deal, and the page that installs."""
    page = open_page(browser, url, "html[data-live=yes]")
    frame = page.frame_locator("iframe.app-frame")
    page.locator(".tile", has_text="40 рабочих мест").get_by_role("link").first.click()
    page.get_by_role("tab", name="Шаги клиента").last.click()
    expect(frame.get_by_text("Сейчас ход за клиентом")).to_be_visible()
    shoot(page, "portal-card-light", PORTAL)
    page.goto(f"{url}/marketplace/")
    page.get_by_role("button", name="Удалить").click()
    page.request.patch(f"{url}/sandbox/faults", data={"latency": SLOW_S})
    page.get_by_role("button", name="Добавить на портал").click()
    expect(frame.locator("li.doing")).to_have_count(1)
    page.screenshot(path=IMAGES / "portal-install-light.png", clip=clip_of(PORTAL))
    page.context.close()


def embedded(page: Page) -> FrameLocator:
    """Our page inside the account's."""
    return page.frame_locator('iframe[src*="/embed/"]')


def turn(page: Page, mode: str) -> None:
    """Change to light or dark, as a visitor does."""
    if page.locator("html").get_attribute("data-theme") != mode:
        page.get_by_role("button", name="Светлая или тёмная тема").click()
    expect(page.locator("html")).to_have_attribute("data-theme", mode)


def shoot(page: Page, name: str, part: tuple[int, int, int, int] = PAGE) -> None:
    """Write `docs/images/<name>.png` once nothing moves any more; `part` is left, top, width, height."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", clip=clip_of(part))


def clip_of(part: tuple[int, int, int, int]) -> FloatRect:
    """Left, top, width, height as the browser wants them."""
    left, top, width, height = part
    return {"x": left, "y": top, "width": width, "height": height}


if __name__ == "__main__":
    main()
