"""Fixtures of the browser tests: the system's Chromium or Chrome, and the pages' test server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.front_server import WEB, FrontServer, serving

HERE = Path(__file__).parent
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NO_BROWSER = (
    "No Chromium or Chrome was found: the browser tests did not run. "
    "Install one (Debian: apt-get install chromium) or put it on PATH."
)
THROWING: pytest.StashKey[list[str]] = pytest.StashKey()
THROWN: pytest.StashKey[list[str]] = pytest.StashKey()
WAIT_MS = 45_000
"""How long anything may take to come about. Far more than it does: a slow, shared machine is no failure."""


def find_browser() -> str | None:
    """The first browser on PATH, if any."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser when there is none; in continuous integration that is an error."""
    mine = [item for item in items if HERE in item.path.parents and "browser" in _fixtures(item)]
    for item in mine:
        item.add_marker(pytest.mark.browser)
    if find_browser() or not mine:
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(NO_BROWSER)
    config.hook.pytest_deselected(items=mine)
    items[:] = [item for item in items if item not in mine]


def _fixtures(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what did not run."""
    if find_browser() is None:
        terminalreporter.write_line(NO_BROWSER)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program."""
    return find_browser() or ""


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One browser for a file's tests. It keeps an event loop running in this thread, which no
    asynchronous test of another file could bear."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Close the page when its test is over, before the servers go that it may still be talking to."""
    try:
        yield
    finally:
        opened = getattr(item, "funcargs", {}).get("page")
        if opened is not None:
            thrown: list[str] = [*item.stash[THROWING]]
            item.stash[THROWN] = thrown
            opened.context.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page of a fresh person; what it throws while its test runs fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    throwing: list[str] = []
    request.node.stash[THROWING] = throwing
    opened.on("pageerror", lambda error: throwing.append(str(error)))
    yield opened
    context.close()
    assert request.node.stash.get(THROWN, throwing) == []


@pytest.fixture
def front() -> Iterator[FrontServer]:
    """The built pages with an API whose answers the test sets."""
    if not (WEB / "card.html").is_file():
        pytest.fail("The pages are not built. Run: make frontend", pytrace=False)
    with serving() as server:
        yield server
