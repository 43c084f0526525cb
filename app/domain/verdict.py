"""The decision on one move, with its reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.funnel import GateMode
from app.domain.stage import StageRef


class Outcome(StrEnum):
    """What became of a move."""

    PASSED = "passed"
    BLOCKED = "blocked"
    NOT_GOVERNED = "not_governed"
    UNDETERMINED = "undetermined"


class Reason(StrEnum):
    """Why the outcome is what it is; stable codes for API, reports and texts."""

    ALL_MET = "all_met"
    CHECKPOINT_UNMET = "checkpoint_unmet"
    RULE_BROKEN = "rule_broken"
    """Unmet too, but the rule refers to something that the CRM no longer has: the gate only warns."""
    IN_GRACE = "in_grace"
    OVERRIDDEN = "overridden"
    OWN_WRITE = "own_write"
    NO_VERSION = "no_version"
    BEFORE_VERSION = "before_version"
    NO_SEGMENT = "no_segment"
    NO_GATE = "no_gate"
    BACKWARD = "backward"
    LOST = "lost"
    OTHER_PIPELINE = "other_pipeline"
    STAGE_UNKNOWN = "stage_unknown"
    DEAL_GONE = "deal_gone"


class CheckpointState(StrEnum):
    """How a checkpoint stands for a deal."""

    MET = "met"
    UNMET = "unmet"
    WAIVED = "waived"
    UNKNOWN = "unknown"


class CheckpointReason(StrEnum):
    """Why a checkpoint stands so."""

    PROVEN = "proven"
    NO_EVIDENCE = "no_evidence"
    GRADE_TOO_LOW = "grade_too_low"
    NOT_ENOUGH = "not_enough"
    TOO_OLD = "too_old"
    WRONG_ORDER = "wrong_order"
    OPTIONAL = "optional"
    WILL_NOT_HAPPEN = "will_not_happen"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class CheckpointResult:
    """One checkpoint's state; `proven_by` are the source ids of the facts that counted."""

    key: str
    state: CheckpointState
    reason: CheckpointReason
    met_at: datetime | None = None
    proven_by: tuple[str, ...] = ()
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one move by one version.

    `mode` is the strictest mode among the gates that were not satisfied (None when all were).
    `due_at` is when the grace of those gates ends, also after it has ended. `gate_stage`
    is the first of them that has this mode.
    """

    log_id: str
    deal_id: str
    outcome: Outcome
    reason: Reason
    decided_at: datetime
    version_number: int | None = None
    segment_key: str = ""
    mode: GateMode | None = None
    gate_stage: StageRef | None = None
    due_at: datetime | None = None
    checkpoints: tuple[CheckpointResult, ...] = ()

    @property
    def unmet(self) -> tuple[CheckpointResult, ...]:
        """The checkpoints that this move lacked."""
        return tuple(result for result in self.checkpoints if result.state is CheckpointState.UNMET)
