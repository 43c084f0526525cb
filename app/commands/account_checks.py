"""What `stepgate doctor` looks at in each connected account. Every finding says what to do."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.backfill.progress import BackfillState, read_progress
from app.commands.checks import Finding, Health
from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited, Unavailable
from app.frontdoor.status import status_of
from app.installations.credentials import Credential, CredentialKind, load_credential
from app.installations.rate import paused_until
from app.installations.services import Services
from app.installations.store import Installation, InstallationState, list_installations
from app.installations.vault import VaultError

EXPIRES_SOON = timedelta(days=14)


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
    now = services.clock.now()
    return [*found, *await services.db.read(lambda conn: _check_work(conn, known, name, now))]


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
    is_due = services.registry[known.crm].oauth.should_refresh(found.tokens, services.clock.now())
    return _judge_tokens(services, found, subject, is_due=is_due)


def _judge_tokens(services: Services, found: Credential, subject: str, *, is_due: bool) -> Finding:
    now = services.clock.now()
    age = (now - found.tokens.issued_at).total_seconds() / 3600
    if found.kind is CredentialKind.LONG_LIVED and found.tokens.expires_at - now < EXPIRES_SOON:
        day = found.tokens.expires_at.date()
        return Finding(
            subject, Health.WARNING, f"The long-lived token ends on {day}. Run `stepgate install`."
        )
    if found.tokens.expires_at <= now and not is_due:
        return Finding(subject, Health.OK, f"Token of {age:.0f} h ago, renewed with the next call.")
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
    except CrmError as error:
        return await _explain(services, known, subject, error)
    return Finding(subject, Health.OK, f"Answers: {len(catalog.pipelines)} pipelines.")


async def _explain(services: Services, known: Installation, subject: str, error: CrmError) -> Finding:
    """What a CRM's refusal means and what to do about it."""
    until = await services.db.read(lambda conn: paused_until(conn, known.id, services.clock.now()))
    again = f" Stepgate makes no calls until {until:%R} UTC and goes on by itself." if until else ""
    match error:
        case AuthExpired():
            return Finding(
                subject, Health.FAILURE, "The CRM refuses our token. An administrator has to connect again."
            )
        case Blocked():
            sentence = "The CRM has shut Stepgate out. Write to its support if it stays so." + again
            return Finding(subject, Health.FAILURE, sentence)
        case PaymentRequired():
            return Finding(subject, Health.FAILURE, "The account has to be paid first; then it goes on.")
        case RateLimited():
            sentence = "The CRM asked for a pause. Nothing is lost." + (again or " Look again in a minute.")
            return Finding(subject, Health.WARNING, sentence)
    sentence = f"The CRM does not answer as it should ({type(error).__name__})."
    return Finding(subject, Health.FAILURE, sentence + (again or " Look again in a minute."))


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


def _check_work(conn: Connection, known: Installation, name: str, now: datetime) -> list[Finding]:
    found = []
    progress = read_progress(conn, known.id)
    if progress and progress.state is BackfillState.FAILED:
        found.append(
            Finding(f"{name}: past", Health.WARNING, "Was not read to the end. Run `stepgate backfill`.")
        )
    status = status_of(conn, known.id, "en", now)
    if status.broken_rules:
        number = len(status.broken_rules)
        sentence = (
            f"The mapping names what the CRM no longer has, in {number} places; gates that need it only "
            "warn. Correct it in Stepgate's settings and publish it."
        )
        found.append(Finding(f"{name}: mapping", Health.WARNING, sentence))
    for each in status.leaking_locks:
        stage = f"“{each.stage_title}”"
        whose = f" {each.by or 'Somebody'} moved deal {each.deal_id} there." if each.deal_id else ""
        sentence = f"The CRM's lock on {stage} lets sellers through.{whose} See `stepgate lock show`."
        found.append(Finding(f"{name}: lock", Health.WARNING, sentence))
    parked = status.parked
    if parked:
        sentence = f"{parked} were set aside because work on them failed. See `stepgate lanes list`."
        found.append(Finding(f"{name}: deals", Health.WARNING, sentence))
    if known.settings.writes_off:
        found.append(
            Finding(
                f"{name}: writes", Health.WARNING, "Writing to the CRM is switched off: `stepgate writes on`."
            )
        )
    return found
