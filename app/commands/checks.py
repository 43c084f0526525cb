"""What `stepgate doctor` looks at. Every finding says what to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db.schema import current_revision, head_revision
from app.errors import StepgateError
from app.installations.services import Services

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Health(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: what at, how it is, and what to do."""

    subject: str
    health: Health
    sentence: str


def check_settings(settings: Settings) -> list[Finding]:
    """What can be said without opening anything."""
    parts = urlsplit(settings.public_url)
    found = [Finding("configuration", Health.OK, f"Read. Stepgate is reached at {settings.public_url}.")]
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        found.append(
            Finding(
                "public address",
                Health.WARNING,
                "Plain http: CRMs call https only. Put a proxy with a certificate in front and set "
                "STEPGATE_PUBLIC_URL to its https address.",
            )
        )
    if settings.metrics_token is None and parts.hostname not in LOOPBACK:
        found.append(
            Finding(
                "metrics",
                Health.WARNING,
                "STEPGATE_METRICS_TOKEN is not set: /metrics answers this machine only, and a proxy on it "
                "that adds no forwarding headers would open it to everybody. Set any long random text.",
            )
        )
    if settings.sandbox_origins:
        origins = ", ".join(settings.sandbox_origins)
        found.append(
            Finding(
                "sandbox",
                Health.WARNING,
                f"These origins may act as CRMs: {origins}. Remove STEPGATE_SANDBOX_ORIGINS where real "
                "accounts are connected.",
            )
        )
    return found


async def check_database(services: Services) -> Finding:
    """Whether the database answers and has this version's schema."""
    try:
        revision = await services.db.read(current_revision)
    except (SQLAlchemyError, OSError, StepgateError) as error:
        return Finding(
            "database",
            Health.FAILURE,
            f"Cannot be opened ({type(error).__name__}). Check STEPGATE_DATABASE_URL and that it runs.",
        )
    if revision != head_revision():
        return Finding("database", Health.FAILURE, "Has another version's schema. Run `stepgate migrate`.")
    return Finding("database", Health.OK, f"{services.db.dialect}, schema {revision}.")


def check_keys(unset: Mapping[str, Collection[str]], used: Collection[str]) -> list[Finding]:
    """Whether the CRMs' own keys are there. `unset` are the empty variables by CRM, `used` the CRMs
    with a connected account.
    """
    found = [
        Finding(
            f"{crm}: keys",
            Health.FAILURE,
            f"{' and '.join(names)}: not set. Nobody can open a card, and tokens are not renewed. Copy them "
            "from the integration's card in the CRM.",
        )
        for crm, names in unset.items()
        if names and crm in used
    ]
    if unset and all(unset.values()) and not found:
        names = "; or ".join(" and ".join(each) for each in unset.values())
        found.append(Finding("keys", Health.WARNING, f"No CRM's keys are set yet. Set {names}."))
    return found
