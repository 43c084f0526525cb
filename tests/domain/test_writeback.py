"""What is done about a verdict, and when to try again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.backoff import LEAST, LONGEST, retry_after
from app.domain.deal import MoveOrigin, StageMove
from app.domain.funnel import GateMode
from app.domain.stage import StageKind, StageRef
from app.domain.verdict import Outcome, Reason, Verdict
from app.domain.writeback import Action, Circumstances, choose_action
from tests.factories import NOW

A, B = StageRef("p", "a"), StageRef("p", "b")
MOVE = StageMove("m", "1", A, B, "501", MoveOrigin.PERSON, NOW, NOW)
SOON = NOW + timedelta(minutes=1)
USUAL = Circumstances(SOON, StageKind.OPEN)


def blocked(mode: GateMode | None, grace: timedelta = timedelta(0)) -> Verdict:
    reason = Reason.CHECKPOINT_UNMET
    return Verdict("m", "1", Outcome.BLOCKED, reason, SOON, 1, mode=mode, due_at=NOW + grace)


@pytest.mark.parametrize(
    ("mode", "around", "action"),
    [
        (GateMode.SHADOW, USUAL, Action.NONE),
        (None, USUAL, Action.NONE),
        (GateMode.WARN, USUAL, Action.WARN),
        (GateMode.ENFORCE, USUAL, Action.MOVE_BACK),
        (GateMode.ENFORCE, replace(USUAL, from_kind=StageKind.ENTRY), Action.WARN),
        (GateMode.ENFORCE, replace(USUAL, from_kind=StageKind.LOST), Action.WARN),
        (GateMode.ENFORCE, replace(USUAL, from_kind=None), Action.WARN),
        (GateMode.ENFORCE, replace(USUAL, is_reverted_lately=True), Action.WARN),
        (GateMode.ENFORCE, replace(USUAL, is_quiet=True), Action.NONE),
        (GateMode.ENFORCE, replace(USUAL, stands_there=False), Action.OVERTAKEN),
        (
            GateMode.ENFORCE,
            replace(USUAL, is_reverted_lately=True, stands_beyond=False),
            Action.OVERTAKEN,
        ),
        (GateMode.WARN, replace(USUAL, stands_there=False), Action.WARN),
        (GateMode.WARN, replace(USUAL, stands_there=False, stands_beyond=False), Action.OVERTAKEN),
        (GateMode.ENFORCE, replace(USUAL, now=NOW + timedelta(minutes=16)), Action.WARN),
        (GateMode.ENFORCE, replace(USUAL, now=NOW + timedelta(days=3)), Action.NONE),
    ],
)
def test_the_action_fits_the_mode_and_the_circumstances(
    mode: GateMode | None, around: Circumstances, action: str
) -> None:
    assert choose_action(blocked(mode), MOVE, around) == action


def test_a_move_that_waited_out_its_grace_is_still_fresh() -> None:
    verdict = blocked(GateMode.ENFORCE, timedelta(hours=2))
    around = replace(USUAL, now=NOW + timedelta(hours=2, minutes=5))
    assert choose_action(verdict, MOVE, around) == Action.MOVE_BACK


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.NOT_GOVERNED, Outcome.UNDETERMINED])
def test_only_a_blocked_move_is_acted_upon(outcome: Outcome) -> None:
    assert choose_action(replace(blocked(GateMode.ENFORCE), outcome=outcome), MOVE, USUAL) == Action.NONE


def test_our_own_move_is_never_acted_upon() -> None:
    own = replace(MOVE, origin=MoveOrigin.OWN)
    assert choose_action(blocked(GateMode.ENFORCE), own, USUAL) == Action.NONE


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True), st.floats(0, 900))
def test_a_wait_is_bounded_and_heeds_what_the_crm_said(tries: int, luck: float, told: float) -> None:
    wait = retry_after(tries, luck, told=told).total_seconds()
    assert wait >= max(LEAST, told) - 1e-6
    assert wait <= told + LONGEST + 1e-6


def test_waits_double_up_to_ten_minutes() -> None:
    waits = [retry_after(tries, 0.5).total_seconds() for tries in range(1, 12)]
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST / 2
