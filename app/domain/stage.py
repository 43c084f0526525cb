"""The seller's side as mirrored from the CRM: pipelines, stages, people, fields."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class StageKind(StrEnum):
    """What standing in a stage means for the deal."""

    ENTRY = "entry"
    """Unsorted intake: the CRM puts deals here itself and takes none back."""
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, order=True)
class StageRef:
    """A stage is known by its pipeline too: some CRMs repeat stage ids in every pipeline."""

    pipeline_id: str
    stage_id: str

    def __str__(self) -> str:
        return f"{self.pipeline_id}:{self.stage_id}"

    @classmethod
    def parse(cls, text: str) -> "StageRef":
        """Read the form that `str()` writes. Raises ValueError on anything else."""
        pipeline_id, separator, stage_id = text.partition(":")
        if not (separator and pipeline_id and stage_id):
            raise ValueError(f"not a stage reference: {text!r}")
        return cls(pipeline_id, stage_id)


@dataclass(frozen=True, slots=True)
class Stage:
    """One column of a pipeline; `position` orders it, `color` is the CRM's own (`#rrggbb`)."""

    ref: StageRef
    title: str
    kind: StageKind
    position: int
    color: str = "#c1c1c1"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages in the CRM's order."""

    id: str
    title: str
    stages: tuple[Stage, ...]
    position: int = 0
    is_main: bool = False
    is_archived: bool = False

    def stage(self, ref: StageRef | None) -> Stage | None:
        """The stage of that reference, or None when this pipeline has none such."""
        return next((stage for stage in self.stages if stage.ref == ref), None)

    @property
    def first_open(self) -> Stage | None:
        """The first ordinary stage, where a deal may always stand."""
        return next((stage for stage in self.stages if stage.kind is StageKind.OPEN), None)


@dataclass(frozen=True, slots=True)
class User:
    """A person of the CRM account. `is_admin` decides who may edit the mapping."""

    id: str
    name: str
    is_admin: bool = False
    is_active: bool = True
    group_id: str = ""


class FieldKind(StrEnum):
    """What kind of value a field of the deal form holds.

    A `RECORD` is no field of the form: it hangs beside the deal, as a payment does. It proves a step, but
    does not say what kind of deal it is.
    """

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    PERSON = "person"
    LINK = "link"
    FILE = "file"
    RECORD = "record"
    OTHER = "other"

    def is_like(self, other: "FieldKind") -> bool:
        """True when a value of one kind means the same in the other."""
        both = {self, other}
        return self is other or FieldKind.OTHER in both or any(both <= group for group in _ALIKE)


_ALIKE = ({FieldKind.TEXT, FieldKind.LINK}, {FieldKind.CHOICE, FieldKind.RECORD})


@dataclass(frozen=True, slots=True)
class DealField:
    """A field of the deal form; `options` are the choices of a list field as (id, label)."""

    id: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LossReason:
    """The seller's own word for a loss."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that a mapping may refer to, as read from the CRM at `read_at`."""

    pipelines: tuple[Pipeline, ...]
    users: tuple[User, ...] = ()
    fields: tuple[DealField, ...] = ()
    loss_reasons: tuple[LossReason, ...] = ()
    read_at: datetime | None = field(default=None)

    def pipeline(self, pipeline_id: str) -> Pipeline | None:
        """The pipeline of that id, or None."""
        return next((pipeline for pipeline in self.pipelines if pipeline.id == pipeline_id), None)

    def stage(self, ref: StageRef) -> Stage | None:
        """The stage of that reference, or None when it was deleted."""
        pipeline = self.pipeline(ref.pipeline_id)
        return pipeline.stage(ref) if pipeline else None

    def user_name(self, user_id: str) -> str:
        """The name of a user, or an empty string when the CRM no longer knows him."""
        return next((user.name for user in self.users if user.id == user_id), "")
