"""A deal's checkpoints as the manager sees them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.checkpoint import AnswerState, Checkpoint
from app.domain.dating import date_by_claims
from app.domain.deal import Deal
from app.domain.evidence import Evidence
from app.domain.funnel import Funnel, FunnelVersion, GateMode
from app.domain.proof import settle_checkpoints
from app.domain.stage import StageRef
from app.domain.verdict import CheckpointResult, CheckpointState


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One checkpoint, its state, the facts that prove it and the stage that it opens."""

    checkpoint: Checkpoint
    result: CheckpointResult
    facts: tuple[Evidence, ...]
    opens: StageRef | None
    mode: GateMode | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """The deal's segment and items in the client's order; `next_key` is what the client owes."""

    version_number: int
    segment_key: str
    segment_title: str
    items: tuple[ChecklistItem, ...]
    next_key: str = ""

    @property
    def met_count(self) -> int:
        """How many checkpoints are met."""
        return sum(item.result.state is CheckpointState.MET for item in self.items)


def build_checklist(
    version: FunnelVersion,
    deal: Deal,
    evidence: Sequence[Evidence],
    now: datetime,
    answers: Mapping[str, AnswerState] | None = None,
) -> Checklist | None:
    """The checklist of `deal` under `version` at `now`; None when no segment includes the deal.

    What the client owes next is the first unmet checkpoint that is not optional.
    """
    funnel = version.funnel_for(deal)
    if funnel is None:
        return None
    dated = date_by_claims(version, funnel, evidence)
    results = settle_checkpoints(funnel.checkpoints, dated, now, answers)
    by_id = {fact.source_id: fact for fact in evidence}
    items = tuple(
        _item(funnel, checkpoint, results[checkpoint.key], by_id) for checkpoint in funnel.checkpoints
    )
    owed = (
        item.checkpoint.key
        for item in items
        if item.result.state is CheckpointState.UNMET and not item.checkpoint.is_optional
    )
    return Checklist(version.number, funnel.segment.key, funnel.segment.title, items, next(owed, ""))


def _item(
    funnel: Funnel, checkpoint: Checkpoint, result: CheckpointResult, by_id: Mapping[str, Evidence]
) -> ChecklistItem:
    gate = next((gate for gate in funnel.gates if checkpoint.key in gate.checkpoint_keys), None)
    facts = tuple(by_id[source_id] for source_id in result.proven_by if source_id in by_id)
    return ChecklistItem(checkpoint, result, facts, gate.stage if gate else None, gate.mode if gate else None)
