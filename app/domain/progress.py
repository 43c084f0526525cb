"""How far a deal's client has come: when each step was done, in any order and in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.checkpoint import Checkpoint
from app.domain.dating import date_by_claims, stages_from
from app.domain.deal import StageMove
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.funnel import GATE_PREFIX, Funnel, FunnelVersion, Gate
from app.domain.proof import settle_checkpoints


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step of one deal.

    `done_at`: the client's act was first proven, whatever came before. `ordered_at`: it was proven
    at or after the step before it, which was proven in order too. `claimed_at`: the deal first
    stood in the stage that rests on this step, or beyond.
    """

    key: str
    position: int
    done_at: datetime | None
    ordered_at: datetime | None
    claimed_at: datetime | None


def stage_facts(moves: Sequence[StageMove]) -> tuple[Evidence, ...]:
    """The moves as facts "this stage was reached"; a seller's word, so grade D."""
    return tuple(
        Evidence(
            source_id=f"stage:{move.log_id}",
            deal_id=move.deal_id,
            kind=EvidenceKind.STAGE,
            grade=Grade.D,
            occurred_at=move.occurred_at,
            recorded_at=move.recorded_at,
            subject=str(move.to_stage),
            author_id=move.actor_id,
        )
        for move in moves
    )


def measure_progress(
    version: FunnelVersion,
    funnel: Funnel,
    evidence: Sequence[Evidence],
    moves: Sequence[StageMove],
    now: datetime,
) -> tuple[StepProgress, ...]:
    """Every checkpoint and every gate of `funnel` for one deal, from its facts and moves at `now`.

    A gate counts as done only for a deal that its stage claims, so that both numbers of the truth
    gap speak of the same deals.
    """
    lasting = tuple(replace(checkpoint, fresh_for=None) for checkpoint in funnel.checkpoints)
    facts = date_by_claims(version, replace(funnel, checkpoints=lasting), evidence)
    settled = settle_checkpoints(lasting, facts, now)
    done = {key: result.met_at for key, result in settled.items()}
    ordered = follow_in_order(lasting, facts, done, now)
    claims = {gate.stage: _claimed_at(version, gate, moves) for gate in funnel.gates}
    first_claim = {key: claims[gate.stage] for gate in reversed(funnel.gates) for key in gate.checkpoint_keys}
    steps = [
        StepProgress(item.key, position, done[item.key], ordered[item.key], first_claim.get(item.key))
        for position, item in enumerate(lasting)
    ]
    return (*steps, *(_gate_progress(gate, done, claims[gate.stage], len(steps)) for gate in funnel.gates))


def follow_in_order(
    checkpoints: Sequence[Checkpoint],
    facts: Sequence[Evidence],
    done: dict[str, datetime | None],
    now: datetime,
) -> dict[str, datetime | None]:
    """When each step was proven at or after the one before it; None from the first gap on.

    An optional step that was not taken is passed over. `done` are the moments in any order; they
    bound steps whose proof must come after another step.
    """
    reached: dict[str, datetime | None] = {checkpoint.key: None for checkpoint in checkpoints}
    floor: datetime | None = None
    for checkpoint in checkpoints:
        floors = [moment for moment in (floor, done.get(checkpoint.proof.after)) if moment]
        if checkpoint.proof.after and done.get(checkpoint.proof.after) is None:
            floors.append(now)
        alone = replace(checkpoint, proof=replace(checkpoint.proof, after=""), before=())
        later = [fact for fact in facts if not floors or fact.occurred_at >= max(floors)]
        met_at = settle_checkpoints([alone], later, now)[checkpoint.key].met_at
        if met_at is None and not checkpoint.is_optional:
            break
        reached[checkpoint.key] = met_at
        floor = met_at or floor
    return reached


def _claimed_at(version: FunnelVersion, gate: Gate, moves: Sequence[StageMove]) -> datetime | None:
    beyond = stages_from(version, gate.stage)
    return min((move.occurred_at for move in moves if move.to_stage in beyond), default=None)


def _gate_progress(
    gate: Gate, done: dict[str, datetime | None], claimed_at: datetime | None, position: int
) -> StepProgress:
    moments = [done.get(key) for key in gate.checkpoint_keys]
    known = [moment for moment in moments if moment]
    all_done = max(known) if claimed_at and known and len(known) == len(moments) else None
    return StepProgress(GATE_PREFIX + gate.stage.stage_id, position, all_done, None, claimed_at)
