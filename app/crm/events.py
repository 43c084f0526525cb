"""What a delivery tells us, in neutral words. A hook is a hint: read the record before judging."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DealTouched:
    """Something about this deal changed.

    `moved`: the delivery says, or leaves open, that the deal is new or in another stage. It only
    decides who is looked at first, so it does not tell two events apart.
    """

    deal_id: str
    moved: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ContactTouched:
    """Something about this contact happened; its deals may have new evidence."""

    contact_id: str


@dataclass(frozen=True, slots=True)
class RecordTouched:
    """Something that hangs on deals changed: a call, a letter, a task. The delivery does not say on
    which; the client's `deals_of_record` (`port.FindsDeals`) does. `record_id` is the adapter's word."""

    record_id: str


@dataclass(frozen=True, slots=True)
class AccountRemoved:
    """The account switched us off: its tokens are void and it is not to be called again.

    `wipes`: its people want everything forgotten that we keep of it. `happened_at` is when the CRM says
    that it happened, None where it does not say.
    """

    wipes: bool = False
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CatalogTouched:
    """Pipelines, fields or users may have changed."""


@dataclass(frozen=True, slots=True)
class Unhandled:
    """A known kind that we have no use for: counted, answered 2xx."""

    kind: str


InboundEvent = DealTouched | ContactTouched | RecordTouched | CatalogTouched | AccountRemoved | Unhandled
