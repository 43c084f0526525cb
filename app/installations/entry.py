"""From the CRM's proof of who looks to a session of ours."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import Connection

from app.crm.errors import CrmError
from app.crm.port import Capability, CrmAdapter, Viewer
from app.db.tables import seen_token
from app.db.upsert import insert_into
from app.domain.stage import Catalog, User
from app.errors import Unauthorized
from app.installations.audit import SYSTEM, write_audit
from app.installations.credentials import load_credential
from app.installations.services import Services
from app.installations.sessions import SessionViewer
from app.installations.store import (
    LANGUAGES,
    Installation,
    InstallationState,
    find_installation,
    get_installation,
    load_catalog,
    rename_host,
)
from app.observability import get_logger

REUSED = Counter("stepgate_session_token_reused_total", "Proofs of identity seen a second time")
RIGHTS_LAST = timedelta(minutes=15)
"""How old the list of users may be when it decides who is an administrator."""

UNKNOWN_USER_PAUSE = timedelta(seconds=30)
PATIENCE = 3.0
"""Seconds that somebody who opens a page waits for a fresh list of users."""

_READING: set[asyncio.Task[Catalog]] = set()
log = get_logger("entry")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who may look, and where."""

    installation: Installation
    viewer: SessionViewer
    user_name: str


async def enter(
    services: Services, crm: str, token: str, origin: str | None, language: str | None, deal_id: str = ""
) -> Entry:
    """Check the CRM's proof and say who looks. Raises Unauthorized or NotFound with a code, CrmError.

    `deal_id` is the deal whose page is opened, for a CRM that can only be asked with that proof
    whether the person may read it.
    """
    adapter = services.adapter(crm)
    now = services.clock.now()
    viewer = await adapter.widget.verify(token, now, deal_id)
    known = await services.db.read(lambda conn: find_installation(conn, crm, viewer.external_id))
    if known is None or known.state is InstallationState.DISABLED:
        raise Unauthorized("Stepgate is not connected to this account.", code="installation_unknown")
    known = await _same_host(services, adapter, known, viewer)
    # Our own page asks too, where it proves its viewer itself.
    allowed = (services.settings.public_url, *adapter.widget.embed_origins(known.host))
    if origin and origin not in allowed:
        raise Unauthorized("This page belongs to another account.", code="origin_mismatch")
    await _note_use(services, known, viewer)
    if viewer.is_admin is not None:
        return _proven(known, viewer, language)
    return await _listed(services, known, viewer.user_id, language)


async def renew(services: Services, installation_id: int, user_id: str, language: str | None) -> Entry:
    """The same person with the rights that he has now. Raises Unauthorized for one who has left, and
    where only a fresh proof of the CRM can tell those rights.
    """
    known = await services.db.read(lambda conn: get_installation(conn, installation_id))
    if Capability.RIGHTS_IN_PROOF in services.adapter(known.crm).capabilities:
        raise Unauthorized("Reload the page.", code="proof_needed")
    return await _listed(services, known, user_id, language)


def _proven(known: Installation, viewer: Viewer, language: str | None) -> Entry:
    chosen = language if language in LANGUAGES else known.settings.language
    is_admin = bool(viewer.is_admin)
    session = SessionViewer(known.id, viewer.user_id, is_admin, chosen, viewer.deal_id)
    return Entry(known, session, viewer.name)


async def _listed(services: Services, known: Installation, user_id: str, language: str | None) -> Entry:
    user = await _user(services, known, user_id)
    if user and not user.is_active:
        raise Unauthorized("This person no longer works in the account.", code="user_inactive")
    chosen = language if language in LANGUAGES else known.settings.language
    viewer = SessionViewer(known.id, user_id, is_admin=bool(user and user.is_admin), language=chosen)
    return Entry(known, viewer, user.name if user else "")


async def _same_host(
    services: Services, adapter: CrmAdapter, known: Installation, viewer: Viewer
) -> Installation:
    """The installation at the viewer's host; a renamed account is believed only when the CRM says so."""
    if viewer.host == known.host:
        return known
    if Capability.RIGHTS_IN_PROOF in adapter.capabilities:
        # The CRM itself was asked a moment ago, and named that host.
        await services.keeper.moved(known.id, viewer.host)
        return replace(known, host=viewer.host)
    found = await services.db.read(lambda conn: load_credential(conn, services.vault, known.id))
    try:
        host = await adapter.oauth.find_host(known.host, found.tokens) if found else known.host
    except CrmError:
        host = known.host
    if host != viewer.host:
        raise Unauthorized("This page belongs to another account.", code="host_mismatch")

    def save(conn: Connection) -> Installation:
        rename_host(conn, known.id, host)
        detail = {"from": known.host, "to": host}
        write_audit(
            conn, known.id, actor=SYSTEM, action="host_renamed", now=services.clock.now(), detail=detail
        )
        return get_installation(conn, known.id)

    return await services.db.write(save)


async def _note_use(services: Services, known: Installation, viewer: Viewer) -> None:
    """Whether a CRM gives a fresh proof for every call is not promised: by default only counted."""
    is_first = await services.db.write(lambda conn: _see(conn, known.id, viewer))
    if is_first:
        return
    REUSED.inc()
    log.info("proof of identity reused", installation_id=known.id)
    if services.settings.strict_session_tokens:
        raise Unauthorized("Reload the page.", code="token_reused")


def _see(conn: Connection, installation_id: int, viewer: Viewer) -> bool:
    row = {
        "installation_id": installation_id,
        "token_id": viewer.token_id[:128],
        "expires_at": viewer.expires_at,
    }
    done = conn.execute(insert_into(conn, seen_token).values(row).on_conflict_do_nothing())
    return done.rowcount == 1


async def _user(services: Services, known: Installation, user_id: str) -> User | None:
    """The person as the CRM lists him, read anew when our list is old or does not know him."""
    catalog = await services.db.read(lambda conn: load_catalog(conn, known.id))
    user = _find(catalog.users if catalog else (), user_id)
    allowed = RIGHTS_LAST if user else UNKNOWN_USER_PAUSE
    if known.is_active and _is_older(known.catalog_read_at, services.clock.now(), allowed):
        fresh = await _read_people(services, known.id)
        user = _find(fresh.users, user_id) if fresh else user
    return user


async def _read_people(services: Services, installation_id: int) -> Catalog | None:
    """The catalog read anew; None when the CRM is slow or away, so that nobody waits for it.

    A slow reading goes on by itself and serves whoever comes next.
    """
    reading = asyncio.create_task(services.installer.refresh_catalog(installation_id))
    _READING.add(reading)
    reading.add_done_callback(_READING.discard)
    done, _ = await asyncio.wait({reading}, timeout=PATIENCE)
    if not done:
        reading.add_done_callback(_note_failure)
        return None
    try:
        return reading.result()
    except CrmError:
        return None


def _note_failure(reading: asyncio.Task[Catalog]) -> None:
    error = None if reading.cancelled() else reading.exception()
    if error:
        log.warning("people not read", error_type=type(error).__name__)


def _find(users: Sequence[User], user_id: str) -> User | None:
    return next((user for user in users if user.id == user_id), None)


def _is_older(moment: datetime | None, now: datetime, allowed: timedelta) -> bool:
    return moment is None or now - moment > allowed
