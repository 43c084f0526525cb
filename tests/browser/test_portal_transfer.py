"""A map goes from the account of one CRM into the portal of the other: exported there, guided here."""

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.flows.demo_run import READY_SECONDS, Demo, free_ports, ready, start_demo

pytestmark = pytest.mark.timeout(600)
SAME_STAGES = ("Новая заявка", "Классификация", "КП отправлено", "Снятие возражений", "Счёт выставлен")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Both CRMs side by side with one Stepgate; the board is the portal's."""
    folder = tmp_path_factory.mktemp("both")
    process = start_demo(folder, free_ports(3), "--leads", "40")
    watchdog = threading.Timer(2 * READY_SECONDS, process.kill)
    watchdog.start()
    try:
        ready(process)
        yield Demo(ready(process), folder)
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def accounts(demo: Demo) -> tuple[str, str]:
    """Ids of the two accounts: where the map comes from, and where it goes."""
    found = json.loads(demo.stepgate("account", "list", "--json"))
    ids = {each["crm"]: each["account"] for each in found}
    return ids["amocrm"], ids["bitrix24"]


def gates(demo: Demo, account: str) -> list[tuple[str, list[str], list[str]]]:
    """Of each segment its name, the steps, and how many stages ask for them."""
    document: dict[str, Any] = json.loads(demo.stepgate("funnel", "show", "--account", account, "--json"))
    return [
        (
            segment["title"],
            [step["title"] for step in segment["checkpoints"]],
            [",".join(gate["checkpoint_keys"]) for gate in segment["gates"]],
        )
        for segment in document["segments"]
    ]


def test_the_matching_of_the_two_seeded_accounts_leaves_nothing_to_guess(
    demo: Demo, accounts: tuple[str, str], tmp_path: Path
) -> None:
    source, portal = accounts
    file = tmp_path / "map.yaml"
    demo.stepgate("funnel", "export", "--account", source, "-o", str(file))
    told = demo.stepgate("funnel", "import", str(file), "--account", portal, "--dry-run", "--json")
    seen = json.loads(told)["matching"]
    rows = [*seen["stages"], *seen["fields"], *(row for field in seen["fields"] for row in field["choices"])]
    assert {row["sureness"] for row in rows} <= {"sure", "likely"}
    targets = {each["id"]: each["title"] for each in seen["targets"]["stages"]}
    assert {row["name"]: targets[row["target"]] for row in seen["stages"] if row["name"] in SAME_STAGES} == {
        name: name for name in SAME_STAGES
    }
    left_out = {line["code"] for line in seen["report"] if line["is_left_out"]}
    assert left_out == {"unseen_trigger_left_out"}
    assert seen["errors"] == 0


def ours(page: Page) -> FrameLocator:
    """Our page in the portal's frame."""
    return page.frame_locator("iframe.app-frame")


def test_the_guided_way_in_the_portal_s_own_frame_ends_in_a_draft(
    page: Page, demo: Demo, accounts: tuple[str, str], tmp_path: Path
) -> None:
    source, portal = accounts
    file = tmp_path / "map.yaml"
    demo.stepgate("funnel", "export", "--account", source, "-o", str(file))
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(demo.board)
    expect(page.locator("html[data-live=yes]")).to_have_count(1)
    page.locator("nav a[href^='/marketplace/app/'], aside a[href^='/marketplace/app/']").first.click()
    ours(page).get_by_role("button", name="Файл", exact=True).click()
    ours(page).locator("input[type=file]").set_input_files(str(file))
    expect(ours(page).get_by_role("heading", name="Карта из файла")).to_be_visible()
    expect(ours(page).get_by_text("Вопросов нет: можно загружать.")).to_be_visible()
    expect(ours(page).get_by_label("Пара для «КП отправлено»", exact=True)).to_have_count(1)
    expect(ours(page).get_by_text("В этой CRM такого не бывает.").first).to_be_visible()
    ours(page).get_by_role("button", name="Загрузить в черновик").click()
    expect(ours(page).get_by_role("heading", name="Карта загружена в черновик")).to_be_visible()
    expect(ours(page).get_by_role("button", name="Проверить и опубликовать")).to_be_visible()
    assert gates(demo, portal) == gates(demo, source)
