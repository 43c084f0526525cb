"""Which facts prove a checkpoint: pure matching of evidence to proofs."""

from collections.abc import Iterable, Sequence
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
    answers: dict[str, AnswerState] | None = None,
) -> Results:
    """Decide every checkpoint of a funnel from the facts known at `now`.

    Facts that happened after `now` do not count. A proof that names `after` waits for that other
    checkpoint; the checkpoints may stand in any order in `checkpoints`, a cycle counts as unmet.
    Returns a result per key, in the order given.
    """
    facts = sorted((fact for fact in evidence if fact.occurred_at <= now), key=_moment)
    settled: Results = {}
    waiting = list(checkpoints)
    while waiting:
        ready = [item for item in waiting if _dependency(item, waiting) is None] or waiting[:1]
        for checkpoint in ready:
            settled[checkpoint.key] = _settle(
                checkpoint, facts, settled, now, (answers or {}).get(checkpoint.key)
            )
            waiting.remove(checkpoint)
    in_order = {checkpoint.key: settled[checkpoint.key] for checkpoint in checkpoints}
    return {
        key: _ordered(checkpoint, in_order) for key, checkpoint in zip(in_order, checkpoints, strict=True)
    }


def _moment(fact: Evidence) -> tuple[datetime, str]:
    return fact.occurred_at, fact.source_id


def _dependency(checkpoint: Checkpoint, waiting: Sequence[Checkpoint]) -> str | None:
    keys = {other.key for other in waiting if other is not checkpoint}
    return checkpoint.proof.after if checkpoint.proof.after in keys else None


def _settle(
    checkpoint: Checkpoint,
    facts: Sequence[Evidence],
    settled: Results,
    now: datetime,
    answer: AnswerState | None,
) -> CheckpointResult:
    if answer is AnswerState.WILL_NOT_HAPPEN:
        return CheckpointResult(checkpoint.key, CheckpointState.WAIVED, CheckpointReason.WILL_NOT_HAPPEN)
    if answer is AnswerState.REOPENED:
        return CheckpointResult(checkpoint.key, CheckpointState.UNMET, CheckpointReason.REOPENED)
    candidates = [fact for fact in facts if _is_about(checkpoint, fact)]
    if checkpoint.proof.after:
        since = settled.get(checkpoint.proof.after)
        moment = since.met_at if since else None
        candidates = [fact for fact in candidates if moment is not None and fact.occurred_at >= moment]
    if not candidates:
        return _unmet(checkpoint, CheckpointReason.NO_EVIDENCE)
    strong = [fact for fact in candidates if fact.grade.is_at_least(checkpoint.accepts)]
    if not strong:
        return _unmet(checkpoint, CheckpointReason.GRADE_TOO_LOW)
    fresh = [
        fact
        for fact in strong
        if checkpoint.fresh_for is None or now - fact.occurred_at <= checkpoint.fresh_for
    ]
    if not fresh:
        return _unmet(checkpoint, CheckpointReason.TOO_OLD)
    counted = _counted(checkpoint.proof, fresh)
    if not counted:
        return _unmet(checkpoint, CheckpointReason.NOT_ENOUGH)
    return CheckpointResult(
        checkpoint.key,
        CheckpointState.MET,
        CheckpointReason.PROVEN,
        met_at=max(fact.occurred_at for fact in counted),
        proven_by=tuple(fact.source_id for fact in counted),
        grade=max(fact.grade for fact in counted),
    )


def _is_about(checkpoint: Checkpoint, fact: Evidence) -> bool:
    if fact.kind is EvidenceKind.MANUAL:
        return fact.checkpoint_key == checkpoint.key
    return any(trigger.matches(fact) for trigger in checkpoint.proof.triggers)


def _unmet(checkpoint: Checkpoint, reason: CheckpointReason) -> CheckpointResult:
    return CheckpointResult(checkpoint.key, CheckpointState.UNMET, reason)


def _counted(proof: Proof, facts: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The earliest facts that satisfy the proof, or none. One manual fact always satisfies it."""
    manual = next((fact for fact in facts if fact.kind is EvidenceKind.MANUAL), None)
    automatic = [fact for fact in facts if fact.kind is not EvidenceKind.MANUAL]
    found = _combined(proof, automatic)
    if manual and (not found or manual.occurred_at < found[-1].occurred_at):
        return (manual,)
    return found


def _combined(proof: Proof, facts: Sequence[Evidence]) -> tuple[Evidence, ...]:
    needed = {Combine.ANY: 1, Combine.AT_LEAST: max(1, proof.least), Combine.ALL: len(proof.triggers)}[
        proof.combine
    ]
    for end, last in enumerate(facts):
        window = [
            fact
            for fact in facts[: end + 1]
            if proof.within is None or last.occurred_at - fact.occurred_at <= proof.within
        ]
        chosen = _one_for_each(proof, window) if proof.combine is Combine.ALL else tuple(window[-needed:])
        if len(chosen) >= needed:
            return chosen
    return ()


def _one_for_each(proof: Proof, window: Sequence[Evidence]) -> tuple[Evidence, ...]:
    firsts = (next((fact for fact in window if trigger.matches(fact)), None) for trigger in proof.triggers)
    chosen = [fact for fact in firsts if fact is not None]
    return tuple(sorted(chosen, key=_moment)) if len(chosen) == len(proof.triggers) else ()


def _ordered(checkpoint: Checkpoint, settled: Results) -> CheckpointResult:
    result = settled[checkpoint.key]
    if result.state is not CheckpointState.MET or result.met_at is None:
        return result
    for key in checkpoint.before:
        earlier = settled.get(key)
        met_at = earlier.met_at if earlier else None
        waived = earlier is not None and earlier.state is CheckpointState.WAIVED
        if not waived and (met_at is None or met_at > result.met_at):
            return _unmet(checkpoint, CheckpointReason.WRONG_ORDER)
    return result
