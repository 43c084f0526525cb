"""What connected accounts need from time to time: tokens, subscriptions, catalogs, a second chance."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import AuthExpired, CrmError
from app.crm.port import CrmClient
from app.db.engine import Database
from app.db.lane import retry_now
from app.installations.audit import SYSTEM, write_audit
from app.installations.hook_state import HookState, hook_state
from app.installations.install import Installer
from app.installations.rate import paused_until
from app.installations.removal import is_to_be_wiped
from app.installations.store import (
    Installation,
    InstallationState,
    list_installations,
    pause_installation,
    resume_installation,
)
from app.installations.tokens import TokenKeeper
from app.observability import get_logger

HOOKS_EVERY = timedelta(hours=24)
HOOKS_AGAIN = timedelta(minutes=10)
CATALOG_EVERY = timedelta(hours=1)
CHANCE_FIRST, CHANCE_MOST = timedelta(minutes=1), timedelta(hours=1)
"""How long after a pause the CRM is asked whether it serves us again; twice as long each time."""

log = get_logger("care")


@dataclass(frozen=True, slots=True)
class _Patient:
    known: Installation
    hooks: HookState | None


class Care:
    """Tends all accounts, one after the other; call `tend` every minute or so."""

    def __init__(
        self,
        db: Database,
        keeper: TokenKeeper,
        installer: Installer,
        open_client: Callable[[int], Awaitable[CrmClient]],
        clock: Clock,
        forget: Callable[[int], Awaitable[object]] | None = None,
    ) -> None:
        """`forget` deletes all that is kept of an account whose people want that."""
        self._forget = forget
        self._db, self._keeper, self._installer = db, keeper, installer
        self._open_client, self._clock = open_client, clock
        self._chances: dict[int, tuple[datetime, timedelta]] = {}

    async def tend(self) -> None:
        """Do what is due. An account's trouble is logged and is not the others'."""
        await self._keeper.recover()
        for patient in await self._db.read(_patients):
            try:
                await self._tend_one(patient)
            except CrmError as error:
                log.warning("care failed", installation_id=patient.known.id, reason=type(error).__name__)

    async def pause(self, installation_id: int, state: InstallationState, reason: str) -> None:
        """An account cannot be served until somebody acts; said once, with its reason."""
        now = self._clock.now()

        def save(conn: Connection) -> bool:
            is_news = pause_installation(conn, installation_id, state, reason)
            if is_news:
                write_audit(conn, installation_id, actor=SYSTEM, action=state.value, now=now, subject=reason)
            return is_news

        if await self._db.write(save):
            log.error("installation paused", installation_id=installation_id, reason=reason)

    async def _tend_one(self, patient: _Patient) -> None:
        known = patient.known
        if is_to_be_wiped(known) and self._forget:
            await self._forget(known.id)
            log.info("account forgotten", installation_id=known.id)
            return
        if known.state is InstallationState.PAUSED:
            await self._give_second_chance(known)
            return
        self._chances.pop(known.id, None)
        if known.is_active:
            await self._keeper.access_token(known.id)
            if self._is_older(known.catalog_read_at, CATALOG_EVERY):
                await self._installer.refresh_catalog(known.id)
            if self._are_hooks_due(patient.hooks):
                await self._installer.ensure_hooks(known.id)

    async def _give_second_chance(self, known: Installation) -> None:
        """A paused account is asked now and then whether it serves us again, ever less often."""
        now = self._clock.now()
        due_at, wait = self._chances.get(known.id, (now, CHANCE_FIRST))
        is_paused = await self._db.read(lambda conn: paused_until(conn, known.id, now) is not None)
        if now < due_at or is_paused:
            return
        self._chances[known.id] = now + wait, min(wait * 2, CHANCE_MOST)
        client = await self._open_client(known.id)
        try:
            await client.get_catalog()
        except AuthExpired:
            # The keeper has found out more than that the account is paused.
            return
        if await self._db.write(lambda conn: _resume(conn, known.id, self._clock.now())):
            log.info("installation resumed", installation_id=known.id)

    def _are_hooks_due(self, hooks: HookState | None) -> bool:
        if hooks is None:
            return True
        return self._is_older(hooks.checked_at, HOOKS_AGAIN if hooks.reason else HOOKS_EVERY)

    def _is_older(self, moment: datetime | None, allowed: timedelta) -> bool:
        return moment is None or self._clock.now() - moment >= allowed


def _patients(conn: Connection) -> list[_Patient]:
    return [_Patient(known, hook_state(conn, known.id)) for known in list_installations(conn)]


def _resume(conn: Connection, installation_id: int, now: datetime) -> bool:
    """The account is served again, and what waited for that goes on at once."""
    is_resumed = resume_installation(conn, installation_id)
    if is_resumed:
        retry_now(conn, installation_id, now)
    return is_resumed
