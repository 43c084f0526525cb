"""Which ways a lock closes, which of them are tried, and what a trial says."""

from collections.abc import Iterable

import pytest

from app.domain.evaluate import gates_passed
from app.domain.funnel import FunnelVersion, GateMode
from app.domain.lock import (
    LockCode,
    LockState,
    TriedWay,
    Way,
    closed_ways,
    gated_stages,
    settle,
    ways_to_try,
)
from app.domain.stage import StageRef
from tests.domain.test_forward import NAMES, USUAL, catalog, ref, version


def ways(*pairs: str) -> list[Way]:
    """Ways written as "a>b"."""
    return [Way(ref(start), ref(target)) for start, target in (pair.split(">") for pair in pairs)]


def crossing(rules: FunnelVersion, gate: StageRef) -> set[Way]:
    """Every move that the judge would take for a passage of the gate."""
    [funnel] = rules.funnels
    pairs = [(ref(start), ref(end)) for start in NAMES for end in NAMES if end not in (start, "lost")]
    return {
        Way(*pair) for pair in pairs if any(each.stage == gate for each in gates_passed(rules, funnel, *pair))
    }


def test_a_lock_closes_exactly_the_ways_that_the_judge_calls_a_passage() -> None:
    rules = version(*USUAL)
    for gated in gated_stages(rules, catalog()):
        assert set(gated.ways) == crossing(rules, gated.stage.ref)


def test_who_must_not_enter_is_told_in_the_pipeline_s_order() -> None:
    [_, second] = gated_stages(version(*USUAL), catalog())
    assert [each.stage_id for each in second.closed_to] == ["new", "a", "b", "won", "lost"]


def test_only_gates_that_move_back_are_part_of_the_matrix() -> None:
    for mode in (GateMode.SHADOW, GateMode.WARN):
        stages = gated_stages(version(*USUAL, mode=mode), catalog())
        assert [each.mode for each in stages] == [mode, mode]
        assert closed_ways(stages) == ()
    whole = closed_ways(gated_stages(version(*USUAL), catalog()))
    assert len(whole) == len(set(whole))
    assert set(ways("a>b", "a>c", "a>won", "b>c")) <= set(whole)
    assert not set(ways("b>a", "b>lost", "c>d")) & set(whole)


def test_gates_that_demand_nothing_and_stages_that_are_gone_have_no_lock() -> None:
    assert gated_stages(version(("b", "")), catalog()) == ()
    known = catalog("new", "a", "c", "d", "won", "lost")
    assert [each.stage.ref for each in gated_stages(version(*USUAL), known)] == [ref("c")]


def test_the_nearest_straight_ways_are_tried_first_and_only_between_open_stages() -> None:
    stages = gated_stages(version(*USUAL), catalog())
    first, second = stages
    assert ways_to_try(stages, first, catalog()) == ways("a>b", "a>d")
    assert ways_to_try(stages, second, catalog()) == ways("b>c", "a>c", "b>d", "a>d")


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        (lambda: gated_stages(version(*USUAL), catalog()), True),
        (lambda: gated_stages(version(*USUAL, mode=GateMode.WARN), catalog()), True),
        (lambda: gated_stages(version(*USUAL), catalog("new", "a", "b", "c", "won", "lost")), False),
        (lambda: gated_stages(version(*USUAL), catalog("new", "b", "c", "d", "won", "lost")), False),
    ],
    ids=["nothing", "mode", "a stage after it is gone", "a stage before it is gone"],
)
def test_another_signature_means_other_ways(change: object, is_same: bool) -> None:
    before = gated_stages(version(*USUAL), catalog())[0].signature
    assert callable(change)
    assert (change()[0].signature == before) is is_same


def tried(*found: tuple[LockState, LockCode]) -> Iterable[TriedWay]:
    return [TriedWay(way, *each) for way, each in zip(ways("a>b", "a>c", "b>c"), found, strict=False)]


HELD = (LockState.HOLDS, LockCode.REFUSED_FOR_RIGHTS)
LEAKED = (LockState.LEAKS, LockCode.MOVED_BY_SELLER)
DOUBT = (LockState.UNKNOWN, LockCode.REQUIRED_FIELD_INSTEAD)
EXEMPT = (LockState.DEFEATED, LockCode.ADMIN_IS_EXEMPT)
UNTRIED = (LockState.UNKNOWN, LockCode.UNTRIED)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([HELD, HELD], HELD),
        ([HELD, LEAKED, DOUBT], LEAKED),
        ([HELD, DOUBT], DOUBT),
        ([EXEMPT, EXEMPT], EXEMPT),
        ([HELD, UNTRIED], HELD),
        ([UNTRIED], UNTRIED),
        ([], UNTRIED),
    ],
)
def test_one_leak_is_a_leak_and_only_ways_that_all_held_hold(
    found: list[tuple[LockState, LockCode]], expected: tuple[LockState, LockCode]
) -> None:
    assert settle(tried(*found)) == expected
