"""Whose move it was, and how much is written at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from app.crm.port import DealLog
from app.db.engine import Database
from app.db.tables import outbox
from app.domain.deal import MoveOrigin, StageMove
from app.domain.stage import StageRef
from app.domain.writeback import AddNote
from app.ledger.read import moves_of
from app.ledger.record import record
from app.outbox.echo import claim_echo
from app.outbox.enqueue import Intent, enqueue, enqueue_forward
from app.outbox.limits import (
    STOPS_PER_DEAL,
    WRITES_PER_ACCOUNT,
    is_account_full,
    is_capped,
    is_reverted_lately,
)
from app.outbox.rows import WriteKind, WriteState, command_of, marker, open_rows, rows_of
from tests.crm.fake.world import MANAGER, SERVICE_USER
from tests.factories import NOW

A, B = StageRef("p", "a"), StageRef("p", "b")
STOP = StageMove("m1", "1", A, B, MANAGER, MoveOrigin.PERSON, NOW, NOW)
ECHO = StageMove("m2", "1", B, A, SERVICE_USER, MoveOrigin.PERSON, NOW + timedelta(seconds=5), NOW)
BACK = Intent(WriteKind.MOVE_BACK, {}, B, A)
NOTE = Intent(WriteKind.NOTE, {"text": "Hello"})


def set_state(conn: Connection, tenant: int, state: WriteState) -> None:
    conn.execute(
        outbox.update()
        .where(outbox.c.installation_id == tenant)
        .values(state=state.value, sent_at=NOW + timedelta(seconds=4))
    )


def prepare(conn: Connection, tenant: int, state: WriteState, echo: StageMove = ECHO) -> None:
    record(conn, tenant, DealLog(None, (STOP, echo), (), ""), NOW)
    enqueue(conn, tenant, STOP, [BACK], NOW)
    if state is not WriteState.NEW:
        set_state(conn, tenant, state)


@pytest.mark.parametrize(
    ("state", "is_ours"),
    [
        (WriteState.NEW, False),
        (WriteState.SENT, True),
        (WriteState.UNKNOWN, True),
        (WriteState.CONFIRMED, True),
        (WriteState.SUPERSEDED, True),
    ],
)
async def test_only_a_write_that_was_sent_can_come_back(
    db: Database, installation_id: int, state: WriteState, is_ours: bool
) -> None:
    def work(conn: Connection) -> tuple[bool, MoveOrigin, WriteState]:
        prepare(conn, installation_id, state)
        found = claim_echo(conn, installation_id, ECHO, SERVICE_USER, NOW)
        origin = moves_of(conn, installation_id, "1")[-1].origin
        return found, origin, rows_of(conn, installation_id, "1")[0].state

    found, origin, after = await db.write(work)
    assert found is is_ours
    assert (origin is MoveOrigin.OWN) is is_ours
    if state in (WriteState.SENT, WriteState.UNKNOWN):
        assert after is WriteState.CONFIRMED
    else:
        assert after is state


@pytest.mark.parametrize(
    "stranger",
    [
        replace(ECHO, actor_id=MANAGER),
        replace(ECHO, to_stage=StageRef("p", "c")),
        replace(ECHO, from_stage=StageRef("p", "c")),
        replace(ECHO, from_stage=None),
        replace(ECHO, deal_id="2"),
        replace(ECHO, occurred_at=NOW - timedelta(minutes=2)),
        replace(ECHO, occurred_at=NOW + timedelta(minutes=20)),
    ],
)
async def test_a_move_that_differs_from_what_we_sent_is_not_ours(
    db: Database, installation_id: int, stranger: StageMove
) -> None:
    def work(conn: Connection) -> bool:
        prepare(conn, installation_id, WriteState.CONFIRMED, stranger)
        return claim_echo(conn, installation_id, stranger, SERVICE_USER, NOW)

    assert await db.write(work) is False


async def test_where_the_crm_names_no_author_the_expectation_decides(
    db: Database, installation_id: int
) -> None:
    def work(conn: Connection) -> bool:
        prepare(conn, installation_id, WriteState.CONFIRMED)
        return claim_echo(conn, installation_id, replace(ECHO, actor_id=""), SERVICE_USER, NOW)

    assert await db.write(work) is True


async def test_one_write_explains_one_entry_and_explains_it_again(db: Database, installation_id: int) -> None:
    second = replace(ECHO, log_id="m3", occurred_at=ECHO.occurred_at + timedelta(seconds=9))

    def work(conn: Connection) -> list[bool]:
        prepare(conn, installation_id, WriteState.CONFIRMED)
        return [claim_echo(conn, installation_id, each, SERVICE_USER, NOW) for each in (ECHO, second, ECHO)]

    assert await db.write(work) == [True, False, True]


async def test_enqueueing_twice_changes_nothing_and_order_is_kept(db: Database, installation_id: int) -> None:
    later = replace(STOP, log_id="m9")

    def work(conn: Connection) -> list[str]:
        enqueue(conn, installation_id, STOP, [BACK, NOTE], NOW)
        set_state(conn, installation_id, WriteState.CONFIRMED)
        enqueue(conn, installation_id, STOP, [BACK, NOTE], NOW)
        enqueue(conn, installation_id, later, [NOTE], NOW)
        assert [row.op_key for row in open_rows(conn, installation_id, "1")] == ["m9:note"]
        return [row.op_key for row in rows_of(conn, installation_id, "1")]

    assert await db.write(work) == ["m1:move_back", "m1:note", "m9:note"]


async def test_a_text_for_a_move_learnt_late_is_looked_for_before_it_is_written(
    db: Database, installation_id: int
) -> None:
    late = replace(STOP, recorded_at=NOW + timedelta(hours=1))

    def work(conn: Connection) -> list[WriteState]:
        enqueue(conn, installation_id, late, [BACK, NOTE], NOW + timedelta(hours=1))
        return [row.state for row in rows_of(conn, installation_id, "1")]

    assert await db.write(work) == [WriteState.NEW, WriteState.UNKNOWN]


async def test_a_text_ends_with_a_marker_of_its_own(db: Database, installation_id: int) -> None:
    def work(conn: Connection) -> str:
        enqueue(conn, installation_id, STOP, [NOTE], NOW)
        command = command_of(rows_of(conn, installation_id, "1")[0], installation_id)
        assert isinstance(command, AddNote)
        return command.text

    text = await db.write(work)
    assert text == f"Hello\n{marker(installation_id, 'm1:note')}"
    assert marker(1, "m1:note") != marker(2, "m1:note") != marker(2, "m2:note")


async def test_a_deal_is_moved_back_once_an_hour(db: Database, installation_id: int) -> None:
    def work(conn: Connection) -> list[bool]:
        enqueue(conn, installation_id, STOP, [BACK], NOW)
        minutes = (1, 59, 61)
        found = [
            is_reverted_lately(conn, installation_id, "1", NOW + timedelta(minutes=each)) for each in minutes
        ]
        set_state(conn, installation_id, WriteState.SUPERSEDED)
        return [*found, is_reverted_lately(conn, installation_id, "1", NOW)]

    assert await db.write(work) == [True, True, False, False]


async def test_a_deal_and_an_account_have_their_share_of_writes(db: Database, installation_id: int) -> None:
    def fill(conn: Connection, count: int, deal_id: str, at_minute: int) -> None:
        known = len(list(conn.execute(select(outbox.c.op_key))))
        rows = [
            {
                "installation_id": installation_id,
                "op_key": f"{known + number}",
                "seq": number,
                "deal_id": deal_id,
                "log_id": f"{known + number}",
                "kind": "note",
                "payload": {},
                "state": "confirmed",
                "created_at": NOW + timedelta(minutes=at_minute),
            }
            for number in range(count)
        ]
        conn.execute(insert(outbox), rows)

    def work(conn: Connection) -> list[bool]:
        now = NOW + timedelta(minutes=9)
        found = [is_capped(conn, installation_id, "1", now)]
        fill(conn, STOPS_PER_DEAL, "1", 0)
        found += [is_capped(conn, installation_id, each, now) for each in "12"]
        fill(conn, WRITES_PER_ACCOUNT, "3", 0)
        found += [is_account_full(conn, installation_id, each) for each in (now, now + timedelta(minutes=5))]
        return found

    assert await db.write(work) == [False, True, False, True, False]


async def test_what_is_taken_off_a_deal_is_no_stop_and_no_text(db: Database, installation_id: int) -> None:
    def work(conn: Connection) -> list[bool]:
        for number in range(WRITES_PER_ACCOUNT):
            gone = replace(STOP, log_id=f"m{number}")
            enqueue(conn, installation_id, gone, [Intent(WriteKind.UNTAG, {"tag": "x"})], NOW)
        return [is_account_full(conn, installation_id, NOW), is_capped(conn, installation_id, "1", NOW)]

    assert await db.write(work) == [False, False]


async def test_moves_that_sellers_asked_for_leave_the_account_its_texts(
    db: Database, installation_id: int
) -> None:
    def work(conn: Connection) -> bool:
        for number in range(WRITES_PER_ACCOUNT):
            enqueue_forward(conn, installation_id, str(number), A, B, NOW)
        return is_account_full(conn, installation_id, NOW)

    assert await db.write(work) is False
