"""Verbs about locks and about moving a deal on."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.crm.port import DealLog
from app.db.engine import Database, open_database
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.lock import LockCode, LockState, gated_stages
from app.domain.stage import StageRef
from app.funnels.current import current_version
from app.ledger.record import record
from app.lock.store import KnownLock, save_lock
from app.outbox.rows import rows_of
from tests.commands.shell import Shell, failing
from tests.factories import NOW
from tests.installations.portal import MANAGER, catalog
from tests.mapping import checkpoint, gate, mapping, publish_mapping

DEAL, PIPELINE, FIRST, OFFER = "515", "7", "71", "72"


def on_database(folder: Path, work: object) -> object:
    """Run a transaction on the shell's own database."""

    async def run() -> object:
        db: Database = open_database(f"sqlite:///{folder}/stepgate.db")
        assert callable(work)
        done: object = await db.write(work)
        await db.close()
        return done

    return asyncio.run(run())


def publish(conn: Connection) -> None:
    document = mapping([checkpoint("called")], [gate(OFFER, "called")])
    publish_mapping(conn, 1, catalog(), document, NOW, PIPELINE)


def silent_deal(conn: Connection, *facts: Evidence) -> None:
    publish(conn)
    stage = StageRef(PIPELINE, FIRST)
    deal = Deal(DEAL, "ООО «Василёк»", stage, NOW, NOW, NOW, responsible_id=MANAGER)
    made = StageMove("m0", DEAL, None, stage, MANAGER, MoveOrigin.CREATION, NOW, NOW)
    record(conn, 1, DealLog(deal, (made,), facts, ""), NOW)


def called_deal(conn: Connection) -> None:
    silent_deal(conn, Evidence("c1", DEAL, EvidenceKind.CALL, Grade.B, NOW, NOW, Direction.INCOMING, 300))


def leaking(conn: Connection) -> None:
    publish(conn)
    version = current_version(conn, 1, PIPELINE)
    assert version
    [gated] = gated_stages(version, catalog())
    code, stage = LockCode.MOVED_BY_SELLER, gated.stage.ref
    leak = KnownLock(stage, gated.signature, LockState.LEAKS, code, NOW, MANAGER, DEAL, MANAGER, NOW)
    save_lock(conn, 1, leak)


def test_a_crm_without_a_lock_of_its_own_says_so(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.connect()
    assert "no lock of its own" in shell("lock", "show").output
    found = json.loads(shell("lock", "show", "--json").output)
    assert (found["is_supported"], found["trial"]) == (False, None)
    said = failing(monkeypatch, capsys, "lock", "try", "КП отправлено", "--user", "2")
    assert "no lock of its own" in said


def test_a_check_that_is_unknown_cannot_be_called_off(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.connect()
    assert "no such check" in failing(monkeypatch, capsys, "lock", "cancel", "0123456789abcdef")


def test_the_doctor_tells_of_a_lock_that_lets_sellers_through(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    on_database(tmp_path, leaking)
    said = " ".join(shell("doctor").output.split())
    assert "“КП отправлено” lets sellers through. Борис moved deal 515 there." in said
    assert "stepgate lock show" in said


def test_a_deal_is_moved_on_by_a_verb(shell: Shell, tmp_path: Path) -> None:
    shell.connect()
    on_database(tmp_path, called_deal)
    assert "moves the deal on" in shell("deal", "forward", DEAL, "КП отправлено").output
    rows = on_database(tmp_path, lambda conn: rows_of(conn, 1, DEAL))
    assert isinstance(rows, list)
    assert [(row.kind, row.target) for row in rows] == [("move_forward", StageRef(PIPELINE, OFFER))]


def test_a_deal_whose_client_owes_a_step_is_not_moved(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.connect()
    on_database(tmp_path, silent_deal)
    assert "yet to" in failing(monkeypatch, capsys, "deal", "forward", DEAL, OFFER)
    assert "not known" in failing(monkeypatch, capsys, "deal", "forward", "999", OFFER)
