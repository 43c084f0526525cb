"""A write that a killed process had begun: its call may still arrive when the next process looks."""

import pytest

from app.db.engine import Database
from app.db.orphans import free_orphans
from app.inbox.process import LEASE, SETTLE
from app.outbox.rows import WriteState
from tests.crm.fake.client import Fault
from tests.rig import A, B, Rig, make_rig

LONGEST_CALL = LEASE.total_seconds() / 2


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
async def rig(db: Database) -> Rig:
    """A process died just when the move back was about to be called; its lane was freed at once."""
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.ring("1")

    def die(point: str) -> None:
        if point == "after_mark_sent":
            raise Killed

    with pytest.raises(Killed):
        await rig.make_processor(die).run_once("dead:0")
    assert await rig.db.write(lambda conn: free_orphans(conn, rig.clock.now())) == 1
    return rig


async def state(rig: Rig) -> WriteState:
    return (await rig.writes("1"))[0].state


async def test_it_is_not_made_again_while_its_call_may_still_arrive(rig: Rig) -> None:
    await rig.run()
    assert (await state(rig), rig.stage("1")) == (WriteState.SENT, "b")
    await rig.run_for(LONGEST_CALL + SETTLE.total_seconds() - 1, 1)
    assert (await state(rig), rig.stage("1")) == (WriteState.SENT, "b")
    await rig.run_for(5, 1)
    assert (await state(rig), rig.stage("1")) == (WriteState.CONFIRMED, "a")


async def test_a_call_that_arrives_late_is_found_and_not_repeated(rig: Rig) -> None:
    await rig.run_for(LONGEST_CALL - 2, 2)
    rig.crm.move("1", A, rig.client.user_id)
    await rig.run_for(60)
    rows = await rig.writes("1")
    assert [(row.state, row.tries) for row in rows] == [(WriteState.CONFIRMED, 1)] * 3
    assert [move.to_stage for move in rig.crm.moves("1")] == [A, B, A]


async def test_an_answer_that_was_lost_in_our_own_life_is_looked_for_sooner(rig: Rig) -> None:
    """Then the call has ended, and only the log may lag."""
    await rig.run_for(60)
    rig.crm.create_deal("2", A)
    rig.clock.advance(60)
    rig.crm.move("2", B)
    rig.faults.append(("apply", Fault.LOST_BEFORE))
    await rig.run("2")
    await rig.run_for(SETTLE.total_seconds() + 2, 1)
    assert rig.stage("2") == "a"
