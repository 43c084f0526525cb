"""Sessions, the catalog and an account's choices over HTTP."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from app.crm.errors import AuthExpired, CrmError, PaymentRequired, Rejected, Unsupported
from app.crm.port import Capability
from app.domain.stage import Catalog
from app.errors import CrmTrouble, NotFound
from app.installations.auth import CurrentAdmin, CurrentServices, CurrentViewer
from app.installations.catalog_view import CatalogView, view_catalog
from app.installations.choices import SettingsChange, SettingsView, keep_choices
from app.installations.entry import Entry, enter, renew
from app.installations.services import Services
from app.installations.sessions import issue_session
from app.installations.store import get_installation, load_catalog

router = APIRouter(prefix="/api/v1", tags=["installation"])
SETUP_FAULTS: Mapping[type[CrmError], str] = {
    AuthExpired: "reconnect",
    PaymentRequired: "pay",
    Rejected: "rights_needed",
    Unsupported: "rights_needed",
}
"""What the administrator has to do before a connection can be finished; else he waits."""


class SessionUser(BaseModel):
    """Who looks."""

    id: str
    name: str
    is_admin: bool


class SessionAccount(BaseModel):
    """Where."""

    title: str
    crm: str
    language: str
    timezone: str
    has_lock: bool


class SessionAnswer(BaseModel):
    """A session: send `token` as a bearer token until `expires_at`, and renew it before."""

    token: str
    expires_at: datetime
    user: SessionUser
    account: SessionAccount


@router.post("/session")
async def open_session(
    services: CurrentServices,
    crm: Annotated[str, Query(max_length=32)],
    x_auth_token: Annotated[str, Header(max_length=8192)],
    origin: Annotated[str | None, Header(max_length=512)] = None,
    language: Annotated[str | None, Query(max_length=8)] = None,
    deal_id: Annotated[str, Query(max_length=64, description="The deal whose card is open.")] = "",
) -> SessionAnswer:
    """Exchange the CRM's proof of who looks for a session."""
    return session_answer(services, await enter(services, crm, x_auth_token, origin, language, deal_id))


@router.post("/session/renew")
async def renew_session(services: CurrentServices, viewer: CurrentViewer) -> SessionAnswer:
    """A new session for the same person, with the rights that he has now."""
    entry = await renew(services, viewer.installation_id, viewer.user_id, viewer.language)
    return session_answer(services, entry)


@router.get("/catalog")
async def read_catalog(services: CurrentServices, viewer: CurrentViewer) -> CatalogView:
    """Pipelines, fields and people of the account as last read."""
    found = await services.db.read(lambda conn: load_catalog(conn, viewer.installation_id))
    if found is None:
        raise NotFound("The account has not been read yet. Try again in a minute.", code="catalog_unread")
    return await _shown(services, viewer.installation_id, found)


@router.post("/catalog/refresh")
async def refresh_catalog(services: CurrentServices, viewer: CurrentAdmin) -> CatalogView:
    """Read pipelines, fields and people anew."""
    try:
        found = await services.installer.refresh_catalog(viewer.installation_id)
    except CrmError as error:
        raise CrmTrouble from error
    return await _shown(services, viewer.installation_id, found)


async def _shown(services: Services, installation_id: int, catalog: Catalog) -> CatalogView:
    known = await services.db.read(lambda conn: get_installation(conn, installation_id))
    return view_catalog(catalog, services.adapter(known.crm).unseen)


@router.post("/setup", status_code=204)
async def finish_setup(services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Do now what is left to do after connecting: read the account, subscribe to it, take our places in it.

    Doing it twice changes nothing. The refusal's code is what the administrator has to do: `reconnect`,
    `pay`, `rights_needed`, or `crm_unavailable` for waiting.
    """
    try:
        await services.installer.finish(viewer.installation_id)
    except CrmError as error:
        raise CrmTrouble(code=SETUP_FAULTS.get(type(error), "")) from error


@router.get("/settings")
async def read_settings(services: CurrentServices, viewer: CurrentAdmin) -> SettingsView:
    """What the account chose."""
    known = await services.db.read(lambda conn: get_installation(conn, viewer.installation_id))
    return SettingsView(**known.settings.pack())


@router.patch("/settings")
async def change_account_settings(
    services: CurrentServices, viewer: CurrentAdmin, asked: SettingsChange
) -> SettingsView:
    """Change what the account chose; `writes_off` stops everything that is written to the CRM."""
    tenant, now = viewer.installation_id, services.clock.now()

    def save(conn: Connection) -> SettingsView:
        changed = keep_choices(conn, tenant, asked.changes(), by=viewer.user_id, now=now)
        return SettingsView(**changed.pack())

    return await services.db.write(save)


def session_answer(services: Services, entry: Entry) -> SessionAnswer:
    """A new session of somebody who may look."""
    now = services.clock.now()
    lifetime = timedelta(minutes=services.settings.session_minutes)
    known, viewer = entry.installation, entry.viewer
    return SessionAnswer(
        token=issue_session(services.vault, viewer, now, lifetime),
        expires_at=now + lifetime,
        user=SessionUser(id=viewer.user_id, name=entry.user_name, is_admin=viewer.is_admin),
        account=SessionAccount(
            title=known.title,
            crm=known.crm,
            language=viewer.language,
            timezone=known.settings.timezone,
            has_lock=Capability.NATIVE_LOCK in services.adapter(known.crm).capabilities,
        ),
    )
