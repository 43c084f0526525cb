"""What the mapping's API takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.domain.funnel import GateMode
from app.funnels.diff import Change
from app.funnels.document import FunnelDocument, Key, Strict, Words
from app.funnels.problems import Problem
from app.funnels.versions import PublishedVersion, VersionHead


class ProblemView(BaseModel):
    """Something wrong or odd; `path` is a dotted path into the document."""

    path: str
    code: str
    sentence: str
    severity: Literal["error", "warning"]


class PublishedView(BaseModel):
    """The version in force."""

    number: int
    published_at: datetime
    published_by: str
    published_by_name: str
    note: str
    document: FunnelDocument


class DraftView(BaseModel):
    """What is being edited."""

    revision: int
    updated_at: datetime
    updated_by: str
    updated_by_name: str
    document: FunnelDocument


class StageMeaningView(BaseModel):
    """What the translator reads in a stage's name."""

    meaning: Literal["client_step", "seller_work", "lost", "unknown"]
    steps: list[str]
    titles: list[str]


class FunnelView(BaseModel):
    """All that the editor shows of a pipeline."""

    pipeline_id: str
    published: PublishedView | None
    draft: DraftView | None
    problems: list[ProblemView]
    broken: list[ProblemView]
    stage_counts: dict[str, int]
    segment_counts: dict[str, int]
    stage_meanings: dict[str, StageMeaningView]
    templates: list[str]


class DraftSaved(BaseModel):
    """A draft as it was kept."""

    revision: int
    problems: list[ProblemView]


class Published(BaseModel):
    """A version as it was published; `deals_reread` are the known deals that it applies to."""

    number: int
    deals_reread: int


class NewVersion(BaseModel):
    """A version that came of one change."""

    number: int


class VersionView(BaseModel):
    """A version in a list."""

    number: int
    published_at: datetime
    published_by: str
    published_by_name: str
    note: str


class VersionsView(BaseModel):
    """All versions, newest first."""

    versions: list[VersionView]


class ChangeView(BaseModel):
    """One difference; `path` names segments, checkpoints and gates by key."""

    kind: Literal["added", "removed", "changed", "moved"]
    path: str
    before: Any
    after: Any


class ChangesView(BaseModel):
    """The differences between two mappings."""

    changes: list[ChangeView]


class ProposeRequest(Strict):
    """Which ready-made order to lay over the stages; none reads the stage names alone."""

    template: Literal["b2b_seven", "universal_six", "as_is"] | None = None


class PublishRequest(Strict):
    """What was changed and why, for the list of versions."""

    note: Annotated[Words, Field(max_length=500)] = ""


class ModeRequest(Strict):
    """How strict a gate shall be; without a segment in all segments that have it."""

    mode: GateMode
    segment_key: Key | None = None


def view_problems(problems: list[Problem]) -> list[ProblemView]:
    """Problems as the API gives them."""
    return [ProblemView(**each.as_json()) for each in problems]


def view_version(head: VersionHead | PublishedVersion, name: str) -> VersionView:
    """A version's head with the publisher's name."""
    return VersionView(
        number=head.number,
        published_at=head.published_at,
        published_by=head.published_by,
        published_by_name=name,
        note=head.note,
    )


def view_changes(changes: list[Change]) -> ChangesView:
    """Differences as the API gives them."""
    return ChangesView(changes=[ChangeView(**each.as_json()) for each in changes])
