"""Moving a deal on: once, only where the judge would let it through, and never taken for a person's move."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from app.analytics.facts import refresh_deals
from app.db.engine import Database
from app.db.tables import deal_step
from app.domain.deal import MoveOrigin
from app.domain.evidence import Direction, EvidenceKind
from app.domain.stage import StageRef
from app.domain.verdict import Outcome, Reason
from app.inbox.process import Processor
from app.installations.store import change_settings
from app.ledger.read import moves_of
from app.outbox.enqueue import enqueue_forward
from app.outbox.limits import STOPS_PER_DEAL, is_capped
from app.outbox.rows import WriteKind, WriteState
from tests.crm.fake.client import Fault
from tests.crm.fake.world import SERVICE_USER
from tests.mapping import checkpoint, gate, mapping
from tests.rig import A, B, C, Rig, make_rig


@pytest.fixture
async def rig(db: Database) -> Rig:
    """A deal in its first stage whose client has called."""
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.happen("1")
    await rig.run("1")
    return rig


async def press(rig: Rig, expected: StageRef = A, target: StageRef = B) -> None:
    now = rig.clock.now()
    await rig.db.write(lambda conn: enqueue_forward(conn, rig.installation_id, "1", expected, target, now))
    await rig.run("1")


async def states(rig: Rig) -> list[tuple[WriteState, str]]:
    return [
        (row.state, row.last_error) for row in await rig.writes("1") if row.kind is WriteKind.MOVE_FORWARD
    ]


async def origins(rig: Rig) -> list[MoveOrigin]:
    def read(conn: Connection) -> list[MoveOrigin]:
        return [move.origin for move in moves_of(conn, rig.installation_id, "1")]

    return await rig.db.read(read)


async def test_the_deal_goes_on_and_the_move_is_our_own(rig: Rig) -> None:
    await press(rig)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert await states(rig) == [(WriteState.CONFIRMED, "")]
    assert await origins(rig) == [MoveOrigin.CREATION, MoveOrigin.OWN]
    [*_, last] = await rig.verdicts("1")
    assert (last.verdict.outcome, last.verdict.reason) == (Outcome.NOT_GOVERNED, Reason.OWN_WRITE)
    assert rig.crm.written == []


async def test_the_report_counts_it_as_a_passage(rig: Rig) -> None:
    rig.processor = Processor(rig.db, rig._open, rig.clock, (refresh_deals,), luck=lambda: 0.5)
    await press(rig)
    await rig.run("1")
    assert rig.stage("1") == "b"

    def claimed(conn: Connection) -> int:
        rows = conn.execute(deal_step.select().where(deal_step.c.step_key == "called"))
        return sum(row.claimed_at is not None for row in rows)

    assert await rig.db.read(claimed) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
async def test_an_answer_that_was_lost_is_looked_for_and_the_deal_moves_once(rig: Rig, fault: Fault) -> None:
    rig.faults.append(("apply", fault))
    await press(rig)
    await rig.run_for(90, 5)
    await rig.run("1")
    assert rig.stage("1") == "b"
    assert [state for state, _ in await states(rig)] == [WriteState.CONFIRMED]
    assert [move.to_stage for move in rig.crm.moves("1")] == [A, B]
    assert (await origins(rig))[-1] is MoveOrigin.OWN


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.REJECTED, "refused"),
        (Fault.NO_RIGHT, "no_right"),
        (Fault.FIELD_REQUIRED, "field_required"),
    ],
)
async def test_a_refusal_is_final_until_somebody_presses_again(rig: Rig, fault: Fault, code: str) -> None:
    rig.faults.append(("apply", fault))
    await press(rig)
    calls = rig.client.calls
    await rig.run_for(120, 30)
    assert await states(rig) == [(WriteState.DEAD, code)]
    assert rig.stage("1") == "a"
    assert calls == rig.client.calls
    await press(rig)
    assert rig.stage("1") == "b"


@pytest.mark.parametrize("fault", [Fault.NO_RIGHT, Fault.FIELD_REQUIRED])
async def test_a_move_that_the_crm_refused_is_not_taken_for_a_person_s_same_move(
    rig: Rig, fault: Fault
) -> None:
    """The log may name no author, or the very user whose rights we write with."""
    rig.faults.append(("apply", fault))
    await press(rig)
    rig.clock.advance(5)
    rig.crm.move("1", B, by=SERVICE_USER)
    await rig.run("1")
    assert await origins(rig) == [MoveOrigin.CREATION, MoveOrigin.PERSON]
    [*_, last] = await rig.verdicts("1")
    assert last.verdict.outcome is Outcome.PASSED


async def test_a_required_field_is_remembered_by_name(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.FIELD_REQUIRED))
    await press(rig)
    assert [row.payload for row in await rig.writes("1")] == [{"field": "Budget"}]


async def test_a_deal_that_a_person_has_moved_meanwhile_is_left_alone(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await press(rig)
    rig.clock.advance(1)
    rig.crm.move("1", C)
    await rig.run_for(60, 5)
    assert [state for state, _ in await states(rig)] == [WriteState.SUPERSEDED]


async def test_evidence_that_went_stale_since_the_press_stops_the_move(db: Database) -> None:
    call = {"kind": "call", "direction": "incoming", "least_seconds": 60}
    document = mapping([checkpoint("called", call, fresh_days=1)], [gate("b", "called")])
    rig = await make_rig(db, document)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.happen("1")
    await rig.run("1")
    rig.clock.advance(timedelta(days=1).total_seconds() - 5)
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await press(rig)
    await rig.run_for(60, 5)
    assert await states(rig) == [(WriteState.SUPERSEDED, "not_satisfied")]
    assert rig.stage("1") == "a"


async def test_a_press_without_evidence_moves_nothing(db: Database) -> None:
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    await rig.run("1")
    rig.clock.advance(60)
    await press(rig)
    assert await states(rig) == [(WriteState.SUPERSEDED, "not_satisfied")]
    assert rig.stage("1") == "a"


async def test_a_press_leads_out_of_no_stage_that_the_deal_does_not_stand_in_by_right(db: Database) -> None:
    """While a stop's grace runs, the button carries no deal past the gate that it was dragged over."""
    call = {"kind": "call", "direction": "incoming", "least_seconds": 60}
    wrote = {"kind": "message", "direction": "incoming"}
    steps = [checkpoint("called", call), checkpoint("wrote", wrote)]
    gates = [gate("b", "called", mode="enforce", grace_minutes=60), gate("c", "wrote", mode="enforce")]
    rig = await make_rig(db, mapping(steps, gates))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    rig.crm.move("1", B)
    await rig.run("1")
    rig.clock.advance(60)
    await press(rig, B, C)
    assert await states(rig) == [(WriteState.SUPERSEDED, "not_satisfied")]
    assert rig.stage("1") == "b"
    rig.crm.happen("1")
    await rig.run("1")
    await press(rig, B, C)
    assert rig.stage("1") == "c"


