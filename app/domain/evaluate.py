"""The judge: one move, one version, the facts known now, one verdict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.checkpoint import AnswerState
from app.domain.dating import date_by_claims
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Evidence
from app.domain.funnel import Funnel, FunnelVersion, Gate, GateMode
from app.domain.proof import Results, settle_checkpoints
from app.domain.stage import Stage, StageKind, StageRef
from app.domain.verdict import (
    CheckpointReason,
    CheckpointResult,
    CheckpointState,
    Outcome,
    Reason,
    Verdict,
)

CLOSED = (StageKind.WON, StageKind.LOST)


@dataclass(frozen=True, slots=True)
class _Case:
    version: FunnelVersion
    deal: Deal
    move: StageMove
    evidence: Sequence[Evidence]
    now: datetime
    answers: Mapping[str, AnswerState]
    broken: Collection[str]


def evaluate(
    version: FunnelVersion | None,
    deal: Deal,
    move: StageMove,
    evidence: Sequence[Evidence],
    now: datetime,
    answers: Mapping[str, AnswerState] | None = None,
    broken: Collection[str] = (),
) -> Verdict:
    """Judge `move` of `deal` by `version` with the facts known at `now`.

    A move is governed when it goes forward through at least one gate of the deal's segment: every
    gate after the old stage up to and including the new one, so that skipping stages is no back
    door. A reopened deal meets every gate up to the stage that it enters, for else closing and
    reopening would be one. Moves back, to a lost stage, into another pipeline or an unknown stage,
    and our own writes are not governed. While the strictest of the unsatisfied gates still grant
    grace, the verdict is undetermined with `due_at`: a laxer gate's patience does not hold up a
    stricter one. Evidence counts when it happened no later than the move plus the gate's grace.
    `broken` are checkpoints whose rule refers to something that is gone from the CRM: a gate that
    misses one of them only warns.
    """
    if version is None:
        return _not_governed(move, Reason.NO_VERSION, now)
    case = _Case(version, deal, move, evidence, now, answers or {}, broken)
    reason = _why_not_governed(case)
    if reason:
        return replace(_not_governed(move, reason, now), version_number=version.number)
    funnel = version.funnel_for(deal)
    if funnel is None:
        return replace(_not_governed(move, Reason.NO_SEGMENT, now), version_number=version.number)
    gates = gates_passed(version, funnel, move.from_stage, move.to_stage)
    if not gates:
        return replace(
            _not_governed(move, Reason.NO_GATE, now),
            version_number=version.number,
            segment_key=funnel.segment.key,
        )
    return _judge(case, funnel, gates)


def gates_passed(
    version: FunnelVersion, funnel: Funnel, from_stage: StageRef | None, to_stage: StageRef
) -> tuple[Gate, ...]:
    """The gates of `funnel` that a move crosses, in stage order.

    A deal that was created into the stage or came from another pipeline meets only the gate of
    the stage that it entered: what lies before was never this pipeline's to demand. One that comes
    out of a closed stage begins anew: what its client did long ago still counts.
    """
    positions = {stage.ref: index for index, stage in enumerate(version.stages)}
    end = positions.get(to_stage)
    if end is None:
        return ()
    start = positions.get(from_stage, end - 1) if from_stage else end - 1
    if any(stage.ref == from_stage and stage.kind in CLOSED for stage in version.stages):
        start = -1
    crossed = {stage.ref for index, stage in enumerate(version.stages) if start < index <= end}
    return tuple(
        gate for stage in version.stages if stage.ref in crossed and (gate := funnel.gate(stage.ref))
    )


def _why_not_governed(case: _Case) -> Reason | None:
    move, stages = case.move, {stage.ref: stage for stage in case.version.stages}
    target = stages.get(move.to_stage)
    origin = stages.get(move.from_stage) if move.from_stage else None
    if move.origin is MoveOrigin.OWN:
        return Reason.OWN_WRITE
    if move.occurred_at < case.version.published_at - timedelta(seconds=1):
        return Reason.BEFORE_VERSION
    if move.to_stage.pipeline_id != case.version.pipeline_id:
        return Reason.OTHER_PIPELINE
    if target is None:
        return Reason.STAGE_UNKNOWN
    if target.kind is StageKind.LOST:
        return Reason.LOST
    return _why_direction_frees(case.version.stages, origin, target)


def _why_direction_frees(stages: Sequence[Stage], origin: Stage | None, target: Stage) -> Reason | None:
    if origin is None or (origin.kind in CLOSED and origin is not target):
        return None
    if stages.index(target) <= stages.index(origin):
        return Reason.BACKWARD
    return None


def _awaited(funnel: Funnel, demanded: Results, known: Results) -> Results:
    """The open steps that a lacking one has to come after: until they are taken, nothing proves it."""
    awaited: Results = {}
    waiting = [key for key, result in demanded.items() if result.state is CheckpointState.UNMET]
    while waiting:
        checkpoint = funnel.checkpoint(waiting.pop())
        after = checkpoint.proof.after if checkpoint else ""
        if after in known and known[after].state is CheckpointState.UNMET and after not in awaited:
            awaited[after] = known[after]
            waiting.append(after)
    return awaited


def _judge(case: _Case, funnel: Funnel, gates: Sequence[Gate]) -> Verdict:
    failing: list[Gate] = []
    results: Results = {}
    # What the move itself claims is what is on trial.
    facts = date_by_claims(case.version, funnel, case.evidence, before=case.move.occurred_at)
    for gate in gates:
        moment = min(case.now, case.move.occurred_at + gate.grace)
        known = settle_checkpoints(funnel.checkpoints, facts, moment, case.answers)
        demanded = {key: _excused(funnel, key, known) for key in gate.checkpoint_keys if key in known}
        told = _awaited(funnel, demanded, known) | demanded
        results |= {key: result for key, result in told.items() if _is_news(results, key, result)}
        if any(result.state is CheckpointState.UNMET for result in demanded.values()):
            failing.append(gate)
    verdict = Verdict(
        case.move.log_id,
        case.move.deal_id,
        Outcome.PASSED,
        Reason.ALL_MET,
        case.now,
        case.version.number,
        funnel.segment.key,
        checkpoints=tuple(results.values()),
    )
    return _with_failures(verdict, failing, case) if failing else verdict


def _is_news(results: Results, key: str, result: CheckpointResult) -> bool:
    """A checkpoint that any gate misses is shown as missing, whatever a more patient gate says."""
    return key not in results or result.state is CheckpointState.UNMET


def _excused(funnel: Funnel, key: str, known: Results) -> CheckpointResult:
    result, checkpoint = known[key], funnel.checkpoint(key)
    if checkpoint and checkpoint.is_optional and result.state is CheckpointState.UNMET:
        return replace(result, state=CheckpointState.WAIVED, reason=CheckpointReason.OPTIONAL)
    return result


def _with_failures(verdict: Verdict, failing: Sequence[Gate], case: _Case) -> Verdict:
    strictest = max((gate.mode for gate in failing), key=lambda mode: mode.strictness)
    is_broken = any(result.key in case.broken for result in verdict.unmet)
    stopping = [gate for gate in failing if gate.mode is strictest]
    due_at = case.move.occurred_at + min(gate.grace for gate in stopping)
    waiting = case.now < due_at
    return replace(
        verdict,
        outcome=Outcome.UNDETERMINED if waiting else Outcome.BLOCKED,
        reason=_why_unsatisfied(waiting, is_broken),
        mode=GateMode.WARN if is_broken and strictest is GateMode.ENFORCE else strictest,
        gate_stage=stopping[0].stage,
        due_at=due_at,
    )


def _why_unsatisfied(waiting: bool, is_broken: bool) -> Reason:
    if is_broken:
        return Reason.RULE_BROKEN
    return Reason.IN_GRACE if waiting else Reason.CHECKPOINT_UNMET


def _not_governed(move: StageMove, reason: Reason, now: datetime) -> Verdict:
    return Verdict(move.log_id, move.deal_id, Outcome.NOT_GOVERNED, reason, now)
