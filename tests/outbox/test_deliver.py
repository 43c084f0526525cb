"""Each write once in effect, whatever becomes of the calls."""

from datetime import timedelta

import pytest

from app.crm.errors import (
    AuthExpired,
    Blocked,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.db.engine import Database
from app.inbox.failures import MOST_TRIES, Later, Park, Pause, classify
from app.installations.store import InstallationState
from app.outbox.deliver import MOST_RESENDS
from app.outbox.rows import WriteState
from tests.crm.fake.client import Fault, at_once
from tests.rig import A, B, C, Rig, make_rig, usual_mapping


@pytest.fixture
async def rig(db: Database) -> Rig:
    """A deal that was dragged into a gated stage; nothing has been worked on yet."""
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    return rig


async def states(rig: Rig) -> list[str]:
    return [row.state.value for row in await rig.writes("1")]


async def test_writes_are_made_in_order_and_each_waits_for_the_one_before(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.UNAVAILABLE))
    await rig.run("1")
    assert await states(rig) == ["new", "new", "new"]
    assert rig.crm.written == []
    await rig.run_for(20, 2)
    assert await states(rig) == ["confirmed"] * 3
    assert [each.kind for each in rig.crm.written] == ["note", "task"]


async def test_what_the_crm_asked_us_to_wait_is_waited(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.RATE_LIMITED))
    await rig.run("1")
    calls = rig.client.calls
    rig.clock.advance(4)
    await rig.run()
    assert rig.client.calls == calls
    await rig.run_for(10, 2)
    assert await states(rig) == ["confirmed"] * 3


async def test_an_outage_of_hours_burns_no_attempts(rig: Rig) -> None:
    await rig.ring("1")
    rig.faults += [("apply", Fault.UNAVAILABLE)] * 3
    await rig.run()
    await rig.run_for(30, 5)
    assert await states(rig) == ["confirmed"] * 3
    assert {row.tries for row in await rig.writes("1")} <= {0, 1}


async def test_a_lost_answer_is_not_looked_for_before_the_log_must_show_it(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.LOST_BEFORE))
    await rig.run("1")
    assert await states(rig) == ["unknown", "new", "new"]
    calls = rig.client.calls
    await rig.run_for(8, 4)
    assert rig.client.calls == calls
    await rig.run_for(8, 4)
    assert await states(rig) == ["confirmed"] * 3


async def test_an_effect_that_never_shows_is_given_up_after_a_few_attempts(rig: Rig) -> None:
    rig.faults += [("apply", Fault.LOST_BEFORE)] * (MOST_RESENDS + 2)
    await rig.run("1")
    await rig.run_for(400, 10)
    back, *texts = await rig.writes("1")
    assert (back.state, back.last_error) == (WriteState.DEAD, "unconfirmed")
    assert {row.state for row in texts} == {WriteState.CONFIRMED}
    assert rig.stage("1") == "b"


async def test_a_move_back_that_comes_too_late_becomes_a_note(rig: Rig) -> None:
    rig.faults.append(("apply", Fault.UNAVAILABLE))
    await rig.run("1")
    rig.clock.advance(20 * 60)
    await rig.run()
    back, *_ = await rig.writes("1")
    assert (back.state, back.last_error) == (WriteState.DEAD, "too_late")
    assert rig.stage("1") == "b"
    assert "ещё впереди" in rig.crm.texts("1", "note")[0]


async def test_a_deal_that_moved_on_between_reading_and_writing_is_left_alone(rig: Rig) -> None:
    async def somebody_is_faster() -> None:
        rig.client.depart = at_once
        rig.crm.move("1", C)

    rig.client.depart = somebody_is_faster
    await rig.run("1")
    back, *texts = await rig.writes("1")
    assert (back.state, back.last_error) == (WriteState.SUPERSEDED, "stage_changed")
    assert {row.state for row in texts[:2]} == {WriteState.SUPERSEDED}


async def test_a_refused_tag_does_not_keep_the_task_back(db: Database) -> None:
    rig = await make_rig(db, usual_mapping("warn"))
    rig.crm.create_deal("1", A)
    rig.clock.advance(60)
    rig.crm.move("1", B)
    await rig.ring("1")
    rig.faults.append(("apply", Fault.REJECTED))
    await rig.run()
    assert await states(rig) == ["dead", "confirmed", "confirmed"]


async def test_the_log_may_lag_behind_without_a_second_note(rig: Rig) -> None:
    rig.crm.lag = lambda: timedelta(seconds=6)
    rig.faults += [("apply", Fault.LOST_AFTER)] * 3
    await rig.run("1")
    await rig.run_for(180)
    assert await states(rig) == ["confirmed"] * 3
    assert len(rig.crm.texts("1", "note")) == len(rig.crm.texts("1", "task")) == 1


async def test_a_lagging_log_is_read_again_by_itself(db: Database) -> None:
    rig = await make_rig(db)
    rig.crm.create_deal("1", A)
    await rig.run("1")
    rig.clock.advance(60)
    rig.crm.lag = lambda: timedelta(seconds=7)
    rig.crm.move("1", B)
    await rig.run("1")
    assert rig.stage("1") == "b"
    await rig.run_for(30, 1)
    assert rig.stage("1") == "a"


@pytest.mark.parametrize(
    ("error", "decision"),
    [
        (Unavailable("x"), Later),
        (Unknown("x"), Later),
        (RateLimited(60), Later),
        (AuthExpired(), Pause),
        (PaymentRequired(), Pause),
        (Blocked(), Pause),
        (Rejected("x"), Later),
        (Unsupported(), Later),
        (ValueError("a bug"), Later),
    ],
)
def test_a_failure_is_classified_by_what_can_be_done(error: Exception, decision: type) -> None:
    assert isinstance(classify(error, 0, 0.5), decision)


@pytest.mark.parametrize("error", [Rejected("x"), Unsupported(), ValueError("a bug")])
def test_what_waiting_does_not_cure_is_parked(error: Exception) -> None:
    assert isinstance(classify(error, MOST_TRIES - 1, 0.5), Park)


def test_an_outage_never_parks_a_lane() -> None:
    assert isinstance(classify(Unavailable("x"), 1000, 0.5), Later)


def test_the_account_knows_why_it_is_paused() -> None:
    paused = classify(AuthExpired(), 0, 0.5)
    assert paused == Pause(InstallationState.REAUTH_REQUIRED, "auth_expired")
