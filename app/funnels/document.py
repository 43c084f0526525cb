"""A mapping as JSON: what the editor sends, the database keeps and a file carries.

Shapes are strict and bounded here, because a document comes from outside. Whether it makes sense
for the account is `validate.py`'s business: a half-finished draft is a lawful document.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.domain.checkpoint import Checkpoint, Objection
from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.funnel import Funnel, FunnelVersion, Gate, GateMode
from app.domain.segment import Condition, Operator, Segment
from app.domain.stage import Stage, StageRef
from app.domain.trigger import Combine, Proof, Trigger


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text cannot hold a zero character")
    return text


def _text(limit: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, max_length=limit)


NoZero = AfterValidator(_printable)
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,63})?$")]
Name = Annotated[str, _text(160), NoZero]
Words = Annotated[str, _text(1500), NoZero]
Subject = Annotated[str, _text(160), NoZero]
StageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
WEEK_MINUTES = 7 * 24 * 60


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt rule must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class ConditionDocument(Strict):
    """One comparison of a segment's rule."""

    subject: Subject
    operator: Operator
    value: Subject = ""


class TriggerDocument(Strict):
    """A pattern over evidence; an empty attribute does not restrict."""

    kind: EvidenceKind
    direction: Direction | None = None
    least_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    subject: Subject = ""
    value: Subject = ""
    contains: Subject = ""


class ProofRule(Strict):
    """How triggers combine. `after` names another checkpoint of the same segment or is empty."""

    combine: Combine = Combine.ANY
    least: Annotated[int, Field(ge=1, le=20)] = 1
    within_hours: Annotated[int, Field(ge=1, le=24 * 366)] | None = None
    after: Reference = ""


class ProofDocument(ProofRule):
    """What proves a checkpoint."""

    triggers: Annotated[list[TriggerDocument], Field(max_length=20)] = []


class ObjectionDocument(Strict):
    """What the client says and what to answer."""

    says: Name
    answer: Words


class CheckpointWords(Strict):
    """One client action without what proves it."""

    key: Key
    title: Name
    request: Name = ""
    hint: Words = ""
    objections: Annotated[list[ObjectionDocument], Field(max_length=10)] = []
    accepts: Grade = Grade.D
    is_optional: bool = False
    before: Annotated[list[Key], Field(max_length=30)] = []
    fresh_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class CheckpointDocument(CheckpointWords):
    """One client action."""

    proof: ProofDocument = ProofDocument()


class GateRule(Strict):
    """The checkpoints that a stage demands, and how strictly."""

    checkpoint_keys: Annotated[list[Key], Field(max_length=30)] = []
    mode: GateMode = GateMode.SHADOW
    grace_minutes: Annotated[int, Field(ge=0, le=WEEK_MINUTES)] = 0


class GateDocument(GateRule):
    """The checkpoints that a stage of this account demands."""

    stage_id: StageId


class SegmentDocument(Strict):
    """Deals whose clients act in the same order, with their funnel."""

    key: Key
    title: Name
    conditions: Annotated[list[ConditionDocument], Field(max_length=10)] = []
    checkpoints: Annotated[list[CheckpointDocument], Field(max_length=30)] = []
    gates: Annotated[list[GateDocument], Field(max_length=100)] = []


class FunnelDocument(Strict):
    """A whole mapping of one pipeline: segments in the order in which they are tried."""

    format: Literal[1] = 1
    segments: Annotated[list[SegmentDocument], Field(max_length=20)] = []

    def to_version(
        self, pipeline_id: str, number: int, stages: tuple[Stage, ...], published_at: datetime
    ) -> FunnelVersion:
        """The mapping as the judge reads it, over `stages` of the pipeline in the CRM's order."""
        funnels = tuple(_funnel(segment, pipeline_id) for segment in self.segments)
        return FunnelVersion(pipeline_id, number, funnels, stages, published_at)


def _funnel(segment: SegmentDocument, pipeline_id: str) -> Funnel:
    conditions = tuple(Condition(each.subject, each.operator, each.value) for each in segment.conditions)
    return Funnel(
        Segment(segment.key, segment.title, conditions),
        tuple(_checkpoint(checkpoint) for checkpoint in segment.checkpoints),
        tuple(
            Gate(
                StageRef(pipeline_id, gate.stage_id),
                tuple(gate.checkpoint_keys),
                gate.mode,
                timedelta(minutes=gate.grace_minutes),
            )
            for gate in segment.gates
        ),
    )


def _checkpoint(document: CheckpointDocument) -> Checkpoint:
    return Checkpoint(
        key=document.key,
        title=document.title,
        request=document.request or document.title,
        proof=_proof(document.proof),
        accepts=document.accepts,
        is_optional=document.is_optional,
        before=tuple(document.before),
        fresh_for=timedelta(days=document.fresh_days) if document.fresh_days else None,
        hint=document.hint,
        objections=tuple(Objection(each.says, each.answer) for each in document.objections),
    )


def _proof(document: ProofDocument) -> Proof:
    return Proof(
        triggers=tuple(
            Trigger(each.kind, each.direction, each.least_seconds, each.subject, each.value, each.contains)
            for each in document.triggers
        ),
        combine=document.combine,
        least=document.least,
        within=timedelta(hours=document.within_hours) if document.within_hours else None,
        after=document.after,
    )
