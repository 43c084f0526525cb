"""A pipeline's published mapping: per segment, checkpoints in order and the gates on stages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.checkpoint import Checkpoint
from app.domain.deal import Deal
from app.domain.segment import Segment
from app.domain.stage import Stage, StageRef

GATE_PREFIX = "gate:"
"""Steps with this prefix stand for a whole gate: what the seller's status claims."""


class GateMode(StrEnum):
    """How strict a gate is, mildest first."""

    SHADOW = "shadow"
    WARN = "warn"
    ENFORCE = "enforce"

    @property
    def strictness(self) -> int:
        """0 for shadow, 1 for warn, 2 for enforce."""
        return list(GateMode).index(self)


@dataclass(frozen=True, slots=True)
class Gate:
    """The checkpoints that a stage demands. `grace` is how long late evidence is waited for."""

    stage: StageRef
    checkpoint_keys: tuple[str, ...]
    mode: GateMode = GateMode.SHADOW
    grace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Funnel:
    """One segment's checkpoints in the client's order, and the gates that rest on them."""

    segment: Segment
    checkpoints: tuple[Checkpoint, ...]
    gates: tuple[Gate, ...]

    def checkpoint(self, key: str) -> Checkpoint | None:
        """The checkpoint of that key, or None."""
        return next((checkpoint for checkpoint in self.checkpoints if checkpoint.key == key), None)

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the checkpoints by key."""
        return {checkpoint.key: checkpoint.title for checkpoint in self.checkpoints}

    @property
    def step_keys(self) -> frozenset[str]:
        """Keys of all that the panel counts: checkpoints, and gates as `gate:<stage id>`."""
        gates = (GATE_PREFIX + gate.stage.stage_id for gate in self.gates)
        return frozenset((*(checkpoint.key for checkpoint in self.checkpoints), *gates))

    def gate(self, stage: StageRef) -> Gate | None:
        """The gate on that stage, or None."""
        return next((gate for gate in self.gates if gate.stage == stage), None)


@dataclass(frozen=True, slots=True)
class FunnelVersion:
    """An immutable, numbered mapping of one pipeline.

    `stages` are the pipeline's stages in order as they were when it was published; they tell
    forward from backward. Segments are tried in order, the first match wins.
    """

    pipeline_id: str
    number: int
    funnels: tuple[Funnel, ...]
    stages: tuple[Stage, ...]
    published_at: datetime

    def funnel_for(self, deal: Deal) -> Funnel | None:
        """The funnel of the first segment that includes the deal, or None."""
        return next((funnel for funnel in self.funnels if funnel.segment.includes(deal)), None)

    def has_step(self, key: str) -> bool:
        """True when some funnel has that checkpoint, or a gate whose step has that key."""
        return any(key in funnel.step_keys for funnel in self.funnels)
