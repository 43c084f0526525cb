"""What a delivery means for us: lanes to ring, or a reason to set it aside."""

from dataclasses import dataclass
from datetime import timedelta

from app.crm.errors import DeliveryError, NotFromCrm, NotUnderstood
from app.crm.events import AccountRemoved
from app.crm.port import Account, Delivery, Webhooks
from app.db.lane import AT_ONCE, LaneKey
from app.inbox.patience import patience_of
from app.inbox.receive import QUARANTINED, ROUTED, lanes_of
from app.observability import get_logger

ID_LENGTH = 64
ADAPTER_FAILED = "adapter_failed"
_log = get_logger("door")


@dataclass(frozen=True, slots=True)
class Examined:
    """`state` and `reason` as stored; `body` is the redacted body, empty when it cannot be redacted."""

    state: str
    reason: str
    body: bytes
    lanes: tuple[LaneKey, ...] = ()
    patience: timedelta = AT_ONCE
    removal: AccountRemoved | None = None


def examine(webhooks: Webhooks, delivery: Delivery, account: Account) -> Examined:
    """Authenticate, redact and read the delivery. Raises NotFromCrm; everything else is kept."""
    try:
        webhooks.authenticate(delivery, account)
        body = webhooks.redact(delivery)
        events = webhooks.parse(delivery)
        lanes = lanes_of(account.installation_id, events)
        _check_ids(lanes)
    except NotFromCrm:
        raise
    except DeliveryError as error:
        return Examined(QUARANTINED, error.reason, _redacted(webhooks, delivery))
    except Exception as error:  # noqa: BLE001  a refusal would make the CRM switch its hooks off
        _log.error("delivery not read", reason=ADAPTER_FAILED, exc_info=error)
        return Examined(QUARANTINED, ADAPTER_FAILED, _redacted(webhooks, delivery))
    removal = next((event for event in events if isinstance(event, AccountRemoved)), None)
    return Examined(ROUTED, "", body, lanes, patience_of(events), removal)


def _redacted(webhooks: Webhooks, delivery: Delivery) -> bytes:
    try:
        return webhooks.redact(delivery)
    except Exception:  # noqa: BLE001  what cannot be redacted may hold a secret: its hash has to do
        return b""


def _check_ids(lanes: tuple[LaneKey, ...]) -> None:
    if any(not key.entity_id or len(key.entity_id) > ID_LENGTH or "\0" in key.entity_id for key in lanes):
        raise NotUnderstood
