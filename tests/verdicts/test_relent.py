"""Late evidence calls off a move back that has not been sent."""

import pytest

from app.db.engine import Database
from app.domain.evidence import Direction, EvidenceKind
from app.domain.verdict import Outcome
from app.domain.writeback import Action
from app.outbox.rows import PROVEN_SINCE, WriteState
from tests.crm.fake.client import Fault
from tests.rig import A, B, C, Rig, make_rig


@pytest.fixture
async def rig(db: Database) -> Rig:
    """A deal that was dragged into a gated stage while the CRM takes no writes."""
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await rig.run("1")
    assert {row.state for row in await rig.writes("1")} == {WriteState.NEW}
    return rig


async def test_a_deal_whose_client_has_done_it_meanwhile_is_left_where_it_is(rig: Rig) -> None:
    rig.clock.advance(1)
    rig.crm.happen("1")
    await rig.run("1")
    await rig.run_for(60, 5)
    assert rig.stage("1") == "b"
    assert rig.crm.written == []
    rows = await rig.writes("1")
    assert {(row.state, row.last_error) for row in rows} == {(WriteState.SUPERSEDED, PROVEN_SINCE)}


async def test_the_verdict_stays_what_it_was(rig: Rig) -> None:
    rig.crm.happen("1")
    await rig.run("1")
    [*_, stored] = await rig.verdicts("1")
    assert (stored.verdict.outcome, stored.action) == (Outcome.BLOCKED, Action.MOVE_BACK)


async def test_evidence_of_another_step_calls_nothing_off(rig: Rig) -> None:
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    await rig.run("1")
    await rig.run_for(60, 5)
    assert rig.stage("1") == "a"


async def test_a_write_whose_answer_was_lost_is_not_called_off(db: Database) -> None:
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.LOST_AFTER))
    await rig.run("1")
    rig.crm.happen("1")
    await rig.run("1")
    await rig.run_for(60, 5)
    assert rig.stage("1") == "a"
    assert {row.state for row in await rig.writes("1")} == {WriteState.CONFIRMED}


async def test_the_next_stop_of_the_deal_is_enforced_again(rig: Rig) -> None:
    rig.crm.happen("1")
    await rig.run("1")
    rig.clock.advance(5)
    rig.crm.move("1", C)
    await rig.run("1")
    await rig.run_for(30, 5)
    assert rig.stage("1") == "b"
