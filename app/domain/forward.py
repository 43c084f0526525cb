"""Where a deal may be moved on to: the next gated stage, once its client has done all that it demands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.breakage import rules_in_doubt
from app.domain.checkpoint import AnswerState
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate
from app.domain.evidence import Evidence
from app.domain.funnel import FunnelVersion
from app.domain.stage import Catalog, Stage, StageKind, StageRef
from app.domain.verdict import Outcome, Reason, Verdict

ENTERED = (StageKind.OPEN, StageKind.WON)
FREE = (Reason.NO_GATE, Reason.NO_SEGMENT)
"""Why a move may demand nothing of this deal's client although other deals meet a gate there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A deal with all that is known of its client at `now`.

    `came_from` is the stage that it last stood in by right: its own, or an earlier one while a stop is
    not carried out yet; None when it was made beyond the gate.
    """

    deal: Deal
    evidence: Sequence[Evidence]
    now: datetime
    answers: Mapping[str, AnswerState]
    came_from: StageRef | None


def next_stage(
    version: FunnelVersion, catalog: Catalog, standing: Standing, locked: Collection[StageRef] = ()
) -> Stage | None:
    """The stage that the button leads to, as the CRM has it today; None when there is nothing to press.

    It is the next one in the pipeline's order with a gate that demands something of this deal. A stage
    of `locked` is one too, whatever it demands: the CRM lets nobody in there by hand. A closed deal and
    one in the intake are moved by people only.
    """
    candidate = _candidate(version, catalog, standing.deal, locked)
    if candidate is None:
        return None
    excused = in_doubt(version, catalog, standing.deal) if candidate.ref in locked else ()
    verdict = may_enter(version, standing, candidate.ref, excused)
    return candidate if is_open(verdict, candidate.ref, locked) else None


def in_doubt(version: FunnelVersion, catalog: Catalog, deal: Deal) -> Collection[str]:
    """Steps of this deal's funnel that a lock must not hold up: their rules name what the CRM no longer
    has. Nobody would get in by hand either."""
    funnel = version.funnel_for(deal)
    return rules_in_doubt(funnel, catalog) if funnel else ()


def may_enter(
    version: FunnelVersion, standing: Standing, target: StageRef, excused: Collection[str] = ()
) -> Verdict:
    """What would be said if a person moved the deal to `target` at this moment; the `excused` steps are
    not asked for."""
    deal, now = standing.deal, standing.now
    move = StageMove("", deal.id, standing.came_from, target, "", MoveOrigin.PERSON, now, now)
    answers = {**standing.answers, **dict.fromkeys(excused, AnswerState.WILL_NOT_HAPPEN)}
    return evaluate(version, deal, move, standing.evidence, now, answers)


def is_open(verdict: Verdict, target: StageRef, locked: Collection[StageRef] = ()) -> bool:
    """True when the way is free: all is proven, or the lock stands where this deal owes nothing."""
    if verdict.outcome is Outcome.PASSED:
        return True
    return target in locked and verdict.outcome is Outcome.NOT_GOVERNED and verdict.reason in FREE


def _candidate(
    version: FunnelVersion, catalog: Catalog, deal: Deal, locked: Collection[StageRef]
) -> Stage | None:
    order = [stage.ref for stage in version.stages]
    here = catalog.stage(deal.stage)
    if here is None or here.kind is not StageKind.OPEN or deal.stage not in order:
        return None
    wanted = _demanding(version, deal) | set(locked)
    ahead = order[order.index(deal.stage) + 1 :]
    known = (catalog.stage(ref) for ref in ahead if ref in wanted)
    return next((stage for stage in known if stage and stage.kind in ENTERED), None)


def _demanding(version: FunnelVersion, deal: Deal) -> set[StageRef]:
    funnel = version.funnel_for(deal)
    return {gate.stage for gate in funnel.gates if gate.checkpoint_keys} if funnel else set()
