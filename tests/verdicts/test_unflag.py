"""The tag of a warning goes when what it asks for is done, or asked for no more."""

import pytest

from app.db.engine import Database
from app.domain.evidence import Direction, EvidenceKind
from app.domain.stage import StageRef
from app.domain.wording import tag_text
from app.outbox.rows import WriteKind, WriteState
from tests.crm.fake.client import Fault
from tests.rig import LOST, A, B, C, Rig, make_rig, usual_mapping

TAG = [tag_text("ru")]


@pytest.fixture
async def rig(db: Database) -> Rig:
    """A deal that was warned about in stage b: nobody has called."""
    rig = await make_rig(db, usual_mapping("warn"))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == TAG
    return rig


async def test_it_stays_while_the_client_owes_his_step(rig: Rig) -> None:
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    await rig.run_for(600, 60)
    assert rig.crm.texts("1", "tag") == TAG


async def test_it_goes_when_the_client_has_taken_his_step(rig: Rig) -> None:
    rig.clock.advance(60)
    rig.crm.happen("1")
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == []
    await rig.run("1")
    assert [row.kind for row in await rig.writes("1")].count(WriteKind.UNTAG) == 1


@pytest.mark.parametrize("stage", [A, LOST], ids=["back", "lost"])
async def test_it_goes_when_the_deal_leaves_the_stage_that_asked_for_it(rig: Rig, stage: StageRef) -> None:
    rig.clock.advance(60)
    rig.crm.move("1", stage)
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == []


async def test_it_stays_on_a_deal_that_went_on_without_the_step(rig: Rig) -> None:
    rig.clock.advance(60)
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    rig.crm.move("1", C)
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == TAG


async def test_it_goes_when_the_gate_only_looks_on_by_now(rig: Rig) -> None:
    await rig.publish(usual_mapping("shadow"))
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == []


async def test_it_comes_again_with_the_next_warning(rig: Rig) -> None:
    rig.clock.advance(60)
    rig.crm.happen("1")
    await rig.run("1")
    rig.clock.advance(60)
    rig.crm.move("1", C)
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == TAG


async def test_a_removal_whose_answer_was_lost_is_looked_for_and_made_once_more(rig: Rig) -> None:
    rig.clock.advance(60)
    rig.crm.happen("1")
    rig.faults.append(("apply", Fault.LOST_BEFORE))
    await rig.run("1")
    assert rig.crm.texts("1", "tag") == TAG
    await rig.run_for(120)
    assert rig.crm.texts("1", "tag") == []
    assert {row.state for row in await rig.writes("1")} == {WriteState.CONFIRMED}
