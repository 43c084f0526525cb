"""Which facts prove a checkpoint."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checkpoint import AnswerState, Checkpoint
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.proof import settle_checkpoints
from app.domain.trigger import Combine, Proof, Trigger
from app.domain.verdict import CheckpointReason, CheckpointState
from tests.factories import NOW

CALL = Trigger(EvidenceKind.CALL, Direction.INCOMING, 60)
MESSAGE = Trigger(EvidenceKind.MESSAGE, Direction.INCOMING)
MET, UNMET, WAIVED = CheckpointState.MET, CheckpointState.UNMET, CheckpointState.WAIVED


def fact(
    source_id: str,
    minute: int,
    kind: EvidenceKind = EvidenceKind.CALL,
    grade: Grade = Grade.B,
    *,
    seconds: int = 90,
    checkpoint_key: str = "",
) -> Evidence:
    """Something that the client did `minute` minutes after nine."""
    at = NOW + timedelta(minutes=minute)
    return Evidence(
        source_id,
        "1",
        kind,
        grade,
        at,
        at,
        direction=Direction.INCOMING,
        seconds=seconds,
        checkpoint_key=checkpoint_key,
    )


def step(key: str, proof: Proof | None = None, **more: object) -> Checkpoint:
    """A checkpoint; any call proves it unless told otherwise."""
    return Checkpoint(key, key, key, proof or Proof((CALL,)), **more)  # type: ignore[arg-type]


def state_of(checkpoint: Checkpoint, *facts: Evidence, minute: int = 600) -> tuple[object, object]:
    """State and reason of one checkpoint."""
    result = settle_checkpoints([checkpoint], facts, NOW + timedelta(minutes=minute))[checkpoint.key]
    return result.state, result.reason


@pytest.mark.parametrize(
    ("checkpoint", "facts", "expected"),
    [
        (step("c"), [], (UNMET, CheckpointReason.NO_EVIDENCE)),
        (step("c"), [fact("1", 0)], (MET, CheckpointReason.PROVEN)),
        (step("c"), [fact("1", 0, seconds=59)], (UNMET, CheckpointReason.NO_EVIDENCE)),
        (step("c"), [fact("1", 601)], (UNMET, CheckpointReason.NO_EVIDENCE)),
        (step("c", accepts=Grade.A), [fact("1", 0)], (UNMET, CheckpointReason.GRADE_TOO_LOW)),
        (step("c", fresh_for=timedelta(hours=1)), [fact("1", 0)], (UNMET, CheckpointReason.TOO_OLD)),
        (step("c", fresh_for=timedelta(hours=1)), [fact("1", 580)], (MET, CheckpointReason.PROVEN)),
        (
            step("c", Proof((CALL,), Combine.AT_LEAST, 2)),
            [fact("1", 0)],
            (UNMET, CheckpointReason.NOT_ENOUGH),
        ),
        (
            step("c", Proof((CALL,), Combine.AT_LEAST, 2)),
            [fact("1", 0), fact("1", 0)],
            (UNMET, CheckpointReason.NOT_ENOUGH),
        ),
        (
            step("c", Proof((CALL,), Combine.AT_LEAST, 2, timedelta(hours=1))),
            [fact("1", 0), fact("2", 90), fact("3", 140)],
            (MET, CheckpointReason.PROVEN),
        ),
        (
            step("c", Proof((CALL,), Combine.AT_LEAST, 2, timedelta(hours=1))),
            [fact("1", 0), fact("2", 90), fact("3", 160)],
            (UNMET, CheckpointReason.NOT_ENOUGH),
        ),
        (
            step("c", Proof((CALL, MESSAGE), Combine.ALL)),
            [fact("1", 0), fact("2", 9)],
            (UNMET, CheckpointReason.NOT_ENOUGH),
        ),
        (
            step("c", Proof((CALL, MESSAGE), Combine.ALL)),
            [fact("1", 0), fact("2", 9, EvidenceKind.MESSAGE)],
            (MET, CheckpointReason.PROVEN),
        ),
        (
            step("c"),
            [fact("1", 0, EvidenceKind.MANUAL, Grade.D, checkpoint_key="c")],
            (MET, CheckpointReason.PROVEN),
        ),
        (
            step("c"),
            [fact("1", 0, EvidenceKind.MANUAL, Grade.D, checkpoint_key="other")],
            (UNMET, CheckpointReason.NO_EVIDENCE),
        ),
        (
            step("c", accepts=Grade.C),
            [fact("1", 0, EvidenceKind.MANUAL, Grade.D, checkpoint_key="c")],
            (UNMET, CheckpointReason.GRADE_TOO_LOW),
        ),
    ],
)
def test_a_checkpoint_says_how_it_stands_and_why(
    checkpoint: Checkpoint, facts: list[Evidence], expected: tuple[object, object]
) -> None:
    assert state_of(checkpoint, *facts) == expected


def test_what_must_come_after_another_checkpoint_counts_only_from_then_on() -> None:
    steps = [step("late", Proof((CALL,), after="early")), step("early", Proof((MESSAGE,)))]
    facts = [fact("1", 0), fact("2", 5, EvidenceKind.MESSAGE)]
    assert settle_checkpoints(steps, facts, NOW + timedelta(hours=9))["late"].state is UNMET
    settled = settle_checkpoints(steps, [*facts, fact("3", 6)], NOW + timedelta(hours=9))
    assert settled["late"].proven_by == ("3",)


def test_a_waived_checkpoint_holds_nothing_up() -> None:
    steps = [
        step("early", Proof((MESSAGE,))),
        step("after", Proof((CALL,), after="early")),
        step("before", before=("early",)),
    ]
    settled = settle_checkpoints(
        steps, [fact("1", 0)], NOW + timedelta(hours=9), {"early": AnswerState.WILL_NOT_HAPPEN}
    )
    assert [settled[key].state for key in ("early", "after", "before")] == [WAIVED, MET, MET]


def test_behind_a_waived_checkpoint_stands_the_one_before_it() -> None:
    steps = [
        step("late", Proof((CALL,), after="middle")),
        step("middle", Proof((CALL,), after="early")),
        step("early", Proof((MESSAGE,))),
    ]
    waived, now = {"middle": AnswerState.WILL_NOT_HAPPEN}, NOW + timedelta(hours=9)
    old = [fact("1", 0), fact("2", 5, EvidenceKind.MESSAGE)]
    assert settle_checkpoints(steps, old, now, waived)["late"].state is UNMET
    assert settle_checkpoints(steps, [*old, fact("3", 6)], now, waived)["late"].proven_by == ("3",)
    assert settle_checkpoints(steps, [fact("1", 0)], now, waived)["late"].state is UNMET


def test_the_wrong_order_is_named_and_a_later_fact_mends_it() -> None:
    steps = [step("first", Proof((MESSAGE,))), step("second", before=("first",))]
    facts = [fact("1", 0), fact("2", 5, EvidenceKind.MESSAGE)]
    settled = settle_checkpoints(steps, facts, NOW + timedelta(hours=9))
    assert settled["second"].reason is CheckpointReason.WRONG_ORDER
    settled = settle_checkpoints(steps, [*facts, fact("3", 9)], NOW + timedelta(hours=9))
    assert settled["second"].state is MET


def test_a_circle_of_demands_is_unmet_and_ends() -> None:
    steps = [step("a", before=("b",)), step("b", before=("a",)), step("c", before=("c",)), step("d")]
    settled = settle_checkpoints(steps, [fact("1", 0)], NOW + timedelta(hours=9))
    assert [settled[key].state for key in "abcd"] == [UNMET, UNMET, UNMET, MET]


def test_a_reopened_checkpoint_is_unmet_whatever_is_known() -> None:
    settled = settle_checkpoints(
        [step("c")], [fact("1", 0)], NOW + timedelta(hours=9), {"c": AnswerState.REOPENED}
    )
    assert settled["c"].reason is CheckpointReason.REOPENED


KINDS = st.sampled_from([EvidenceKind.CALL, EvidenceKind.MESSAGE, EvidenceKind.MANUAL])
FACTS = st.lists(
    st.builds(
        lambda number, minute, kind, grade, seconds, key: fact(
            f"f{number}", minute, kind, grade, seconds=seconds, checkpoint_key=key
        ),
        st.integers(0, 12),
        st.integers(0, 300),
        KINDS,
        st.sampled_from(list(Grade)),
        st.sampled_from([30, 90]),
        st.sampled_from(["", "a", "b", "c"]),
    ),
    max_size=9,
    unique_by=lambda each: each.source_id,
)
PROOFS = st.builds(
    Proof,
    st.sampled_from([(CALL,), (MESSAGE,), (CALL, MESSAGE)]),
    st.sampled_from(list(Combine)),
    st.integers(1, 3),
    st.sampled_from([None, timedelta(minutes=30)]),
    st.sampled_from(["", "a", "b", "c", "none"]),
)
STEPS = st.tuples(
    *(
        st.builds(
            lambda key, proof, accepts, before: step(key, proof, accepts=accepts, before=before),
            st.just(key),
            PROOFS,
            st.sampled_from(list(Grade)),
            st.sampled_from([(), ("a",), ("b",), ("a", "c")]),
        )
        for key in "abc"
    )
)


@given(STEPS, FACTS, FACTS)
def test_one_more_fact_never_unproves_anything(
    steps: tuple[Checkpoint, ...], facts: list[Evidence], more: list[Evidence]
) -> None:
    now = NOW + timedelta(hours=10)
    known = {each.source_id for each in facts}
    grown = [*facts, *(each for each in more if each.source_id not in known)]
    before, after = settle_checkpoints(steps, facts, now), settle_checkpoints(steps, grown, now)
    for key, result in before.items():
        if result.state is MET:
            assert after[key].state is MET
            assert result.met_at is not None
            assert after[key].met_at is not None
            assert after[key].met_at <= result.met_at  # type: ignore[operator]


@given(STEPS, FACTS)
def test_neither_the_order_of_facts_nor_of_checkpoints_matters(
    steps: tuple[Checkpoint, ...], facts: list[Evidence]
) -> None:
    now = NOW + timedelta(hours=10)
    expected = settle_checkpoints(steps, facts, now)
    for order in permutations(steps):
        assert settle_checkpoints(order, list(reversed(facts)) + facts, now) == expected


@given(STEPS, FACTS)
def test_what_counts_is_known_strong_enough_and_not_of_the_future(
    steps: tuple[Checkpoint, ...], facts: list[Evidence]
) -> None:
    now = NOW + timedelta(minutes=150)
    known = {each.source_id: each for each in facts}
    for checkpoint in steps:
        result = settle_checkpoints(steps, facts, now)[checkpoint.key]
        counted = [known[source_id] for source_id in result.proven_by]
        assert bool(counted) is (result.state is MET)
        assert all(each.occurred_at <= now for each in counted)
        assert all(each.grade.is_at_least(checkpoint.accepts) for each in counted)
