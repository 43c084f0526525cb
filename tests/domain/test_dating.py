"""Facts whose moment the CRM does not tell: no step of the client is lost behind them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.checklist import build_checklist
from app.domain.checkpoint import Checkpoint
from app.domain.dating import date_by_claims
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.funnel import Funnel, FunnelVersion, Gate
from app.domain.progress import measure_progress, stage_facts
from app.domain.segment import Segment
from app.domain.stage import Stage, StageKind, StageRef
from app.domain.trigger import Proof, Trigger
from app.domain.verdict import CheckpointReason, CheckpointState, Outcome

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = START + timedelta(days=60)
NEW, TALK, OFFER, LOST = (StageRef("p", name) for name in ("new", "talk", "offer", "lost"))
NEEDS = Checkpoint("needs", "Needs", "Needs", Proof((Trigger(EvidenceKind.FIELD, subject="needs"),)))
READ = Checkpoint(
    "read", "Read", "Read", Proof((Trigger(EvidenceKind.MAIL, Direction.INCOMING),), after="needs")
)
FUNNEL = Funnel(Segment("all", "All"), (NEEDS, READ), (Gate(TALK, ("needs",)), Gate(OFFER, ("read",))))
STAGES = (
    Stage(NEW, "new", StageKind.OPEN, 0),
    Stage(TALK, "talk", StageKind.OPEN, 1),
    Stage(OFFER, "offer", StageKind.OPEN, 2),
    Stage(LOST, "lost", StageKind.LOST, 3),
)


def on(day: float) -> datetime:
    return START + timedelta(days=day)


def version(funnel: Funnel = FUNNEL) -> FunnelVersion:
    return FunnelVersion("p", 1, (funnel,), STAGES, START)


def move(day: float, to: StageRef, origin: StageRef) -> StageMove:
    """A move of the past, which was read with all else in one go."""
    return StageMove(f"m{day}", "1", origin, to, "7", MoveOrigin.PERSON, on(day), NOW)


def written_down(no_later_than: float) -> Evidence:
    """The field was seen filled on the deal's last change; when exactly it was filled, nobody knows."""
    moment = on(no_later_than)
    return Evidence(
        "f1", "1", EvidenceKind.FIELD, Grade.D, moment, NOW, subject="needs", text="40", is_dated=False
    )


def mail(day: float) -> Evidence:
    return Evidence("e1", "1", EvidenceKind.MAIL, Grade.B, on(day), on(day), Direction.INCOMING)


def deal(stage: StageRef) -> Deal:
    return Deal("1", "Ромашка", stage, START, NOW, NOW)


TO_TALK = move(2, TALK, NEW)
PAST = (written_down(40), mail(5), *stage_facts([TO_TALK]))


def test_what_the_client_did_after_the_claimed_step_counts_in_the_figures() -> None:
    steps = {step.key: step for step in measure_progress(version(), FUNNEL, PAST, [TO_TALK], NOW)}
    assert (steps["needs"].done_at, steps["read"].ordered_at) == (on(2), on(5))


def test_the_card_counts_it_too_and_still_tells_the_latest_moment() -> None:
    card = build_checklist(version(), deal(TALK), PAST, NOW)
    assert card is not None
    assert [item.result.state for item in card.items] == [CheckpointState.MET, CheckpointState.MET]
    assert card.items[0].facts[0].occurred_at == on(40)


def test_a_deal_is_not_moved_back_for_a_field_that_nobody_dated() -> None:
    verdict = evaluate(version(), deal(OFFER), move(50, OFFER, TALK), PAST, on(50))
    assert verdict.outcome is Outcome.PASSED


def test_a_move_does_not_date_the_proof_that_it_asks_for() -> None:
    late = (written_down(40), *stage_facts([TO_TALK]))
    verdict = evaluate(version(), deal(TALK), TO_TALK, late, NOW)
    assert verdict.outcome is Outcome.BLOCKED


def test_what_came_before_the_claim_still_does_not_count() -> None:
    facts = (written_down(40), mail(1), *stage_facts([TO_TALK]))
    steps = {step.key: step for step in measure_progress(version(), FUNNEL, facts, [TO_TALK], NOW)}
    assert steps["read"].done_at is None


def test_a_skipped_stage_is_claimed_with_the_one_beyond_and_a_lost_one_claims_nothing() -> None:
    beyond = stage_facts([move(3, OFFER, NEW)])
    assert date_by_claims(version(), FUNNEL, (written_down(40), *beyond))[0].occurred_at == on(3)
    lost = stage_facts([move(3, LOST, NEW)])
    assert date_by_claims(version(), FUNNEL, (written_down(40), *lost))[0].occurred_at == on(40)


def test_a_dated_fact_keeps_its_moment() -> None:
    dated = replace(written_down(40), is_dated=True)
    assert date_by_claims(version(), FUNNEL, (dated, *stage_facts([TO_TALK])))[0] == dated


def test_an_undated_fact_before_its_claim_keeps_its_moment() -> None:
    facts = (written_down(1), *stage_facts([TO_TALK]))
    assert date_by_claims(version(), FUNNEL, facts)[0].occurred_at == on(1)


def test_a_step_with_a_shelf_life_does_not_grow_old_by_it() -> None:
    brief = replace(NEEDS, fresh_for=timedelta(days=30))
    card = build_checklist(version(replace(FUNNEL, checkpoints=(brief, READ))), deal(TALK), PAST, NOW)
    assert card is not None
    assert card.items[0].result.reason is CheckpointReason.PROVEN


def test_a_claim_that_was_seen_without_the_proof_does_not_date_it() -> None:
    """The deal was read when it was dragged there, and the field was not filled in yet."""
    seen = replace(TO_TALK, recorded_at=on(2))
    filled_later = replace(written_down(40), recorded_at=on(40))
    facts = (filled_later, mail(5), *stage_facts([seen]))
    assert date_by_claims(version(), FUNNEL, facts)[0].occurred_at == on(40)
    verdict = evaluate(version(), deal(OFFER), move(50, OFFER, TALK), facts, on(50))
    assert verdict.outcome is Outcome.BLOCKED
