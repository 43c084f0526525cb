"""What the API of the file takes and gives."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.funnels.answers import ProblemView
from app.funnels.document import Subject
from app.funnels.transfer.file import LONGEST_NAME
from app.funnels.transfer.tree import MOST_BYTES

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
TargetId = Annotated[str, Field(max_length=LONGEST_NAME)]
Targets = Annotated[dict[Name, TargetId], Field(max_length=600)]


class Asked(BaseModel):
    """Unknown keys are refused: a misspelt choice must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Chosen(Asked):
    """What a person chose, by the file's names; an empty target leaves out. What is not named is proposed.

    Stages and people are given by id, a stage of another pipeline as `pipeline:stage`, choices (by field and
    choice) by their labels, sources by their names.
    """

    stages: Targets = {}
    fields: Targets = {}
    choices: Annotated[dict[Name, Targets], Field(max_length=600)] = {}
    people: Targets = {}
    sources: Targets = {}


class MatchRequest(Asked):
    """A file's text and what was chosen so far."""

    file: Annotated[str, Field(max_length=MOST_BYTES)]
    chosen: Chosen = Chosen()
    keep_modes: bool = False
    """Gates as strict as in the file; otherwise those of another account only watch at first."""
    with_people: bool = False
    """The people who see everybody's numbers shall see them here too."""


class ImportRequest(MatchRequest):
    """`draft_revision` is the draft that may be overwritten, 0 for none. `merged` are stages (by id) on
    which the rules of several stages of the file may be put together."""

    draft_revision: Annotated[int, Field(ge=0)] = 0
    merged: list[Subject] = Field([], max_length=100)


class RowView(BaseModel):
    """A name of the file and what it means here. `target` is empty for nothing.

    `uses` are places of the mapping that need it, `uses_more` how many there are beyond them.
    `shares_with` names others that were brought to the same stage.
    """

    name: str
    title: str
    hint: str
    target: str
    sureness: Literal["chosen", "sure", "likely", "guess", "none"]
    reason: str
    uses: list[str]
    uses_more: int
    shares_with: list[str] = []


class FieldRowView(RowView):
    """A field with those of its choices that the mapping names; `options` are the labels to choose from."""

    choices: list[RowView]
    options: list[str]


class PersonRowView(RowView):
    """A person; `sees_all` tells that he sees everybody's numbers there."""

    sees_all: bool


class TargetView(BaseModel):
    """Something of the account that may be chosen; `group` is its pipeline or its kind of value."""

    id: str
    title: str
    group: str = ""


class TargetsView(BaseModel):
    """All that may be chosen."""

    stages: list[TargetView]
    other_stages: list[TargetView]
    fields: list[TargetView]
    people: list[TargetView]
    sources: list[str]


class OriginView(BaseModel):
    """Where the file came from; `version` is null for a draft."""

    account: str
    pipeline: str
    version: int | None
    made_at: str
    is_same_account: bool


class DraftHead(BaseModel):
    """The draft that an import would replace."""

    revision: int
    updated_by_name: str


class ReportLineView(BaseModel):
    """One thing to know of an import; `places` say where in the mapping."""

    code: str
    places: list[str]
    sentence: str
    is_left_out: bool


class MatchView(BaseModel):
    """A file beside the account: rows of what the mapping names, and the report of an import as it stands."""

    origin: OriginView
    segments: int
    steps: int
    gates: int
    strict_gates: int
    stages: list[RowView]
    other_stages: list[RowView]
    fields: list[FieldRowView]
    people: list[PersonRowView]
    sources: list[RowView]
    targets: TargetsView
    draft: DraftHead | None
    report: list[ReportLineView]
    errors: int


class ImportedView(BaseModel):
    """A draft as it was kept: its revision, what did not come over, and what has to be put right."""

    revision: int
    report: list[ReportLineView]
    problems: list[ProblemView]
