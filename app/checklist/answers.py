"""What the card's API takes and gives."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.domain.checkpoint import AnswerState
from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.funnel import GateMode
from app.evidence.vouch import Channel
from app.funnels.document import Key, Strict
from app.lock.answers import LockTrialNote


class FactView(BaseModel):
    """One fact. `author` is a name; `subject_title` names the field or stage that it is about.

    Of one that is not `is_dated` it is known only that it happened no later than `occurred_at`.
    """

    kind: EvidenceKind
    direction: Direction | None
    seconds: int
    subject: str
    subject_title: str
    text: str
    channel: str
    author: str
    grade: Grade
    occurred_at: datetime
    recorded_at: datetime
    is_dated: bool


class NeedView(BaseModel):
    """One kind of event that would prove a step; `words` say it in the viewer's language."""

    kind: EvidenceKind
    direction: Direction | None
    least_seconds: int
    subject: str
    subject_title: str
    value: str
    contains: str
    words: str


class ObjectionView(BaseModel):
    """What the client says and what to answer."""

    says: str
    answer: str


class OpensView(BaseModel):
    """The stage that a step opens."""

    stage_id: str
    stage_title: str
    mode: GateMode


class StepRef(BaseModel):
    """Another step of the same client."""

    key: str
    title: str


class ItemView(BaseModel):
    """One step of the client as it stands.

    What proves it counts only after the step `after`, no earlier than the steps `before`, and
    together within `within_hours`; `conditions` say all that in the viewer's language.
    """

    key: str
    title: str
    request: str
    state: Literal["met", "unmet", "waived", "unknown"]
    reason: str
    grade: Grade | None
    accepts: Grade
    is_optional: bool
    met_at: datetime | None
    hint: str
    objections: list[ObjectionView]
    opens: OpensView | None
    needs: list[NeedView]
    after: StepRef | None
    before: list[StepRef]
    within_hours: int | None
    conditions: list[str]
    facts: list[FactView]


class MissingView(BaseModel):
    """A step that a move lacked."""

    key: str
    title: str
    request: str


class StopObjection(BaseModel):
    """The manager said that the stop is wrong; `note` is the administrator's answer once it is closed."""

    state: Literal["open", "closed"]
    text: str
    note: str
    closed_by: str


class StopView(BaseModel):
    """The last stop of the deal, while what it lacked is still missing."""

    log_id: str
    action: Literal["move_back", "warn"]
    state: Literal["pending", "done", "failed", "superseded"]
    from_stage_title: str
    to_stage_title: str
    moved_by: str
    occurred_at: datetime
    decided_at: datetime
    missing: list[MissingView]
    is_contested: bool
    objection: StopObjection | None


class WaitingView(BaseModel):
    """A move that waits for late evidence until `due_at`."""

    log_id: str
    to_stage_title: str
    due_at: datetime
    missing: list[MissingView]


class DealView(BaseModel):
    """The deal as last read."""

    id: str
    title: str
    pipeline_id: str
    stage_id: str
    stage_title: str


class DealSegment(BaseModel):
    """The kind of client."""

    key: str
    title: str


class BackfillProgress(BaseModel):
    """How far the past has been read."""

    state: str
    done: int
    total: int


class ForwardView(BaseModel):
    """The way on: all that the next gated stage demands is there. `text` says why a press failed."""

    stage_id: str
    stage_title: str
    state: Literal["ready", "moving", "refused"]
    text: str


class ForwardRequest(Strict):
    """Into which stage, as the card named it."""

    stage_id: Annotated[str, Field(min_length=1, max_length=64)]


class ChecklistView(BaseModel):
    """The card of a deal. `as_of` is when the CRM was last read. With `lock_trial` the deal was made to
    try a lock, and has no client."""

    revision: str
    as_of: datetime
    stale: bool
    stale_reason: str | None
    backfill: BackfillProgress | None
    deal: DealView
    segment: DealSegment | None
    version: int | None
    met: int
    total: int
    next_key: str | None
    items: list[ItemView]
    stop: StopView | None
    waiting: WaitingView | None
    forward: ForwardView | None
    lock_trial: LockTrialNote | None


class MoveEntry(BaseModel):
    """The deal was moved."""

    at: datetime
    kind: Literal["move"] = "move"
    from_stage_title: str
    to_stage_title: str
    moved_by: str
    origin: str


class EvidenceEntry(BaseModel):
    """The client did something."""

    at: datetime
    kind: Literal["evidence"] = "evidence"
    fact: FactView


class VerdictEntry(BaseModel):
    """A move was judged."""

    at: datetime
    kind: Literal["verdict"] = "verdict"
    to_stage_title: str
    outcome: str
    reason: str
    missing: list[MissingView]


class WriteEntry(BaseModel):
    """Something was written into the CRM, or was to be: `reason` is a code that says why it was not,
    for instance `proven_since` when the client did meanwhile what was missing."""

    at: datetime
    kind: Literal["write"] = "write"
    action: str
    state: str
    reason: str = ""


Entry = Annotated[MoveEntry | EvidenceEntry | VerdictEntry | WriteEntry, Field(discriminator="kind")]


class HistoryView(BaseModel):
    """What happened to a deal, newest first."""

    entries: list[Entry]


class VouchRequest(Strict):
    """The manager's word: which step, the client's words, the day and the channel."""

    checkpoint_key: Key
    quote: Annotated[str, Field(max_length=2000)]
    happened_on: date
    channel: Channel


class Vouched(BaseModel):
    """The fact as it was kept."""

    source_id: str
    occurred_at: datetime


class ContestRequest(Strict):
    """Which stop is wrong, and why."""

    log_id: Annotated[str, Field(min_length=1, max_length=80)]
    text: Annotated[str, Field(max_length=2000)]


class Contested(BaseModel):
    """When the stop was first contested."""

    contested_at: datetime


class AnswerRequest(Strict):
    """A step will not happen or is open again; null takes an earlier answer back."""

    checkpoint_key: Key
    answer: AnswerState | None
    reason: Annotated[str, Field(max_length=2000)] = ""


class ObjectionRow(BaseModel):
    """An objection to a stop as the administrator sees it; `by` is a name, `deal_url` a page of the CRM."""

    id: str
    deal_id: str
    deal_title: str
    deal_url: str
    log_id: str
    from_stage_title: str
    to_stage_title: str
    missing: list[str]
    text: str
    by: str
    at: datetime
    state: Literal["open", "closed"]
    note: str
    closed_by: str
    closed_at: datetime | None


class ObjectionsView(BaseModel):
    """The newest 200 objections, newest first; `open_count` counts all that wait for an answer."""

    objections: list[ObjectionRow]
    open_count: int


class ObjectionAnswer(Strict):
    """What the administrator answers; the manager reads it in the card."""

    note: Annotated[str, Field(max_length=2000)]
