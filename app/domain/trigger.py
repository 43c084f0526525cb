"""What kind of event proves a checkpoint, and how several are combined."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.domain.evidence import Direction, Evidence, EvidenceKind


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pattern over evidence. An empty attribute does not restrict.

    `subject` must equal the fact's subject (field id, tag, source, stage); `value` must equal its
    text, `contains` must occur in it; both ignore case. `least_seconds` is a call's least length.
    """

    kind: EvidenceKind
    direction: Direction | None = None
    least_seconds: int = 0
    subject: str = ""
    value: str = ""
    contains: str = ""

    def matches(self, fact: Evidence) -> bool:
        """True when `fact` is of this kind and within every restriction."""
        return (
            fact.kind is self.kind
            and (self.direction is None or fact.direction is self.direction)
            and fact.seconds >= self.least_seconds
            and (not self.subject or fact.subject.casefold() == self.subject.casefold())
            and (not self.value or fact.text.casefold() == self.value.casefold())
            and self.contains.casefold() in fact.text.casefold()
        )


class Combine(StrEnum):
    """How many of a proof's triggers must have happened."""

    ANY = "any"
    ALL = "all"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Proof:
    """Triggers and how they combine.

    `AT_LEAST` counts matching facts, whichever trigger they match, and needs `least` of them.
    With `within`, the facts that count together must lie in a window of that length. With `after`,
    only facts later than the moment when that other checkpoint was met count; a vouched one always does.
    """

    triggers: tuple[Trigger, ...]
    combine: Combine = Combine.ANY
    least: int = 1
    within: timedelta | None = None
    after: str = ""
