"""What `stepgate doctor` looks at. Every finding says what to do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.backfill.progress import BackfillState, read_progress
from app.config import Settings
from app.crm.errors import AuthExpired, CrmError, RateLimited, Unavailable
from app.db.lane import parked_lanes
from app.db.schema import current_revision, head_revision
from app.errors import StepgateError
from app.installations.credentials import Credential, CredentialKind, load_credential
from app.installations.services import Services
from app.installations.store import Installation, InstallationState, list_installations
from app.installations.vault import VaultError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EXPIRES_SOON = timedelta(days=14)


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


async def check_accounts(services: Services) -> AsyncIterator[Finding]:
    """Every connected account: tokens, the CRM, its calls to us, what waits for a person."""
    accounts = await services.db.read(list_installations)
    if not accounts:
        yield Finding(
            "accounts",
            Health.WARNING,
            "None is connected. Install Stepgate in the CRM, or run `stepgate install`.",
        )
    for known in accounts:
        for finding in await _check_account(services, known):
            yield finding


async def _check_account(services: Services, known: Installation) -> list[Finding]:
    name = f"{known.title or known.external_id} ({known.host})"
    if known.state is InstallationState.DISABLED:
        return [
            Finding(name, Health.WARNING, "Was switched off in the CRM. Install it there again to use it.")
        ]
    if known.crm not in services.registry:
        return [Finding(name, Health.FAILURE, f"Belongs to a CRM that is not set up here: {known.crm}.")]
    tokens = await _check_tokens(services, known, name)
    found = [tokens]
    if tokens.health is not Health.FAILURE:
        found.append(await _check_crm(services, known, name))
        found.append(await _check_hooks(services, known, name))
    return [*found, *await services.db.read(lambda conn: _check_work(conn, known, name))]


async def _check_tokens(services: Services, known: Installation, name: str) -> Finding:
    subject = f"{name}: access"
    if known.state is InstallationState.REAUTH_REQUIRED:
        reason = "The CRM takes our tokens no more. An administrator has to connect Stepgate again."
        return Finding(subject, Health.FAILURE, reason)
    try:
        found = await services.db.read(lambda conn: load_credential(conn, services.vault, known.id))
    except VaultError:
        return Finding(
            subject,
            Health.FAILURE,
            "No key in STEPGATE_SECRET_KEYS opens the tokens. Put the old key back, or connect again.",
        )
    if found is None:
        return Finding(subject, Health.FAILURE, "There are no tokens. Connect the account again.")
    return _judge_tokens(services, found, subject)


def _judge_tokens(services: Services, found: Credential, subject: str) -> Finding:
    now = services.clock.now()
    age = (now - found.tokens.issued_at).total_seconds() / 3600
    if found.kind is CredentialKind.LONG_LIVED and found.tokens.expires_at - now < EXPIRES_SOON:
        day = found.tokens.expires_at.date()
        return Finding(
            subject, Health.WARNING, f"The long-lived token ends on {day}. Run `stepgate install`."
        )
    if found.tokens.expires_at <= now:
        return Finding(
            subject,
            Health.WARNING,
            "The token has expired and was not renewed. Is `stepgate serve` or `stepgate worker` running?",
        )
    return Finding(
        subject, Health.OK, f"Token of {age:.0f} h ago, good until {found.tokens.expires_at:%F %R} UTC."
    )


async def _check_crm(services: Services, known: Installation, name: str) -> Finding:
    subject = f"{name}: CRM"
    try:
        catalog = await services.installer.refresh_catalog(known.id)
    except AuthExpired:
        return Finding(
            subject, Health.FAILURE, "The CRM refuses our token. An administrator has to connect again."
        )
    except CrmError as error:
        return Finding(
            subject, Health.FAILURE, f"Does not serve us ({type(error).__name__}). Try again in a minute."
        )
    return Finding(subject, Health.OK, f"Answers: {len(catalog.pipelines)} pipelines.")


async def _check_hooks(services: Services, known: Installation, name: str) -> Finding:
    subject = f"{name}: webhooks"
    try:
        was_missing = await services.installer.ensure_hooks(known.id)
    except (RateLimited, Unavailable) as error:
        return Finding(
            subject,
            Health.WARNING,
            f"Could not be looked at ({type(error).__name__}): the CRM does not serve us just now. Nothing "
            "is lost; run this again in some minutes.",
        )
    except CrmError as error:
        return Finding(
            subject,
            Health.FAILURE,
            f"Could not be subscribed ({type(error).__name__}). The CRM's plan may not include webhooks; "
            "changes are then seen by polling, some minutes later.",
        )
    if was_missing:
        return Finding(subject, Health.WARNING, "The subscription was missing or switched off; it is back.")
    return Finding(subject, Health.OK, "Subscribed.")


def _check_work(conn: Connection, known: Installation, name: str) -> list[Finding]:
    found = []
    progress = read_progress(conn, known.id)
    if progress and progress.state is BackfillState.FAILED:
        found.append(
            Finding(f"{name}: past", Health.WARNING, "Was not read to the end. Run `stepgate backfill`.")
        )
    parked = len(parked_lanes(conn, known.id))
    if parked:
        sentence = f"{parked} deals could not be worked on and were set aside. The log says why."
        found.append(Finding(f"{name}: deals", Health.WARNING, sentence))
    if known.settings.writes_off:
        found.append(Finding(f"{name}: writes", Health.WARNING, "Writing to the CRM is switched off."))
    return found
