"""What can go wrong with a CRM, split by what the caller can do next.

CrmError
├── Unavailable      not reachable, 5xx, nonsense for an answer: try again later
│   └── Unknown      a write was sent and its answer lost: read back before anything else
├── RateLimited      too many calls: wait `retry_after` seconds
├── Blocked          the CRM shut us out as a whole: stop, tell the operator
├── AuthExpired      the token is not accepted: refresh, then ask for a new consent
├── PaymentRequired  the account is not paid: only reads, or nothing
├── NotFound         the record is gone
├── Rejected         the CRM understood and refused: `vendor_text` says why
│   ├── FieldRequired  a field of the deal has to be filled first
│   └── NoRight        whoever asks may not do this
└── Unsupported      this CRM, plan or right cannot do it

DeliveryError
├── NotFromCrm       not authentic: nothing of it is kept
├── WrongAccount     authentic path, but another account in the body: quarantined
└── NotUnderstood    kept in quarantine, answered 2xx
"""


class CrmError(Exception):
    """A call to the CRM did not give what was asked."""


class Unavailable(CrmError):
    """Not reachable, a 5xx, or nonsense for an answer; nothing was changed."""


class Unknown(Unavailable):
    """A write was sent and its answer lost: it may or may not have happened."""


class RateLimited(CrmError):
    """Too many calls. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many calls, retry after {retry_after:.0f} s")
        self.retry_after = retry_after


class Blocked(CrmError):
    """The CRM refuses every call of ours until an operator acts."""


class AuthExpired(CrmError):
    """The access token is not accepted."""


class PaymentRequired(CrmError):
    """The account is not paid."""


class NotFound(CrmError):
    """The record does not exist, or no longer."""


class Rejected(CrmError):
    """The CRM understood and refused. `vendor_text` never leaves the attempt log."""

    def __init__(self, vendor_text: str) -> None:
        super().__init__("the CRM refused the call")
        self.vendor_text = vendor_text


class FieldRequired(Rejected):
    """A field of the deal has to be filled first; `field` is its name, empty where the CRM tells none."""

    def __init__(self, vendor_text: str, field: str = "") -> None:
        super().__init__(vendor_text)
        self.field = field


class NoRight(Rejected):
    """Whoever asks may not do this to the deal."""


class Unsupported(CrmError):
    """This CRM, plan or right cannot do it."""


class DeliveryError(Exception):
    """A delivery that is not processed. `reason` is a stable code."""

    reason = "delivery"


class NotFromCrm(DeliveryError):
    """The delivery is not authentic."""

    reason = "not_from_crm"


class WrongAccount(DeliveryError):
    """The delivery names another account than the one that the address belongs to."""

    reason = "wrong_account"


class NotUnderstood(DeliveryError):
    """The delivery cannot be read."""

    reason = "not_understood"
