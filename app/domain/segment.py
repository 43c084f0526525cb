"""Segments: deals whose clients act in the same order. The first rule that matches wins."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.deal import Deal


class Operator(StrEnum):
    """How a condition compares a deal's value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    FILLED = "filled"
    AT_LEAST = "at_least"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `subject` is `tag`, `source`, `price` or `field:<id>`; text ignores case."""

    subject: str
    operator: Operator
    value: str = ""

    def holds(self, deal: Deal) -> bool:
        """True when the deal satisfies this comparison; a value that is no number never does."""
        values = _values(deal, self.subject)
        match self.operator:
            case Operator.EQUALS:
                return any(value.casefold() == self.value.casefold() for value in values)
            case Operator.CONTAINS:
                return any(self.value.casefold() in value.casefold() for value in values)
            case Operator.FILLED:
                return any(value.strip() for value in values)
            case Operator.AT_LEAST:
                return any(number >= limit for number, limit in _numbers(values, self.value))
            case Operator.BELOW:
                return any(number < limit for number, limit in _numbers(values, self.value))


@dataclass(frozen=True, slots=True)
class Segment:
    """A named group of deals. All conditions must hold; none at all means every deal."""

    key: str
    title: str
    conditions: tuple[Condition, ...] = ()

    def includes(self, deal: Deal) -> bool:
        """True when the deal belongs here by this segment's own rule."""
        return all(condition.holds(deal) for condition in self.conditions)


def _values(deal: Deal, subject: str) -> tuple[str, ...]:
    if subject == "tag":
        return tuple(deal.tags)
    if subject == "source":
        return (deal.source,)
    if subject == "price":
        return (str(deal.price),)
    return tuple(deal.fields.get(subject.removeprefix("field:"), ()))


def _numbers(values: tuple[str, ...], limit: str) -> list[tuple[float, float]]:
    pairs = []
    for value in values:
        try:
            pairs.append((float(value), float(limit)))
        except ValueError:
            continue
    return pairs
