"""Which facts prove a checkpoint: pure matching of evidence to proofs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.checkpoint import AnswerState, Checkpoint
from app.domain.evidence import Evidence, EvidenceKind
from app.domain.trigger import Combine, Proof
from app.domain.verdict import CheckpointReason, CheckpointResult, CheckpointState

Results = dict[str, CheckpointResult]


def settle_checkpoints(
    checkpoints: Sequence[Checkpoint],
    evidence: Iterable[Evidence],
    now: datetime,
    answers: Mapping[str, AnswerState] | None = None,
) -> Results:
    """Decide every checkpoint of a funnel from the facts known at `now`.

    Facts that happened after `now` do not count, and a fact told twice is one fact. A checkpoint
    whose proof names `after`, or that names others in `before`, is settled once those are; the
    checkpoints may stand in any order in `checkpoints`, a cycle counts as unmet. Returns a result
    per key, in the order given. Without `fresh_for`, one more fact never unproves anything.
    """
    facts = sorted(
        {fact.source_id: fact for fact in evidence if fact.occurred_at <= now}.values(), key=_moment
    )
    after = {item.key: item.proof.after for item in checkpoints}
    case = _Case(facts, now, answers or {}, after, {})
    waiting = list(checkpoints)
    while waiting:
        ready = [item for item in waiting if not _waits_for(item, waiting)]
        for checkpoint in ready or waiting:
            case.settled[checkpoint.key] = _answered(checkpoint, case.answers) or (
                _settle(checkpoint, case) if ready else _unmet(checkpoint, CheckpointReason.WRONG_ORDER)
            )
        waiting = [item for item in waiting if ready and item not in ready]
    return {checkpoint.key: case.settled[checkpoint.key] for checkpoint in checkpoints}


@dataclass(frozen=True, slots=True)
class _Case:
    facts: Sequence[Evidence]
    now: datetime
    answers: Mapping[str, AnswerState]
    after: Mapping[str, str]
    settled: Results


def _moment(fact: Evidence) -> tuple[datetime, str]:
    return fact.occurred_at, fact.source_id


def _waits_for(checkpoint: Checkpoint, waiting: Sequence[Checkpoint]) -> bool:
    needed = {checkpoint.proof.after, *checkpoint.before}
    return any(other.key in needed for other in waiting)


def _answered(checkpoint: Checkpoint, answers: Mapping[str, AnswerState]) -> CheckpointResult | None:
    match answers.get(checkpoint.key):
        case AnswerState.WILL_NOT_HAPPEN:
            return CheckpointResult(checkpoint.key, CheckpointState.WAIVED, CheckpointReason.WILL_NOT_HAPPEN)
        case AnswerState.REOPENED:
            return _unmet(checkpoint, CheckpointReason.REOPENED)
        case None:
            return None


def _candidates(checkpoint: Checkpoint, case: _Case) -> list[Evidence]:
    """The facts about the checkpoint, from when its proof may begin. In place of a step that is waived
    stands the one before it: what the client did earlier has not become a later step by that.

    The fact that met the step before cannot meet this one too, so only later ones count. A vouched
    fact names its checkpoint and needs no order.
    """
    about = [fact for fact in case.facts if _is_about(checkpoint, fact)]
    after = _standing_before(checkpoint, case)
    if not after:
        return about
    since = case.settled.get(after)
    moment = since.met_at if since else None
    return [
        fact
        for fact in about
        if fact.kind is EvidenceKind.MANUAL or (moment is not None and fact.occurred_at > moment)
    ]


def _standing_before(checkpoint: Checkpoint, case: _Case) -> str:
    """The nearest step that the proof has to come after and that is not waived; or empty."""
    key = checkpoint.proof.after
    while key in case.settled and case.settled[key].state is CheckpointState.WAIVED:
        key = case.after.get(key, "")
    return key


def _settle(checkpoint: Checkpoint, case: _Case) -> CheckpointResult:
    candidates = _candidates(checkpoint, case)
    if not candidates:
        return _unmet(checkpoint, CheckpointReason.NO_EVIDENCE)
    strong = [fact for fact in candidates if fact.grade.is_at_least(checkpoint.accepts)]
    if not strong:
        return _unmet(checkpoint, CheckpointReason.GRADE_TOO_LOW)
    fresh = [fact for fact in strong if _is_fresh(checkpoint, fact, case.now)]
    if not fresh:
        return _unmet(checkpoint, CheckpointReason.TOO_OLD)
    return _from_facts(checkpoint, fresh, case.settled)


def _from_facts(checkpoint: Checkpoint, facts: Sequence[Evidence], settled: Results) -> CheckpointResult:
    counted = _counted(checkpoint.proof, facts, None)
    if not counted:
        return _unmet(checkpoint, CheckpointReason.NOT_ENOUGH)
    is_open, since = _order_allows(checkpoint, settled)
    counted = _counted(checkpoint.proof, facts, since) if is_open else ()
    if not counted:
        return _unmet(checkpoint, CheckpointReason.WRONG_ORDER)
    return CheckpointResult(
        checkpoint.key,
        CheckpointState.MET,
        CheckpointReason.PROVEN,
        met_at=max(fact.occurred_at for fact in counted),
        proven_by=tuple(dict.fromkeys(fact.source_id for fact in counted)),
        grade=max(fact.grade for fact in counted),
    )


def _order_allows(checkpoint: Checkpoint, settled: Results) -> tuple[bool, datetime | None]:
    """Whether all that must come before has come, and since when."""
    earlier = [settled[key] for key in checkpoint.before if key in settled]
    demanded = [result for result in earlier if result.state is not CheckpointState.WAIVED]
    moments = [result.met_at for result in demanded if result.met_at is not None]
    return len(moments) == len(demanded), max(moments, default=None)


def _is_fresh(checkpoint: Checkpoint, fact: Evidence, now: datetime) -> bool:
    return checkpoint.fresh_for is None or now - fact.occurred_at <= checkpoint.fresh_for


def _is_about(checkpoint: Checkpoint, fact: Evidence) -> bool:
    if fact.kind is EvidenceKind.MANUAL:
        return fact.checkpoint_key == checkpoint.key
    return any(trigger.matches(fact) for trigger in checkpoint.proof.triggers)


def _unmet(checkpoint: Checkpoint, reason: CheckpointReason) -> CheckpointResult:
    return CheckpointResult(checkpoint.key, CheckpointState.UNMET, reason)


def _counted(proof: Proof, facts: Sequence[Evidence], since: datetime | None) -> tuple[Evidence, ...]:
    """The earliest facts that satisfy the proof, the last of them not before `since`; or none.

    One manual fact always satisfies it.
    """
    manual = next(
        (fact for fact in facts if fact.kind is EvidenceKind.MANUAL and _not_before(fact, since)), None
    )
    found = _combined(proof, [fact for fact in facts if fact.kind is not EvidenceKind.MANUAL], since)
    if manual and (not found or manual.occurred_at < found[-1].occurred_at):
        return (manual,)
    return found


def _not_before(fact: Evidence, since: datetime | None) -> bool:
    return since is None or fact.occurred_at >= since


def _combined(proof: Proof, facts: Sequence[Evidence], since: datetime | None) -> tuple[Evidence, ...]:
    for end, last in enumerate(facts):
        if not _not_before(last, since):
            continue
        window = [
            fact
            for fact in facts[: end + 1]
            if proof.within is None or last.occurred_at - fact.occurred_at <= proof.within
        ]
        chosen = _chosen(proof, window)
        if chosen:
            return chosen
    return ()


def _chosen(proof: Proof, window: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The facts of the window that satisfy the proof, its last fact among them; or none."""
    if proof.combine is Combine.ALL:
        return _one_for_each(proof, window)
    needed = max(1, proof.least) if proof.combine is Combine.AT_LEAST else 1
    return tuple(window[-needed:]) if len(window) >= needed else ()


def _one_for_each(proof: Proof, window: Sequence[Evidence]) -> tuple[Evidence, ...]:
    newest = [
        next((fact for fact in reversed(window) if trigger.matches(fact)), None) for trigger in proof.triggers
    ]
    chosen = {fact.source_id: fact for fact in newest if fact is not None}
    return tuple(sorted(chosen.values(), key=_moment)) if None not in newest else ()
