"""Connecting an account, and what has to be done after it.

The consent itself is one transaction. Everything after it needs the CRM and may fail; it is
repeated by the hourly care until it is done, and doing it twice changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import CrmError
from app.crm.port import CrmAdapter, CrmClient, Grant
from app.db.engine import Database
from app.db.lane import retry_now
from app.domain.stage import Catalog
from app.installations.audit import write_audit
from app.installations.credentials import hook_secret_of, save_first_tokens, save_hook_secret
from app.installations.hook_keys import ensure_hook_key, hook_key_of, hook_url
from app.installations.hook_state import drop_hook_state, save_hook_state
from app.installations.removal import remove_account
from app.installations.store import (
    Installation,
    find_installation,
    get_installation,
    load_catalog,
    save_catalog,
    save_grant,
)
from app.installations.vault import Vault
from app.observability import get_logger

AfterInstall = Callable[[Connection, Installation, Catalog, datetime], None]
log = get_logger("install")


@dataclass(frozen=True, slots=True)
class Installed:
    """The outcome of a consent."""

    installation: Installation
    is_new: bool


class Installer:
    """Connects and disconnects accounts.

    `first_steps` run in one transaction when the catalog is there for the first time: they propose
    a mapping and ask for the past to be read.
    """

    def __init__(
        self,
        db: Database,
        vault: Vault,
        registry: Mapping[str, CrmAdapter],
        open_client: Callable[[int], Awaitable[CrmClient]],
        clock: Clock,
        public_url: str,
        first_steps: Sequence[AfterInstall] = (),
    ) -> None:
        self._db, self._vault, self._registry = db, vault, registry
        self._open_client, self._clock = open_client, clock
        self._public_url, self._first_steps = public_url, first_steps
        self._settling: set[asyncio.Task[bool]] = set()

    async def by_consent(
        self, crm: str, params: Mapping[str, str], patience: float | None = None
    ) -> Installed:
        """Connect by the redirect of a consent. Raises BadRequest, Unauthorized, CrmError.

        What has to be done after it is waited for, with `patience` no longer than so many seconds: the
        rest is done by itself.
        """
        return await self._install(crm, await self._registry[crm].oauth.grant(params), "consent", patience)

    async def by_token(self, crm: str, host: str, token: str) -> Installed:
        """Connect by a long-lived token. Raises BadRequest, AuthExpired, CrmError."""
        return await self._install(crm, await self._registry[crm].oauth.adopt(host, token), "token")

    async def remove(self, crm: str, params: Mapping[str, str]) -> bool:
        """The account switched Stepgate off: forget its tokens now. Raises NotFromCrm."""
        external_id = self._registry[crm].oauth.verify_removal(params)
        now = self._clock.now()
        return await self._db.write(lambda conn: _remove(conn, crm, external_id, now))

    async def keep_hook_secret(self, installation_id: int, secret: str) -> None:
        """Hooks prove themselves with another secret from now on; an empty one changes nothing."""

        def save(conn: Connection) -> None:
            if secret and hook_secret_of(conn, self._vault, installation_id) != secret:
                save_hook_secret(conn, self._vault, installation_id, secret)

        await self._db.write(save)

    async def settle(self, installation_id: int) -> bool:
        """Do what is left to do after a consent; False when the CRM did not let us finish."""
        try:
            catalog = await self.finish(installation_id)
        except CrmError as error:
            log.warning("install unfinished", installation_id=installation_id, reason=type(error).__name__)
            return False
        return bool(catalog.pipelines)

    async def finish(self, installation_id: int) -> Catalog:
        """The same, for somebody who waits and wants to know what was in the way. Raises CrmError."""
        catalog = await self.refresh_catalog(installation_id)
        await self.ensure_hooks(installation_id)
        return catalog

    async def refresh_catalog(self, installation_id: int) -> Catalog:
        """Read pipelines, fields and users anew. Raises CrmError."""
        client = await self._open_client(installation_id)
        catalog = await client.get_catalog()
        await self._db.write(lambda conn: self._keep_catalog(conn, installation_id, catalog))
        return catalog

    async def ensure_hooks(self, installation_id: int) -> bool:
        """Have the CRM call us; True when that had to be changed. Raises CrmError."""
        url = await self._db.read(lambda conn: self.hook_address(conn, installation_id))
        client = await self._open_client(installation_id)
        try:
            is_changed = await client.ensure_hooks(url)
        except CrmError as error:
            reason = type(error).__name__
            await self._db.write(
                lambda conn: save_hook_state(conn, installation_id, reason, self._clock.now())
            )
            raise
        await self._db.write(lambda conn: save_hook_state(conn, installation_id, "", self._clock.now()))
        return is_changed

    def hook_address(self, conn: Connection, installation_id: int) -> str:
        """The address that the CRM has to call. Raises NotFound."""
        known = get_installation(conn, installation_id)
        return hook_url(self._public_url, known.crm, hook_key_of(conn, self._vault, installation_id) or "")

    async def _install(self, crm: str, grant: Grant, way: str, patience: float | None = None) -> Installed:
        installed = await self._db.write(lambda conn: self._save(conn, crm, grant, way))
        log.info("installed", installation_id=installed.installation.id, crm=crm, kind=way)
        settling = asyncio.create_task(self.settle(installed.installation.id))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)
        done, _ = await asyncio.wait({settling}, timeout=patience)
        for each in done:
            each.result()
        return installed

    def _save(self, conn: Connection, crm: str, grant: Grant, way: str) -> Installed:
        now = self._clock.now()
        known = find_installation(conn, crm, grant.external_id)
        if known and known.is_active and _is_lesser(conn, known, grant):
            return Installed(known, is_new=False)
        saved, is_new = save_grant(conn, crm, grant, now)
        if known and not known.is_active:
            drop_hook_state(conn, saved.id)
        save_first_tokens(conn, self._vault, saved.id, grant.tokens)
        save_hook_secret(conn, self._vault, saved.id, grant.hook_secret)
        ensure_hook_key(conn, self._vault, saved.id, now)
        retry_now(conn, saved.id, now)
        action = "installed" if is_new else "reinstalled"
        write_audit(conn, saved.id, actor=grant.user_id, action=action, now=now, detail={"way": way})
        return Installed(saved, is_new)

    def _keep_catalog(self, conn: Connection, installation_id: int, catalog: Catalog) -> None:
        now = self._clock.now()
        is_first = load_catalog(conn, installation_id) is None
        save_catalog(conn, installation_id, catalog, now)
        if is_first:
            known = get_installation(conn, installation_id)
            for step in self._first_steps:
                step(conn, known, catalog, now)


def _is_lesser(conn: Connection, known: Installation, grant: Grant) -> bool:
    """True when an ordinary user consents after an admin: his token would see less."""
    catalog = load_catalog(conn, known.id)
    if catalog is None or not grant.user_id or grant.is_admin:
        return False
    user = next((user for user in catalog.users if user.id == grant.user_id), None)
    return user is not None and not user.is_admin


def _remove(conn: Connection, crm: str, external_id: str, now: datetime) -> bool:
    known = find_installation(conn, crm, external_id)
    return known is not None and remove_account(conn, known.id, now)
