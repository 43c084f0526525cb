"""The whole way of one deal through the engine, on both stores."""

from dataclasses import replace

import pytest

from app.db.engine import Database
from app.domain.evidence import Direction, EvidenceKind
from app.domain.verdict import Outcome, Reason
from app.domain.writeback import Action
from app.installations.store import (
    InstallationState,
    change_settings,
    get_installation,
    save_catalog,
    set_state,
)
from app.outbox.rows import WriteState
from tests.crm.fake.client import Fault
from tests.rig import LOST, WON, A, B, C, D, Rig, make_rig, usual_mapping


@pytest.fixture
async def rig(db: Database) -> Rig:
    return await make_rig(db)


async def test_a_move_without_evidence_is_undone_and_explained(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "a"
    [note], [task] = rig.crm.texts("1", "note"), rig.crm.texts("1", "task")
    assert "«Stage a»" in note
    assert "«Do called»" in note
    assert "входящий звонок от 1 минуты" in note
    assert "#ref:" in note
    assert "«Do called»" in task
    assert rig.crm.texts("1", "tag") == []


async def test_our_own_write_comes_back_and_is_never_judged(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    rig.clock.advance(2)
    await rig.run("1")
    *_, own = await rig.verdicts("1")
    assert (own.verdict.outcome, own.verdict.reason) == (Outcome.NOT_GOVERNED, Reason.OWN_WRITE)
    assert len(rig.crm.texts("1", "note")) == 1


async def test_a_move_with_evidence_stays(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.happen("1")
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert rig.crm.written == []
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.PASSED


async def test_the_same_move_stays_after_the_client_has_called(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    rig.clock.advance(30)
    rig.crm.happen("1")
    rig.clock.advance(30)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_skipping_stages_meets_every_gate_on_the_way(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    rig.clock.advance(60)
    rig.crm.move("1", D)
    await rig.run("1")
    assert rig.stage("1") == "a"
    assert "«Do called»" in rig.crm.texts("1", "note")[0]
    assert "«Do wrote»" not in rig.crm.texts("1", "note")[0]


async def test_two_quick_moves_are_no_back_door(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", C)
    rig.crm.move("1", D)
    await rig.run("1")
    assert rig.stage("1") == "a"
    _, first, second, *_ = await rig.verdicts("1")
    assert (first.action, second.action) == (Action.OVERTAKEN, Action.MOVE_BACK)
    assert len(rig.crm.texts("1", "note")) == 1


async def test_a_manager_who_corrects_himself_hears_nothing(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.clock.advance(1)
    rig.crm.move("1", A)
    await rig.run("1")
    assert rig.stage("1") == "a"
    assert rig.crm.written == []


async def test_the_second_stop_within_an_hour_only_warns(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    for _ in range(2):
        rig.clock.advance(60)
        rig.crm.move("1", B)
        await rig.run("1")
    assert rig.stage("1") == "b"
    assert len(rig.crm.texts("1", "note")) == 2
    assert rig.crm.texts("1", "tag") == ["нужен шаг клиента"]


async def test_a_robot_that_insists_is_answered_three_times_an_hour(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    for _ in range(12):
        rig.clock.advance(60)
        rig.crm.move("1", B if rig.stage("1") == "a" else A)
        await rig.run("1")
    assert len(rig.crm.texts("1", "note")) == 3


async def test_warn_leaves_the_deal_and_says_what_is_missing(db: Database) -> None:
    rig = await make_rig(db, usual_mapping("warn"))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert len(rig.crm.texts("1", "note")) == len(rig.crm.texts("1", "task")) == 1
    assert rig.crm.texts("1", "tag") == ["нужен шаг клиента"]


async def test_shadow_records_and_writes_nothing(db: Database) -> None:
    rig = await make_rig(db, usual_mapping("shadow"))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.BLOCKED
    assert rig.crm.written == []
    assert rig.stage("1") == "b"


async def test_late_evidence_within_grace_counts(db: Database) -> None:
    rig = await make_rig(db, usual_mapping(grace_minutes=10))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.UNDETERMINED
    rig.clock.advance(300)
    rig.crm.happen("1")
    await rig.run("1")
    await rig.run_for(900, 60)
    assert (await rig.verdicts("1"))[-1].verdict.outcome is Outcome.PASSED
    assert rig.stage("1") == "b"


async def test_grace_that_ends_without_evidence_undoes_the_move_by_itself(db: Database) -> None:
    rig = await make_rig(db, usual_mapping(grace_minutes=10))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    await rig.run_for(720, 60)
    assert rig.stage("1") == "a"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_creation_straight_into_a_gated_stage_is_warned_never_moved(rig: Rig) -> None:
    rig.crm.create_deal("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_lost_and_backward_moves_are_free(rig: Rig) -> None:
    rig.crm.create_deal("1", D)
    for stage in (A, LOST):
        rig.clock.advance(5)
        rig.crm.move("1", stage)
    await rig.run("1")
    assert [stored.verdict.reason for stored in await rig.verdicts("1")] == [
        Reason.NO_GATE,
        Reason.BACKWARD,
        Reason.LOST,
    ]


async def test_a_jump_to_won_meets_the_gates_before_it(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(5)
    rig.crm.move("1", WON)
    await rig.run("1")
    assert rig.stage("1") == "a"


async def test_a_move_from_before_the_mapping_is_not_judged(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(10)
    rig.crm.move("1", B)
    rig.clock.advance(60)
    await rig.publish(usual_mapping())
    await rig.run("1")
    assert (await rig.verdicts("1"))[-1].verdict.reason is Reason.BEFORE_VERSION
    assert rig.stage("1") == "b"


async def test_a_deal_that_is_gone_leaves_nothing_open(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.UNAVAILABLE))
    await rig.run("1")
    rig.crm.delete("1")
    await rig.run_for(60)
    assert {row.state for row in await rig.writes("1")} == {WriteState.DEAD}
    assert rig.crm.written == []


async def test_a_lost_answer_is_looked_up_and_never_written_twice(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults += [("apply", Fault.LOST_AFTER)] * 3
    await rig.run("1")
    await rig.run_for(120)
    assert rig.stage("1") == "a"
    assert len(rig.crm.texts("1", "note")) == len(rig.crm.texts("1", "task")) == 1
    assert {row.state for row in await rig.writes("1")} == {WriteState.CONFIRMED}


async def test_a_request_that_never_arrived_is_made_again(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults += [("apply", Fault.LOST_BEFORE)] * 2
    await rig.run("1")
    await rig.run_for(120)
    assert rig.stage("1") == "a"
    assert len(rig.crm.texts("1", "note")) == len(rig.crm.texts("1", "task")) == 1


async def test_a_refused_move_back_leaves_a_note_that_says_where_the_deal_stands(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.REJECTED))
    await rig.run("1")
    assert rig.stage("1") == "b"
    [note] = rig.crm.texts("1", "note")
    assert note.startswith("Сделка на стадии «Stage b»")


async def test_the_managers_newer_move_is_never_overwritten(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await rig.run("1")
    rig.clock.advance(1)
    rig.crm.move("1", LOST)
    await rig.run_for(60)
    assert rig.stage("1") == "lost"
    assert rig.crm.written == []


async def test_the_kill_switch_silences_every_write(rig: Rig) -> None:

    await rig.db.write(lambda conn: change_settings(conn, rig.installation_id, writes_off=True))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert rig.crm.written == []


async def test_a_refused_token_pauses_the_account_and_keeps_the_work(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.faults.append(("deal_log", Fault.AUTH_EXPIRED))
    await rig.run("1")

    found = await rig.db.read(lambda conn: get_installation(conn, rig.installation_id))
    assert found.state is InstallationState.REAUTH_REQUIRED
    await rig.db.write(lambda conn: set_state(conn, rig.installation_id, InstallationState.ACTIVE))
    rig.clock.advance(600)
    await rig.run()
    assert len(await rig.verdicts("1")) == 1


async def test_an_outage_of_hours_warns_instead_of_surprising(rig: Rig) -> None:
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    rig.clock.advance(3 * 3600)
    await rig.run("1")
    await rig.run_for(60)
    assert rig.stage("1") == "b"
    assert len(rig.crm.texts("1", "note")) == 1


async def test_a_rule_that_names_a_deleted_stage_only_warns(rig: Rig) -> None:

    pipeline = rig.crm.catalog.pipelines[0]
    kept = tuple(stage for stage in pipeline.stages if stage.ref != B)
    rig.crm.catalog = replace(
        rig.crm.catalog, pipelines=(replace(pipeline, stages=kept), *rig.crm.catalog.pipelines[1:])
    )
    await rig.db.write(lambda conn: save_catalog(conn, rig.installation_id, rig.crm.catalog, rig.clock.now()))
    rig.crm.create_deal("1", A)
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    rig.clock.advance(60)
    rig.crm.move("1", C)
    await rig.run("1")
    stored = (await rig.verdicts("1"))[-1]
    assert (stored.verdict.reason, stored.action) == (Reason.RULE_BROKEN, Action.WARN)
    assert rig.stage("1") == "c"


async def test_several_deals_in_one_hook_are_each_judged(rig: Rig) -> None:
    for deal_id in ("1", "2", "3"):
        rig.crm.create_deal(deal_id, A)
    rig.clock.advance(60)
    for deal_id in ("1", "2", "3"):
        rig.crm.move(deal_id, B)
    await rig.run("1", "2", "3")
    assert [rig.stage(deal_id) for deal_id in ("1", "2", "3")] == ["a", "a", "a"]
