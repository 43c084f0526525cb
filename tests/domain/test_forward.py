"""Where a deal may be moved on to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.checkpoint import Checkpoint
from app.domain.deal import Deal
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.forward import Standing, next_stage
from app.domain.funnel import Funnel, FunnelVersion, Gate, GateMode
from app.domain.segment import Segment
from app.domain.stage import Catalog, Pipeline, Stage, StageKind, StageRef
from app.domain.trigger import Proof, Trigger

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
KINDS = {"new": StageKind.ENTRY, "won": StageKind.WON, "lost": StageKind.LOST}
NAMES = ("new", "a", "b", "c", "d", "won", "lost")


def ref(name: str) -> StageRef:
    return StageRef("p", name)


def stage(name: str) -> Stage:
    return Stage(ref(name), name.upper(), KINDS.get(name, StageKind.OPEN), NAMES.index(name))


def called() -> Checkpoint:
    return Checkpoint("called", "Called", "Call us", Proof((Trigger(EvidenceKind.CALL),)))


def wrote() -> Checkpoint:
    return Checkpoint("wrote", "Wrote", "Write to us", Proof((Trigger(EvidenceKind.MESSAGE),)))


def version(*gates: tuple[str, str], mode: GateMode = GateMode.ENFORCE) -> FunnelVersion:
    funnel = Funnel(
        Segment("all", "All"),
        (called(), wrote()),
        tuple(Gate(ref(name), (key,) if key else (), mode) for name, key in gates),
    )
    return FunnelVersion("p", 1, (funnel,), tuple(stage(name) for name in NAMES), NOW - timedelta(days=9))


def catalog(*names: str) -> Catalog:
    return Catalog((Pipeline("p", "P", tuple(stage(name) for name in names or NAMES)),))


def standing(at: str, *kinds: EvidenceKind) -> Standing:
    deal = Deal("1", "Deal", ref(at), NOW, NOW, NOW)
    told = NOW - timedelta(hours=1)
    facts = [Evidence(kind, "1", kind, Grade.B, told, told, Direction.INCOMING, 90) for kind in kinds]
    return Standing(deal, facts, NOW, {}, deal.stage)


def found(
    rules: FunnelVersion, at: Standing, known: Catalog | None = None, locked: tuple[str, ...] = ()
) -> str:
    there = next_stage(rules, known or catalog(), at, [ref(name) for name in locked])
    return there.ref.stage_id if there else ""


USUAL = (("b", "called"), ("c", "wrote"))
CALL, MESSAGE = EvidenceKind.CALL, EvidenceKind.MESSAGE


@pytest.mark.parametrize(
    ("at", "kinds", "expected"),
    [
        ("a", (), ""),
        ("a", (CALL,), "b"),
        ("a", (MESSAGE,), ""),
        ("a", (CALL, MESSAGE), "b"),
        ("b", (CALL,), ""),
        ("b", (MESSAGE,), "c"),
        ("c", (CALL, MESSAGE), ""),
        ("won", (CALL, MESSAGE), ""),
        ("lost", (CALL, MESSAGE), ""),
        ("new", (CALL, MESSAGE), ""),
    ],
)
def test_the_next_gated_stage_is_offered_once_its_steps_are_proven(
    at: str, kinds: tuple[EvidenceKind, ...], expected: str
) -> None:
    assert found(version(*USUAL), standing(at, *kinds)) == expected


def test_stages_without_a_gate_are_passed_over_and_a_won_stage_is_one_too() -> None:
    rules = version(("b", "called"), ("won", "wrote"))
    assert found(rules, standing("b", CALL, MESSAGE)) == "won"
    assert found(rules, standing("d", MESSAGE)) == "won"


def test_a_gate_that_demands_nothing_is_no_reason_for_a_button() -> None:
    assert found(version(("b", ""), ("c", "wrote")), standing("a", MESSAGE)) == "c"


@pytest.mark.parametrize("mode", list(GateMode))
def test_the_gate_s_mode_makes_no_difference(mode: GateMode) -> None:
    assert found(version(*USUAL, mode=mode), standing("a", CALL)) == "b"


def test_a_stage_that_is_gone_from_the_crm_is_passed_over() -> None:
    known = catalog("new", "a", "c", "d", "won", "lost")
    assert found(version(*USUAL), standing("a", CALL, MESSAGE), known) == "c"


def test_a_gate_on_a_deleted_stage_still_has_to_be_passed() -> None:
    known = catalog("new", "a", "c", "d", "won", "lost")
    assert found(version(*USUAL), standing("a", MESSAGE), known) == ""


def test_a_deal_in_a_stage_that_the_mapping_does_not_know_is_left_alone() -> None:
    rules = replace(version(*USUAL), stages=tuple(stage(name) for name in NAMES if name != "a"))
    assert found(rules, standing("a", CALL)) == ""


def test_a_locked_stage_is_offered_where_this_deal_owes_nothing() -> None:
    """Nobody gets in there by hand, whatever his client has done."""
    rules = version(("c", "wrote"))
    assert found(rules, standing("a")) == ""
    assert found(rules, standing("a"), locked=("b",)) == "b"
    none = replace(rules, funnels=())
    assert found(none, standing("a"), locked=("b",)) == "b"
    assert found(none, standing("a")) == ""


def test_a_locked_stage_beyond_an_unsatisfied_gate_stays_shut() -> None:
    assert found(version(("b", "called")), standing("a"), locked=("b", "c")) == ""


def naming_a_lost_field(*gates: tuple[str, str]) -> FunnelVersion:
    """Rules whose step `called` would be proven by a field that the CRM no longer has."""
    rules = version(*gates)
    (funnel,) = rules.funnels
    lost = replace(called(), proof=Proof((Trigger(EvidenceKind.FIELD, subject="gone"),)))
    return replace(rules, funnels=(replace(funnel, checkpoints=(lost, wrote())),))


def test_a_lock_holds_nobody_up_by_a_rule_that_names_what_is_gone() -> None:
    assert found(naming_a_lost_field(("b", "called")), standing("a"), locked=("b",)) == "b"


def test_a_broken_rule_excuses_no_step_that_can_be_proven() -> None:
    rules = naming_a_lost_field(("a", "called"), ("b", "wrote"))
    assert found(rules, standing("new"), locked=("a", "b")) == ""
    assert found(rules, standing("a"), locked=("a", "b")) == ""
    assert found(rules, standing("a", EvidenceKind.MESSAGE), locked=("a", "b")) == "b"


def test_without_a_lock_a_broken_rule_shows_no_button() -> None:
    assert found(naming_a_lost_field(("b", "called")), standing("a")) == ""
