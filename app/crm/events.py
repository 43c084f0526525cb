"""What a delivery tells us, in neutral words. A hook is a hint: read the record before judging."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealTouched:
    """Something about this deal changed."""

    deal_id: str


@dataclass(frozen=True, slots=True)
class ContactTouched:
    """Something about this contact happened; its deals may have new evidence."""

    contact_id: str


@dataclass(frozen=True, slots=True)
class CatalogTouched:
    """Pipelines, fields or users may have changed."""


@dataclass(frozen=True, slots=True)
class Unhandled:
    """A known kind that we have no use for: counted, answered 2xx."""

    kind: str


InboundEvent = DealTouched | ContactTouched | CatalogTouched | Unhandled
