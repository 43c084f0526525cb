"""The command line: every verb is explained, works without a server, and fails in a sentence."""

import asyncio
import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app as command_line
from app.crm.port import DealLog
from app.db.engine import open_database
from app.db.exclusive import only_server
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import StageRef
from app.ledger.record import record
from app.sandbox import discover
from tests.commands.shell import Shell, failing
from tests.factories import NOW
from tests.installations.portal import HOST

VERBS = [
    "serve",
    "worker",
    "migrate",
    "keygen",
    "doctor",
    "install",
    "backfill",
    "account list",
    "account settings",
    "account rotate-hook-key",
    "account forget",
    "writes on",
    "writes off",
    "lanes list",
    "lanes retry",
    "lanes drop",
    "objections list",
    "objections close",
    "demo",
    "widget build",
    "funnel propose",
    "funnel show",
    "funnel publish",
    "funnel versions",
    "funnel restore",
    "funnel diff",
    "funnel export",
    "funnel import",
    "gate mode",
    "lock show",
    "lock try",
    "lock cancel",
    "deal forward",
    "report conversion",
    "deal show",
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    result = CliRunner(env={"COLUMNS": "100"}).invoke(command_line, [*verb.split(), "--help"])
    assert result.exit_code == 0
    assert len(result.output.split()) > 20


def test_the_first_page_names_the_groups() -> None:
    result = CliRunner(env={"COLUMNS": "100"}).invoke(command_line, ["--help"])
    for word in ("Running", "Accounts", "Mapping", "Reading", "doctor", "sandbox", "docs/configuration.md"):
        assert word in result.output


def test_a_made_key_can_be_used() -> None:
    key = CliRunner().invoke(command_line, ["keygen"]).output.strip()
    from app.installations.vault import Vault

    vault = Vault([key])
    assert vault.open(1, "x", vault.seal(1, "x", b"y")) == b"y"


def test_an_account_is_connected_by_its_token(shell: Shell) -> None:
    shell("migrate")
    result = shell("install", "--crm", "fake", "--host", HOST, "--token", "long-lived")
    assert "Connected: Первый (1001)" in result.output
    assert "shadow mode" in result.output
    assert len(shell.portal.hooks) == 1


def test_the_mapping_is_read_edited_and_published(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    shown = shell("funnel", "show", "--json")
    document = json.loads(shown.output)
    assert document["segments"][0]["gates"]
    document["segments"][0]["title"] = "Переименованный"
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(document), "utf-8")
    assert "Version 2 is in force" in shell("funnel", "publish", "--file", str(file)).output
    assert "Переименованный" in shell("funnel", "show").output
    assert "revision" in shell("funnel", "propose", "--template", "b2b_seven").output
    assert "Version 3 is in force" in shell("funnel", "publish", "--note", "семь шагов").output


def test_a_gate_is_made_strict_by_its_stages_name(shell: Shell) -> None:
    shell.connect()
    result = shell("gate", "mode", "КП отправлено", "enforce")
    assert "in mode enforce since version 2" in result.output
    document = json.loads(shell("funnel", "show", "--json").output)
    modes = {gate["stage_id"]: gate["mode"] for gate in document["segments"][0]["gates"]}
    assert modes["72"] == "enforce"


def test_the_past_is_read_with_a_progress_bar(shell: Shell) -> None:
    shell.connect()
    assert "0 deals are in the ledger" in shell("backfill", "--days", "30").output


@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_the_report_has_three_forms(shell: Shell, style: str) -> None:
    shell.connect()
    output = shell("report", "conversion", "--format", style, "--from", "2026-01-01").output
    if style == "json":
        assert json.loads(output)["deals"] == 0
    elif style == "csv":
        assert output.splitlines()[0].startswith("segment,step")
    else:
        assert "0 deals created from 2026-01-01" in output


async def _store_deal(folder: Path) -> None:
    """A deal with a move and a fact, as the engine records them."""
    db = open_database(f"sqlite:///{folder}/stepgate.db")
    deal = Deal("515", "Офис на Мира", StageRef("7", "72"), NOW, NOW, NOW, responsible_id="11")
    move = StageMove("m1", "515", StageRef("7", "71"), StageRef("7", "72"), "11", MoveOrigin.PERSON, NOW, NOW)
    call = Evidence("e1", "515", EvidenceKind.CALL, Grade.B, NOW, NOW, Direction.INCOMING, seconds=120)
    await db.write(lambda conn: record(conn, 1, DealLog(deal, (move,), (call,), ""), NOW))
    await db.close()


def test_all_about_a_deal_is_shown(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    asyncio.run(_store_deal(tmp_path))
    output = shell("deal", "show", "515").output
    for word in ("Офис на Мира", "КП отправлено", "Первичный контакт", "Анна", "incoming", "Writes: none"):
        assert word in output
    found = json.loads(shell("deal", "show", "515", "--json").output)
    assert (found["deal"]["stage"], found["evidence"][0]["seconds"]) == ("7:72", 120)
    assert [item["result"]["state"] for item in found["checkpoints"]]


def test_a_busy_port_is_told_in_a_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port} is taken" in failing(monkeypatch, capsys, "serve", "--port", port)
    assert "no address of this" in failing(monkeypatch, capsys, "serve", "--host", "192.0.2.1")


def test_a_file_that_is_served_already_is_not_served_twice(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell("migrate")
    with only_server(f"sqlite:///{tmp_path}/stepgate.db"):
        assert "is being served by process" in failing(monkeypatch, capsys, "serve")


def test_a_port_that_cannot_be_is_refused(shell: Shell) -> None:
    assert "65535" in shell("serve", "--port", "99999", status=2).output


@pytest.mark.parametrize("option", ["--port", "--https-port"])
@pytest.mark.parametrize("name", sorted(discover()))
def test_a_simulated_account_refuses_a_port_that_cannot_be(shell: Shell, name: str, option: str) -> None:
    assert "65535" in shell("sandbox", name, option, "99999", status=2).output


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["funnel", "show", "--pipeline", "нет такой"], "There is no pipeline"),
        (["gate", "mode", "нет такого", "warn"], "There is no stage"),
        (["deal", "show", "404"], "is not known"),
        (["funnel", "show", "--account", "2"], "No such account"),
        (["install", "--crm", "other", "--host", "h", "--token", "t"], "not known here"),
        (["install", "--crm", "fake", "--host", "h", "--token", "wrong"], "does not accept"),
        (["widget", "build", "--crm", "other"], "There is no adapter"),
        (["worker"], "On SQLite"),
    ],
)
def test_a_failure_is_a_sentence_and_a_status(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    part: str,
) -> None:
    shell.connect()
    assert part in failing(monkeypatch, capsys, *arguments)


def test_serving_an_unprepared_database_is_refused(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "stepgate migrate" in failing(monkeypatch, capsys, "serve")


def test_bad_settings_are_told_by_name(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEPGATE_WORKERS", "many")
    assert "STEPGATE_WORKERS: must be a whole number." in failing(monkeypatch, capsys, "migrate")


def test_several_accounts_have_to_be_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.connect()
    shell.portal.external_id = "2002"
    shell("install", "--crm", "fake", "--host", HOST, "--token", "long-lived")
    assert "name one with --account" in failing(monkeypatch, capsys, "funnel", "show")
    shell("funnel", "show", "--account", "2002")


def test_the_widget_archive_needs_an_address_and_no_key(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEPGATE_SECRET_KEYS")
    shell("widget", "build", "--crm", "amocrm", "--out", str(tmp_path / "widget.zip"))
    assert (tmp_path / "widget.zip").read_bytes().startswith(b"PK")