async def test_the_kill_switch_stops_a_move_that_is_under_way(rig: Rig) -> None:
    await rig.db.write(lambda conn: change_settings(conn, rig.installation_id, writes_off=True))
    await press(rig)
    assert await states(rig) == [(WriteState.SUPERSEDED, "writes_off")]
    assert rig.stage("1") == "a"


async def test_a_crm_that_is_away_for_long_gets_no_late_move(rig: Rig) -> None:
    rig.faults += [("apply", Fault.UNAVAILABLE)] * 200
    await press(rig)
    for _ in range(20):
        rig.clock.advance(60)
        await rig.run()
    assert await states(rig) == [(WriteState.DEAD, "too_late")]
    assert rig.stage("1") == "a"


async def test_presses_do_not_use_up_what_a_deal_has_of_stops(rig: Rig) -> None:
    for _ in range(STOPS_PER_DEAL + 1):
        rig.faults.append(("apply", Fault.REJECTED))
        await press(rig)
    now = rig.clock.now()
    assert not await rig.db.read(lambda conn: is_capped(conn, rig.installation_id, "1", now))


async def test_a_client_who_wrote_lets_the_deal_pass_two_gates_one_press_each(rig: Rig) -> None:
    await press(rig)
    rig.clock.advance(5)
    rig.crm.happen("1", EvidenceKind.MESSAGE, Direction.INCOMING)
    await rig.run("1")
    rig.clock.advance(5)
    await press(rig, B, C)
    assert rig.stage("1") == "c"
    assert await states(rig) == [(WriteState.CONFIRMED, "")] * 2
