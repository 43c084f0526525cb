"""What an operator does with an account: choices, what was set aside, versions, forgetting."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select

from app.crm.port import DealLog
from app.db.engine import open_database
from app.db.lane import LaneKey, claim, park, parked_lanes, ring
from app.db.tables import installation
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.stage import StageRef
from app.evidence.contest import contest
from app.installations.store import list_installations
from app.ledger.record import record
from app.verdicts.decide import decide
from tests.commands.shell import Shell, failing
from tests.factories import LEASE, NOW
from tests.installations.portal import HOST
from tests.tenants import count_rows, fill_tables

T = TypeVar("T")


def in_database(folder: Path, work: Callable[[Connection], T]) -> T:
    """Do something to the shell's database behind its back."""

    async def do() -> T:
        db = open_database(f"sqlite:///{folder}/stepgate.db")
        try:
            return await db.write(work)
        finally:
            await db.close()

    return asyncio.run(do())


def set_aside(conn: Connection, *deals: str) -> None:
    for deal_id in deals:
        ring(conn, [LaneKey(1, "deal", deal_id)], NOW)
        claimed = claim(conn, 1, "worker", NOW + timedelta(seconds=1), LEASE)
        assert claimed
        park(conn, claimed, error="crm_refused", now=NOW)


def test_what_was_set_aside_is_listed_retried_and_dropped(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    assert "Nothing waits" in shell("lanes", "list").output
    in_database(tmp_path, lambda conn: set_aside(conn, "501", "502", "503"))
    assert "crm_refused" in shell("lanes", "list").output
    found = json.loads(shell("lanes", "list", "--json").output)
    assert [each["entity_id"] for each in found["lanes"]] == ["501", "502", "503"]
    assert "tried again" in shell("lanes", "retry", "501").output
    assert "rests" in shell("lanes", "drop", "502").output
    assert "1 are tried again" in shell("lanes", "retry", "--all").output
    assert in_database(tmp_path, lambda conn: parked_lanes(conn, 1)) == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["lanes", "retry", "501"], "does not wait"),
        (["lanes", "retry"], "or say --all"),
        (["lanes", "drop", "501"], "does not wait"),
        (["account", "settings", "--timezone", "Europe/Atlantis"], "no such time zone"),
        (["account", "settings", "--language", "fr"], "Nothing was changed"),
        (["account", "forget", "404", "--yes"], "No account '404'"),
        (["objections", "close", "m9", "--note", "Так и надо"], "no such objection"),
        (["widget", "build", "--crm", "bitrix24"], "takes no archive"),
        (["funnel", "restore", "9"], "no such version"),
        (["funnel", "diff", "1"], "no draft"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    part: str,
) -> None:
    shell.connect()
    assert part in failing(monkeypatch, capsys, *arguments)


def test_writing_to_the_crm_is_switched_off_and_on(shell: Shell) -> None:
    shell.connect()
    assert "Nothing is written to Первый" in shell("writes", "off").output
    assert json.loads(shell("account", "settings", "--json").output)["writes_off"] is True
    assert "writes to Первый again" in shell("writes", "on").output
    assert json.loads(shell("account", "settings", "--json").output)["writes_off"] is False


def test_an_accounts_choices_are_shown_and_changed(shell: Shell) -> None:
    shell.connect()
    assert "language: ru" in shell("account", "settings").output
    shown = shell(
        *("account", "settings", "--language", "en", "--timezone", "Asia/Omsk"),
        *("--panel-user", "12", "--panel-user", "13", "--panel-viewers", "everyone"),
    ).output
    for part in ("language: en", "timezone: Asia/Omsk", "panel_viewers: everyone", "panel_user_ids: 12, 13"):
        assert part in shown
    assert "panel_user_ids: nobody" in shell("account", "settings", "--panel-user", "").output


def test_versions_are_listed_compared_and_restored(shell: Shell) -> None:
    shell.connect()
    shell("gate", "mode", "КП отправлено", "enforce")
    listed = shell("funnel", "versions").output
    assert "КП отправлено" in listed
    assert [each["number"] for each in json.loads(shell("funnel", "versions", "--json").output)] == [2, 1]
    changes = json.loads(shell("funnel", "diff", "1", "2", "--json").output)
    assert {(each["before"], each["after"]) for each in changes} == {("shadow", "enforce")}
    assert "enforce" in shell("funnel", "diff", "1", "2").output
    assert "Version 3 is in force, the same as version 1" in shell("funnel", "restore", "1").output
    assert "They say the same" in shell("funnel", "diff", "1", "3").output


