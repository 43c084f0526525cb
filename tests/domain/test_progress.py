from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.checkpoint import Checkpoint
from app.domain.deal import MoveOrigin, StageMove
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.funnel import Funnel, FunnelVersion, Gate
from app.domain.progress import StepProgress, measure_progress
from app.domain.segment import Segment
from app.domain.stage import Stage, StageKind, StageRef
from app.domain.trigger import Proof, Trigger

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = START + timedelta(days=30)
NAMES = ("first", "second", "third")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def stage(name: str, position: int, kind: StageKind = StageKind.OPEN) -> Stage:
    return Stage(StageRef("p", name), name, kind, position)


STAGES = (
    stage("new", 0),
    stage("talk", 1),
    stage("offer", 2),
    stage("won", 3, StageKind.WON),
    stage("lost", 4, StageKind.LOST),
)


def step(name: str, *, is_optional: bool = False, after: str = "") -> Checkpoint:
    return Checkpoint(
        name,
        name,
        name,
        Proof((Trigger(EvidenceKind.TAG, subject=name),), after=after),
        is_optional=is_optional,
    )


def fact(name: str, hours: float) -> Evidence:
    return Evidence(f"{name}@{hours}", "1", EvidenceKind.TAG, Grade.C, at(hours), at(hours), subject=name)


def move(to: str, hours: float, origin: str | None = "new") -> StageMove:
    from_stage = StageRef("p", origin) if origin else None
    return StageMove(
        f"m{to}{hours}", "1", from_stage, StageRef("p", to), "7", MoveOrigin.PERSON, at(hours), at(hours)
    )


def measure(
    checkpoints: tuple[Checkpoint, ...], facts: list[Evidence], moves: list[StageMove]
) -> dict[str, StepProgress]:
    gates = (Gate(StageRef("p", "offer"), tuple(item.key for item in checkpoints[:2])),)
    funnel = Funnel(Segment("all", "All"), checkpoints, gates)
    version = FunnelVersion("p", 1, (funnel,), STAGES, START)
    return {item.key: item for item in measure_progress(version, funnel, facts, moves, NOW)}


PLAIN = tuple(step(name) for name in NAMES)


def test_a_repeated_act_lets_the_order_be_kept() -> None:
    progress = measure(PLAIN, [fact("second", 1), fact("first", 2), fact("second", 5)], [])
    assert progress["second"].done_at == at(1)
    assert progress["second"].ordered_at == at(5)


def test_the_order_breaks_at_the_first_gap() -> None:
    progress = measure(PLAIN, [fact("first", 1), fact("third", 3)], [])
    assert progress["third"].done_at == at(3)
    assert progress["third"].ordered_at is None


def test_an_optional_step_is_passed_over() -> None:
    steps = (step("first"), step("second", is_optional=True), step("third"))
    progress = measure(steps, [fact("first", 1), fact("third", 3)], [])
    assert progress["third"].ordered_at == at(3)


def test_acts_at_the_same_moment_are_in_order() -> None:
    progress = measure(PLAIN, [fact("first", 1), fact("second", 1)], [])
    assert progress["second"].ordered_at == at(1)


def test_a_status_claims_the_step_and_all_before_it_when_the_deal_jumps_beyond() -> None:
    progress = measure(PLAIN, [fact("first", 1)], [move("won", 4)])
    assert progress["first"].claimed_at == at(4)
    assert progress["gate:offer"].claimed_at == at(4)
    assert progress["gate:offer"].done_at is None


def test_a_lost_deal_is_claimed_by_no_stage() -> None:
    assert measure(PLAIN, [], [move("lost", 4)])["gate:offer"].claimed_at is None


def test_a_gate_counts_only_deals_that_its_stage_claims() -> None:
    facts = [fact("first", 1), fact("second", 2)]
    assert measure(PLAIN, facts, [])["gate:offer"].done_at is None
    assert measure(PLAIN, facts, [move("offer", 3)])["gate:offer"].done_at == at(2)


def test_a_proof_that_must_come_after_another_step_waits_for_it() -> None:
    steps = (step("first"), step("second", after="first"))
    progress = measure(steps, [fact("second", 1), fact("first", 2)], [])
    assert progress["second"].done_at is None
    assert progress["second"].ordered_at is None


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 20)), max_size=12))
def test_order_is_kept_exactly_when_a_chain_of_acts_exists(happened: list[tuple[str, int]]) -> None:
    progress = measure(PLAIN, [fact(name, hour) for name, hour in happened], [])
    floor = -1
    for name in NAMES:
        later = [hour for other, hour in happened if other == name and hour >= floor]
        if not later:
            assert progress[name].ordered_at is None
            break
        floor = min(later)
        assert progress[name].ordered_at == at(floor)
