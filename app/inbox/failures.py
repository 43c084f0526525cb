"""What a failure means for the lane that met it."""

from dataclasses import dataclass
from datetime import timedelta

from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited, Unavailable
from app.domain.backoff import retry_after
from app.installations.store import InstallationState

MOST_TRIES = 5
"""Runs in a row that failed for no reason that waiting cures; then the lane is parked."""

PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Later:
    """Try again after `delay`; the failure is the CRM's and passes."""

    delay: timedelta
    error: str


@dataclass(frozen=True, slots=True)
class Pause:
    """No call for this installation makes sense until somebody acts."""

    state: InstallationState
    error: str


@dataclass(frozen=True, slots=True)
class Park:
    """Set this lane aside for a person; others go on."""

    error: str


Decision = Later | Pause | Park


def classify(error: Exception, tries: int, luck: float) -> Decision:
    """What to do about `error` after `tries` earlier failures of the lane; `luck` is in [0, 1)."""
    match error:
        case RateLimited():
            return Later(retry_after(tries + 1, luck, told=error.retry_after), "rate_limited")
        case Unavailable():
            return Later(retry_after(tries + 1, luck), "crm_unavailable")
        case AuthExpired():
            return Pause(InstallationState.REAUTH_REQUIRED, "auth_expired")
        case PaymentRequired():
            return Pause(InstallationState.PAUSED, "payment_required")
        case Blocked():
            return Pause(InstallationState.PAUSED, "blocked")
    code = "crm_refused" if isinstance(error, CrmError) else type(error).__name__
    if tries + 1 >= MOST_TRIES:
        return Park(code)
    return Later(retry_after(tries + 1, luck), code)
