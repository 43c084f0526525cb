"""The shape of a mapping's file: the mapping itself, and what it points at under people's own names.

The mapping names stages and fields by the names in the file's lists. Ids are hints for a way back into
the account that the file came from; nothing in the file needs them to be read.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.segment import Operator
from app.domain.stage import Catalog, DealField, FieldKind, Pipeline, Stage, StageKind, StageRef
from app.funnels.document import (
    CheckpointWords,
    GateRule,
    Key,
    Name,
    NoZero,
    ProofRule,
    Subject,
    TriggerDocument,
)

FORMAT = 1
LONGEST_NAME = 300
HERE = "-"
"""The file's own pipeline, where a reference has to name one."""
Handle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), NoZero
]
Mention = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME), NoZero]
Hint = Annotated[str, StringConstraints(max_length=160), NoZero]


class Lenient(BaseModel):
    """Unknown keys are refused; a number where a text belongs is taken as it is written."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class FileItem(Lenient):
    """Something of the account. `name` is unique in its list; `title` is given where the CRM's own name
    is not unique. `id` is the account's own."""

    name: Handle
    title: Mention = ""
    id: Hint = ""

    @property
    def shown(self) -> str:
        """What the CRM calls it."""
        return self.title or self.name


class FileStage(FileItem):
    """A stage. `pipeline` is given for a stage of another pipeline than the mapping's."""

    kind: StageKind = StageKind.OPEN
    pipeline: Mention = ""


class FileField(FileItem):
    """A field of the deal form; `choices` are those of a list."""

    type: FieldKind = FieldKind.OTHER
    choices: Annotated[list[FileItem], Field(max_length=1000)] = []

    @cached_property
    def choice_names(self) -> dict[str, str]:
        """Names of the choices by the values that mean them, in small letters; the first one counts."""
        return {each.shown.casefold(): each.name for each in reversed(self.choices) if each.shown}

    def choice_of(self, value: str) -> str:
        """The name of the choice that a value means, or nothing when it means none."""
        return self.choice_names.get(value.strip().casefold(), "")


class FilePerson(FileItem):
    """Somebody whom the mapping names, or who sees everybody's numbers."""

    sees_all: bool = False


class FileCondition(Lenient):
    """One comparison of a segment's rule: of a field, or of `tag`, `source` or `price`."""

    field: Mention = ""
    subject: Subject = ""
    operator: Operator
    value: Subject = ""


class FileTrigger(Lenient, TriggerDocument):
    """A pattern over evidence; a field and a stage are named as the lists name them."""

    field: Mention = ""
    stage: Mention = ""


class FileProof(Lenient, ProofRule):
    """What proves a checkpoint."""

    triggers: Annotated[list[FileTrigger], Field(max_length=20)] = []


class FileCheckpoint(Lenient, CheckpointWords):
    """One client action."""

    proof: FileProof = FileProof()


class FileGate(Lenient, GateRule):
    """The checkpoints that a stage demands."""

    stage: Handle


class FileSegment(Lenient):
    """Deals whose clients act in the same order, with their funnel."""

    key: Key
    title: Name
    conditions: Annotated[list[FileCondition], Field(max_length=10)] = []
    checkpoints: Annotated[list[FileCheckpoint], Field(max_length=30)] = []
    gates: Annotated[list[FileGate], Field(max_length=100)] = []


class Origin(Lenient):
    """Where the file came from. `version` is empty for a draft."""

    account: Mention = ""
    crm: Mention = ""
    account_id: Hint = ""
    pipeline: Mention = ""
    pipeline_id: Hint = ""
    version: Annotated[int, Field(ge=1)] | None = None
    made_at: Mention = ""


class TransferFile(Lenient):
    """A whole file. Lists of names stand before the mapping, so that a person meets them first."""

    stepgate: Literal["funnel"]
    format: Annotated[int, Field(ge=1)]
    origin: Origin = Origin()
    stages: Annotated[list[FileStage], Field(max_length=600)] = []
    fields: Annotated[list[FileField], Field(max_length=600)] = []
    people: Annotated[list[FilePerson], Field(max_length=600)] = []
    sources: Annotated[list[Handle], Field(max_length=600)] = []
    tags: Annotated[list[Handle], Field(max_length=2000)] = []
    task_types: Annotated[list[Handle], Field(max_length=600)] = []
    loss_reasons: Annotated[list[Handle], Field(max_length=600)] = []
    segments: Annotated[list[FileSegment], Field(max_length=20)] = []

    @cached_property
    def fields_by_name(self) -> dict[str, FileField]:
        """The listed fields by name; whatever the mapping names is among them (see `read.read_file`)."""
        return {each.name: each for each in self.fields}

    @cached_property
    def words(self) -> Catalog:
        """The lists as a catalog, so that a trigger with the file's names can be put into words."""
        stages = tuple(
            Stage(StageRef(HERE, each.name), each.shown, each.kind, number)
            for number, each in enumerate(self.stages)
        )
        fields = tuple(DealField(each.name, each.shown) for each in self.fields)
        return Catalog((Pipeline(HERE, "", stages),), fields=fields)

    @property
    def own_stages(self) -> list[FileStage]:
        """Stages of the mapping's own pipeline, in order."""
        return [each for each in self.stages if not each.pipeline]

    @property
    def other_stages(self) -> list[FileStage]:
        """Stages of other pipelines that the mapping names."""
        return [each for each in self.stages if each.pipeline]
