"""Decisions as stored: order, re-judging, versions, what counts as one run of moves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from app.db.engine import Database
from app.domain.deal import MoveOrigin
from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.domain.stage import StageKind
from app.domain.verdict import (
    CheckpointReason,
    CheckpointResult,
    CheckpointState,
    Outcome,
    Reason,
    Verdict,
)
from app.domain.writeback import Action
from app.installations.store import save_catalog
from app.ledger.record import record
from app.ledger.sight import DealKey
from app.outbox.limits import WRITES_PER_ACCOUNT
from app.verdicts.store import pending_moves, save_verdicts, verdicts_of
from tests.crm.fake.client import Fault
from tests.factories import NOW, add_installation
from tests.ledger.test_record import LOG, MOVES
from tests.mapping import checkpoint, gate, mapping
from tests.rig import ELSEWHERE, LOST, WON, A, B, C, D, Rig, make_rig, usual_mapping


@pytest.fixture
async def rig(db: Database) -> Rig:
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    return rig


async def test_a_verdict_is_read_back_as_it_was_stored(db: Database, installation_id: int) -> None:
    result = CheckpointResult("called", CheckpointState.MET, CheckpointReason.PROVEN, NOW, ("f1", "f2"), "B")
    stored = Verdict(
        "m1",
        "1",
        Outcome.UNDETERMINED,
        Reason.IN_GRACE,
        NOW,
        4,
        "all",
        GateMode.ENFORCE,
        B,
        NOW + timedelta(minutes=5),
        (result,),
    )

    def work(conn: Connection) -> object:
        log = replace(LOG, moves=(replace(MOVES[1], log_id="m1"),))
        record(conn, installation_id, log, NOW)
        save_verdicts(conn, [(installation_id, stored, Action.NONE)])
        [again] = verdicts_of(conn, installation_id, "1").values()
        key = DealKey(installation_id, "1")
        assert [item.version_number for item in pending_moves(conn, [key])[key]] == [4]
        return again.verdict

    assert await db.write(work) == stored


async def test_every_move_is_judged_once_and_in_order(rig: Rig) -> None:
    for stage in (B, A, C, D, LOST, A):
        rig.clock.advance(1)
        rig.crm.move("1", stage)
    for _ in range(3):
        await rig.run("1")
    stored = await rig.verdicts("1")
    ids = [each.verdict.log_id for each in stored]
    assert ids == sorted(ids)
    assert len(ids) == 7
    assert {each.verdict.decided_at for each in stored} == {rig.clock.now()}


async def test_a_move_that_waits_is_judged_by_the_version_it_was_made_under(db: Database) -> None:
    rig = await make_rig(db, usual_mapping(grace_minutes=10))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    await rig.publish(mapping([checkpoint("signed")], [gate("b", "signed", mode="shadow")]))
    await rig.run_for(900, 60)
    stored = (await rig.verdicts("1"))[-1].verdict
    assert (stored.version_number, stored.outcome, stored.mode) == (1, Outcome.BLOCKED, GateMode.ENFORCE)
    assert rig.stage("1") == "a"


async def test_a_run_of_moves_is_judged_from_where_it_began(rig: Rig) -> None:
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await rig.run("1")
    rig.clock.advance(2)
    rig.crm.move("1", C)
    rig.crm.happen("1", EvidenceKind.MESSAGE)
    await rig.run("1")
    await rig.run_for(60, 2)
    assert rig.stage("1") == "a"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_a_run_that_ends_where_it_began_is_nobodys_business(rig: Rig) -> None:
    for stage in (C, D, A):
        rig.crm.move("1", stage)
        rig.clock.advance(0.2)
    await rig.run("1")
    assert rig.crm.written == []
    assert (await rig.verdicts("1"))[-1].verdict.reason is Reason.BACKWARD


async def test_a_detour_does_not_launder_a_forbidden_stage(rig: Rig) -> None:
    for stage in (B, D, B):
        rig.crm.move("1", stage)
        rig.clock.advance(0.2)
    await rig.run("1")
    assert rig.stage("1") == "a"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_a_stop_that_was_answered_with_a_warning_ends_the_run(rig: Rig) -> None:
    for _ in range(2):
        rig.crm.move("1", B)
        await rig.run("1")
        rig.clock.advance(60)
    assert rig.stage("1") == "b"
    rig.crm.happen("1", EvidenceKind.MESSAGE)
    rig.crm.move("1", C)
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.PASSED


async def test_an_old_stop_is_not_held_against_todays_move(db: Database) -> None:
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.crm.move("1", D)
    rig.crm.move("1", C)
    rig.clock.advance(3 * 24 * 3600)
    await rig.run("1")
    rig.crm.happen("1")
    rig.crm.happen("1", EvidenceKind.MESSAGE)
    rig.crm.move("1", WON)
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.outcome in (Outcome.PASSED, Outcome.NOT_GOVERNED)


async def test_evidence_that_came_with_the_move_counts_in_whatever_order_it_is_told(rig: Rig) -> None:
    rig.crm.move("1", B)
    rig.crm.happen("1")
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.PASSED


async def test_a_move_from_another_pipeline_goes_back_there_and_is_recognised(rig: Rig) -> None:
    rig.crm.create_deal("2", ELSEWHERE)
    rig.clock.advance(60)
    rig.crm.move("2", B)
    await rig.run("2")
    assert str(rig.crm.deals["2"].stage) == "q:a"
    await rig.run("2")
    own = (await rig.verdicts("2"))[-1].verdict
    assert own.reason in (Reason.OWN_WRITE, Reason.NO_VERSION)
    assert len(rig.crm.texts("2", "note")) == 1


async def test_a_deal_never_goes_back_into_a_stage_that_is_gone(rig: Rig) -> None:
    pipeline, other = rig.crm.catalog.pipelines
    kept = tuple(stage for stage in pipeline.stages if stage.ref != A)
    catalog = replace(rig.crm.catalog, pipelines=(replace(pipeline, stages=kept), other))
    await rig.db.write(lambda conn: save_catalog(conn, rig.installation_id, catalog, rig.clock.now()))
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert (await rig.verdicts("1"))[-1].action == Action.WARN


async def test_a_gate_on_a_stage_that_is_gone_only_warns_whatever_other_gates_demand(db: Database) -> None:
    rig = await make_rig(db, mapping([checkpoint("called")], [gate("b", "called"), gate("d", "called")]))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    pipeline, other = rig.crm.catalog.pipelines
    kept = tuple(stage for stage in pipeline.stages if stage.ref != B)
    catalog = replace(rig.crm.catalog, pipelines=(replace(pipeline, stages=kept), other))
    await rig.db.write(lambda conn: save_catalog(conn, rig.installation_id, catalog, rig.clock.now()))
    rig.crm.move("1", C)
    await rig.run("1")
    assert (rig.stage("1"), (await rig.verdicts("1"))[-1].action) == ("c", Action.WARN)
    rig.clock.advance(60)
    rig.crm.move("1", D)
    await rig.run("1")
    assert (rig.stage("1"), (await rig.verdicts("1"))[-1].action) == ("c", Action.MOVE_BACK)


async def test_nothing_goes_back_into_the_intake(db: Database) -> None:
    rig = await make_rig(db)
    intake = next(stage.ref for stage in rig.crm.catalog.pipelines[0].stages if stage.kind is StageKind.ENTRY)
    rig.crm.create_deal("1", intake)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert (await rig.verdicts("1"))[-1].action == Action.WARN


async def test_robots_are_stopped_like_people(rig: Rig) -> None:
    rig.crm.move("1", B, "0", MoveOrigin.ROBOT)
    await rig.run("1")
    assert rig.stage("1") == "a"


async def test_two_accounts_with_the_same_ids_do_not_meet(rig: Rig) -> None:
    other = await rig.db.write(lambda conn: add_installation(conn, external_id="2002"))
    rig.crm.move("1", B)
    await rig.run("1")
    found = await rig.db.read(lambda conn: verdicts_of(conn, other, "1"))
    assert found == {}


async def test_a_mass_move_is_undone_to_the_last_deal_though_the_texts_run_out(rig: Rig) -> None:
    deals = [str(number) for number in range(100, 100 + WRITES_PER_ACCOUNT // 3 + 5)]
    for deal_id in deals:
        rig.crm.create_deal(deal_id, A)
    rig.clock.advance(600)
    for deal_id in deals:
        rig.crm.move(deal_id, B, "7")
    rig.clock.advance(30)
    await rig.run(*deals)
    assert {rig.crm.deals[deal_id].stage for deal_id in deals} == {A}
    assert len([each for each in rig.crm.written if each.kind == "note"]) < len(deals)