def _stop_a_deal(conn: Connection) -> None:
    """A manager drags a deal onto a strict gate and says that the stop is wrong."""
    now = datetime.now(UTC)
    before, after = StageRef("7", "71"), StageRef("7", "72")
    deal = Deal("501", "Офис на Мира", after, now, now, now, responsible_id="12")
    move = StageMove("m1", "501", before, after, "12", MoveOrigin.PERSON, now, now)
    record(conn, 1, DealLog(deal, (move,), (), ""), now)
    decide(conn, 1, "501", deal, now)
    contest(conn, 1, "501", "m1", "Клиент всё прислал", by="12", now=now)


def test_an_objection_is_read_and_answered(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    shell("gate", "mode", "КП отправлено", "enforce")
    assert "There are none" in shell("objections", "list").output
    in_database(tmp_path, _stop_a_deal)
    listed = shell("objections", "list").output
    for part in ("m1", "Офис на Мира", "Борис", "Клиент всё прислал"):
        assert part in listed
    assert "Answered" in shell("objections", "close", "m1", "--note", "Шаг засчитан").output
    assert "There are none" in shell("objections", "list").output
    [closed] = json.loads(shell("objections", "list", "--closed", "--json").output)
    assert (closed["state"], closed["note"]) == ("closed", "Шаг засчитан")


def test_a_new_hook_address_is_given_to_the_crm(shell: Shell) -> None:
    shell.connect()
    assert "calls the new address" in shell("account", "rotate-hook-key").output
    old, new = shell.portal.hooks
    assert old != new


def test_a_new_hook_address_waits_for_a_crm_that_is_away(shell: Shell) -> None:
    shell.connect()
    shell.portal.is_revoked = True
    assert "could not be told yet" in shell("account", "rotate-hook-key").output


def test_the_accounts_are_listed(shell: Shell) -> None:
    shell("migrate")
    assert "No account is connected" in shell("account", "list").output
    shell.connect()
    assert HOST in shell("account", "list").output
    [found] = json.loads(shell("account", "list", "--json").output)
    assert (found["account"], found["state"], found["deals"]) == ("1001", "active", 0)


def _two_accounts(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    shell.portal.external_id = "2002"
    shell("install", "--crm", "fake", "--host", HOST, "--token", "long-lived")

    in_database(tmp_path, lambda conn: fill_tables(conn, 1, 2))


def test_a_forgotten_account_leaves_not_one_row_and_its_neighbour_all(shell: Shell, tmp_path: Path) -> None:
    _two_accounts(shell, tmp_path)
    spool = tmp_path / "spool"
    spool.mkdir(exist_ok=True)
    (spool / "1-3.token").write_bytes(b"sealed with a lost key")
    (spool / "2-3.token").write_bytes(b"another's")
    before = in_database(tmp_path, lambda conn: count_rows(conn, 2))
    assert min(before.values()) > 0
    assert "is forgotten" in shell("account", "forget", "1001", "--yes").output
    assert set(in_database(tmp_path, lambda conn: count_rows(conn, 1)).values()) == {0}
    assert in_database(tmp_path, lambda conn: count_rows(conn, 2)) == before
    assert [each.id for each in in_database(tmp_path, list_installations)] == [2]
    assert [path.name for path in spool.iterdir()] == ["2-3.token"]


def test_forgetting_asks_for_the_accounts_name(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.connect()
    refused = shell("account", "forget", "1001", status=1, typed="Второй\n")
    assert "for good" in refused.output
    assert len(in_database(tmp_path, list_installations)) == 1
    shell("account", "forget", "1001", typed="Первый\n")
    assert in_database(tmp_path, list_installations) == []


def test_a_later_account_never_gets_the_number_of_a_forgotten_one(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    shell("account", "forget", "1001", "--yes")
    shell.connect()
    assert in_database(tmp_path, lambda conn: conn.scalar(select(installation.c.id))) == 2
