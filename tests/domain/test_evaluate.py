"""The judge, move by move."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checkpoint import AnswerState, Checkpoint
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate, gates_passed
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.funnel import Funnel, FunnelVersion, Gate, GateMode
from app.domain.segment import Condition, Operator, Segment
from app.domain.stage import StageKind, StageRef
from app.domain.trigger import Proof, Trigger
from app.domain.verdict import CheckpointState, Outcome, Reason, Verdict
from app.domain.writeback import Action, Circumstances, choose_action
from tests.crm.fake.world import make_catalog
from tests.factories import NOW

STAGES = make_catalog("p").pipelines[0].stages
NEW, A, B, C, D, WON, LOST = (stage.ref for stage in STAGES)
OTHER = StageRef("q", "a")
MOVED_AT = NOW + timedelta(hours=1)


def step(key: str, kind: EvidenceKind, **more: object) -> Checkpoint:
    return Checkpoint(key, key, key, Proof((Trigger(kind, Direction.INCOMING),)), **more)  # type: ignore[arg-type]


def fact(kind: EvidenceKind, minute: int = 0) -> Evidence:
    at = NOW + timedelta(minutes=minute)
    return Evidence(f"{kind}{minute}", "1", kind, Grade.B, at, at, direction=Direction.INCOMING, seconds=90)


CALLED, WROTE = step("called", EvidenceKind.CALL), step("wrote", EvidenceKind.MESSAGE)
CALL, MESSAGE = fact(EvidenceKind.CALL), fact(EvidenceKind.MESSAGE)


def version(
    *gates: Gate, checkpoints: tuple[Checkpoint, ...] = (CALLED, WROTE), segment: Segment | None = None
) -> FunnelVersion:
    funnel = Funnel(segment or Segment("all", "All"), checkpoints, gates)
    return FunnelVersion("p", 3, (funnel,), STAGES, NOW)


STRICT = version(
    Gate(B, ("called",), GateMode.ENFORCE), Gate(C, ("wrote",), GateMode.WARN), Gate(WON, ("wrote",))
)


def move(
    came_from: StageRef | None, to: StageRef, origin: MoveOrigin = MoveOrigin.PERSON, minute: int = 60
) -> StageMove:
    at = NOW + timedelta(minutes=minute)
    return StageMove("m1", "1", came_from, to, "501", origin, at, at)


def deal(stage: StageRef = B) -> Deal:
    return Deal("1", "Deal", stage, NOW, MOVED_AT, MOVED_AT, price=100)


def judge(rules: FunnelVersion | None, made: StageMove, *facts: Evidence, minute: int = 61) -> Verdict:
    return evaluate(rules, deal(made.to_stage), made, facts, NOW + timedelta(minutes=minute))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (move(A, B, MoveOrigin.OWN), Reason.OWN_WRITE),
        (move(A, B, minute=-1), Reason.BEFORE_VERSION),
        (move(A, OTHER), Reason.OTHER_PIPELINE),
        (move(A, StageRef("p", "deleted")), Reason.STAGE_UNKNOWN),
        (move(B, LOST), Reason.LOST),
        (move(LOST, A), Reason.NO_GATE),
        (move(WON, LOST), Reason.LOST),
        (move(D, B), Reason.BACKWARD),
        (move(B, B), Reason.BACKWARD),
        (move(C, D), Reason.NO_GATE),
    ],
)
def test_moves_that_nobody_governs_say_why(made: StageMove, reason: Reason) -> None:
    found = judge(STRICT, made)
    assert (found.outcome, found.reason, found.version_number) == (Outcome.NOT_GOVERNED, reason, 3)


def test_without_a_version_or_a_segment_nothing_is_governed() -> None:
    assert judge(None, move(A, B)).reason is Reason.NO_VERSION
    rich = Segment("rich", "Rich", (Condition("price", Operator.AT_LEAST, "1000"),))
    gate = Gate(B, ("called",), GateMode.ENFORCE)
    assert judge(version(gate, segment=rich), move(A, B)).reason is Reason.NO_SEGMENT


@pytest.mark.parametrize("origin", [MoveOrigin.PERSON, MoveOrigin.ROBOT, MoveOrigin.API])
def test_robots_are_judged_like_people(origin: MoveOrigin) -> None:
    assert judge(STRICT, move(A, B, origin)).outcome is Outcome.BLOCKED
    assert judge(STRICT, move(A, B, origin), CALL).outcome is Outcome.PASSED


def test_a_move_meets_every_gate_that_it_crosses_and_the_strictest_mode_counts() -> None:
    found = judge(STRICT, move(A, D), MESSAGE)
    assert (found.outcome, found.mode, found.gate_stage) == (Outcome.BLOCKED, GateMode.ENFORCE, B)
    assert [result.key for result in found.unmet] == ["called"]
    found = judge(STRICT, move(A, D), CALL)
    assert (found.mode, found.gate_stage) == (GateMode.WARN, C)
    found = judge(STRICT, move(A, WON), CALL)
    assert [result.key for result in found.unmet] == ["wrote"]


def test_the_gate_that_is_named_is_the_one_that_stops() -> None:
    mapping = version(Gate(B, ("called",), GateMode.SHADOW), Gate(C, ("wrote",), GateMode.ENFORCE))
    found = judge(mapping, move(A, D))
    assert (found.mode, found.gate_stage) == (GateMode.ENFORCE, C)
    assert [result.key for result in found.unmet] == ["called", "wrote"]


@pytest.mark.parametrize("came_from", [None, OTHER])
def test_a_deal_that_arrives_from_outside_meets_only_the_gate_of_its_stage(
    came_from: StageRef | None,
) -> None:
    found = judge(STRICT, move(came_from, C), MESSAGE)
    assert found.outcome is Outcome.PASSED
    assert judge(STRICT, move(came_from, C)).mode is GateMode.WARN


@pytest.mark.parametrize("closed", [LOST, WON])
def test_a_reopened_deal_meets_every_gate_up_to_the_stage_that_it_enters(closed: StageRef) -> None:
    found = judge(STRICT, move(closed, C), MESSAGE)
    assert (found.outcome, found.gate_stage) == (Outcome.BLOCKED, B)
    assert [result.key for result in found.unmet] == ["called"]
    assert judge(STRICT, move(closed, B), CALL).outcome is Outcome.PASSED
    assert judge(STRICT, move(closed, D), CALL, MESSAGE).outcome is Outcome.PASSED


def test_a_lost_deal_that_is_said_to_be_won_meets_all_gates() -> None:
    assert judge(STRICT, move(LOST, WON)).outcome is Outcome.BLOCKED
    assert judge(STRICT, move(WON, WON)).reason is Reason.BACKWARD


def test_a_reopened_deal_is_never_put_back_among_the_closed_ones() -> None:
    made = move(LOST, B)
    around = Circumstances(NOW + timedelta(minutes=61), StageKind.LOST)
    assert choose_action(judge(STRICT, made), made, around) == Action.WARN


def test_grace_waits_for_late_evidence_and_not_longer() -> None:
    patient = version(Gate(B, ("called",), GateMode.ENFORCE, timedelta(minutes=30)))
    early = judge(patient, move(A, B))
    assert (early.outcome, early.reason) == (Outcome.UNDETERMINED, Reason.IN_GRACE)
    assert early.due_at == MOVED_AT + timedelta(minutes=30)
    inside, outside = fact(EvidenceKind.CALL, 89), fact(EvidenceKind.CALL, 91)
    assert judge(patient, move(A, B), inside, minute=95).outcome is Outcome.PASSED
    assert judge(patient, move(A, B), outside, minute=95).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("laxer", [GateMode.SHADOW, GateMode.WARN])
def test_a_laxer_gates_grace_does_not_hold_up_a_stricter_gate(laxer: GateMode) -> None:
    hour = timedelta(hours=1)
    mixed = version(Gate(B, ("wrote",), laxer, hour), Gate(C, ("called",), GateMode.ENFORCE))
    found = judge(mixed, move(A, C))
    assert (found.outcome, found.mode) == (Outcome.BLOCKED, GateMode.ENFORCE)
    assert found.due_at == MOVED_AT


def test_a_stricter_gates_grace_is_waited_for() -> None:
    mixed = version(
        Gate(B, ("called",), GateMode.ENFORCE, timedelta(hours=1)), Gate(C, ("wrote",), GateMode.WARN)
    )
    assert judge(mixed, move(A, C)).outcome is Outcome.UNDETERMINED
    found = judge(mixed, move(A, C), fact(EvidenceKind.CALL, 90), minute=100)
    assert (found.outcome, found.mode, found.gate_stage) == (Outcome.BLOCKED, GateMode.WARN, C)


def test_a_checkpoint_that_one_gate_misses_is_shown_missing_although_another_waits_longer() -> None:
    twice = version(
        Gate(B, ("called",), GateMode.WARN, timedelta(hours=1)), Gate(C, ("called",), GateMode.ENFORCE)
    )
    found = judge(twice, move(A, C), fact(EvidenceKind.CALL, 70), minute=130)
    assert (found.outcome, found.gate_stage) == (Outcome.BLOCKED, C)
    assert [result.key for result in found.unmet] == ["called"]


def test_an_optional_checkpoint_never_stops_a_deal() -> None:
    loose = version(Gate(B, ("called",), GateMode.ENFORCE), checkpoints=(replace(CALLED, is_optional=True),))
    found = judge(loose, move(A, B))
    assert found.outcome is Outcome.PASSED
    assert found.checkpoints[0].state is CheckpointState.WAIVED


def test_what_will_not_happen_is_waived() -> None:
    answers = {"called": AnswerState.WILL_NOT_HAPPEN}
    found = evaluate(STRICT, deal(), move(A, B), (), MOVED_AT, answers)
    assert found.outcome is Outcome.PASSED


def test_a_broken_rule_steps_down_to_a_warning() -> None:
    found = evaluate(STRICT, deal(), move(A, B), (), MOVED_AT, broken={"called"})
    assert (found.outcome, found.reason, found.mode) == (Outcome.BLOCKED, Reason.RULE_BROKEN, GateMode.WARN)
    shadow = version(Gate(B, ("called",)))
    assert evaluate(shadow, deal(), move(A, B), (), MOVED_AT, broken={"called"}).mode is GateMode.SHADOW


def test_a_gate_that_names_an_unknown_checkpoint_demands_nothing() -> None:
    assert judge(version(Gate(B, ("gone",), GateMode.ENFORCE)), move(A, B)).outcome is Outcome.PASSED


REFS = st.sampled_from([NEW, A, B, C, D, WON, LOST, OTHER])
MODES = st.sampled_from(list(GateMode))
GATES = st.lists(
    st.builds(
        lambda stage, keys, mode, minutes: Gate(stage, tuple(keys), mode, timedelta(minutes=minutes)),
        st.sampled_from([B, C, D, WON]),
        st.lists(st.sampled_from(["called", "wrote"]), unique=True),
        MODES,
        st.sampled_from([0, 10, 60]),
    ),
    max_size=4,
    unique_by=lambda gate: gate.stage,
)
FACTS = st.lists(
    st.builds(fact, st.sampled_from([EvidenceKind.CALL, EvidenceKind.MESSAGE]), st.integers(0, 180)),
    max_size=4,
    unique_by=lambda each: each.source_id,
)


@given(GATES, st.none() | REFS, REFS, FACTS, FACTS, st.integers(60, 200))
def test_evidence_never_makes_a_verdict_worse(
    gates: list[Gate],
    came_from: StageRef | None,
    to: StageRef,
    facts: list[Evidence],
    more: list[Evidence],
    minute: int,
) -> None:
    rules, made = version(*gates), move(came_from, to)
    before = judge(rules, made, *facts, minute=minute)
    after = judge(rules, made, *facts, *more, minute=minute)
    if before.outcome in (Outcome.PASSED, Outcome.NOT_GOVERNED):
        assert after.outcome is before.outcome
    assert {result.key for result in after.unmet} <= {result.key for result in before.unmet}


@given(GATES, st.none() | REFS, REFS, FACTS, st.integers(60, 200))
def test_a_verdict_is_consistent_with_itself(
    gates: list[Gate], came_from: StageRef | None, to: StageRef, facts: list[Evidence], minute: int
) -> None:
    rules, made = version(*gates), move(came_from, to)
    found = judge(rules, made, *facts, minute=minute)
    unsatisfied = found.outcome in (Outcome.BLOCKED, Outcome.UNDETERMINED)
    assert unsatisfied is (found.mode is not None) is (found.due_at is not None)
    assert unsatisfied is bool(found.unmet)
    if found.outcome is Outcome.UNDETERMINED:
        assert found.due_at is not None
        assert found.decided_at < found.due_at
    late = judge(rules, made, *facts, minute=60 * 24)
    assert late.outcome is not Outcome.UNDETERMINED


@given(GATES, REFS, REFS, REFS)
def test_skipping_a_stage_avoids_no_gate(
    gates: list[Gate], start: StageRef, middle: StageRef, end: StageRef
) -> None:
    rules = version(*gates)
    funnel, positions = rules.funnels[0], [stage.ref for stage in STAGES]
    if not all(ref in positions for ref in (start, middle, end)) or {start, middle} & {WON, LOST}:
        return
    if not positions.index(start) <= positions.index(middle) <= positions.index(end):
        return
    steps = (
        *gates_passed(rules, funnel, start, middle),
        *gates_passed(rules, funnel, middle, end),
    )
    assert gates_passed(rules, funnel, start, end) == steps


def test_the_kinds_of_the_fixture_are_as_named() -> None:
    assert [stage.kind for stage in STAGES][-2:] == [StageKind.WON, StageKind.LOST]


def test_a_step_that_waits_for_an_open_one_names_that_one_too() -> None:
    replied = Checkpoint("replied", "replied", "replied", replace(WROTE.proof, after="called"))
    rules = version(Gate(B, ("replied",), GateMode.ENFORCE), checkpoints=(CALLED, replied))
    lacking = judge(rules, move(A, B), MESSAGE)
    assert {result.key for result in lacking.unmet} == {"called", "replied"}
    late_reply = judge(rules, move(A, B), CALL)
    assert [result.key for result in late_reply.unmet] == ["replied"]
    assert judge(rules, move(A, B), CALL, fact(EvidenceKind.MESSAGE, 5)).outcome is Outcome.PASSED
