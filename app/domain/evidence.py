"""Facts that prove client actions: what happened, how strong the proof is, and both clocks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Grade(StrEnum):
    """How strong a proof is, strongest first."""

    A = "A"
    """The client did it in our sight: paid, signed, ticked his own page."""
    B = "B"
    """The client spoke or wrote to us."""
    C = "C"
    """A technical trace: a page opened, a field filled by an integration."""
    D = "D"
    """A seller's word."""

    def is_at_least(self, least: "Grade") -> bool:
        """True when this grade is as strong as `least` or stronger."""
        return self.value <= least.value


class EvidenceKind(StrEnum):
    """The kinds of event that can prove a checkpoint."""

    CALL = "call"
    MESSAGE = "message"
    MAIL = "mail"
    FORM = "form"
    SOURCE = "source"
    FIELD = "field"
    TASK = "task"
    TAG = "tag"
    NOTE = "note"
    STAGE = "stage"
    """A stage of some pipeline was reached."""
    MANUAL = "manual"
    """A manager vouches with a quote, date and channel."""


class Direction(StrEnum):
    """Who began a call or a message."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One recorded fact about a deal.

    `source_id` is unique in the installation, so that the same fact told twice is one fact.
    `occurred_at` is when it happened, `recorded_at` when we learnt it. `subject` names what the
    fact is about: a field id, a tag, a task type, a source, a stage (`pipeline:stage`); `text` is
    its value or content; `seconds` the length of a call. A manual fact names its `checkpoint_key`.
    A CRM that keeps no log of something shows only that it is so: such a fact is not `is_dated`, and
    `occurred_at` is the latest moment at which it can have happened.
    """

    source_id: str
    deal_id: str
    kind: EvidenceKind
    grade: Grade
    occurred_at: datetime
    recorded_at: datetime
    direction: Direction | None = None
    seconds: int = 0
    subject: str = ""
    text: str = ""
    author_id: str = ""
    contact_id: str = ""
    checkpoint_key: str = ""
    channel: str = ""
    is_dated: bool = True
