"""Live tokens: refreshed by exactly one, whoever and however many ask.

A refresh is single-flight by a lease on the row, for all tasks of all processes. The new pair is
on the disk before the database has it, and what a lost answer leaves behind is found out by one
more try. See `credentials.py` for the row and `spool.py` for the disk.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta

from prometheus_client import Counter
from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import AuthExpired, CrmError, NotFound, Unavailable, Unknown
from app.crm.port import CrmAdapter, TokenPair
from app.db.engine import Database
from app.installations.audit import SYSTEM, write_audit
from app.installations.credentials import (
    Credential,
    CredentialKind,
    claim_refresh,
    commit_refresh,
    load_credential,
    release_refresh,
)
from app.installations.spool import SpooledTokens, TokenSpool
from app.installations.store import (
    Installation,
    InstallationState,
    get_installation,
    rename_host,
    set_state,
)
from app.installations.vault import Vault
from app.observability import get_logger

REFRESHES = Counter("stepgate_token_refreshes_total", "Exchanges of refresh tokens", ["result"])
LEASE = timedelta(seconds=40)
"""Longer than the longest call to a token server, with its one repetition."""

WAIT_STEP = 0.1
REFRESH_REFUSED = "refresh_refused"
"""The refresh token is dead; the access token may serve for some hours yet."""

TOKEN_REFUSED = "token_refused"  # noqa: S105  a reason code
"""The CRM takes the access token no more: not one call until an admin connects again."""

log = get_logger("tokens")


def _nothing(_: str) -> None:
    """The crash point of daily life."""


class TokenKeeper:
    """Gives out access tokens of installations. `at` names the points where a test may crash."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        spool: TokenSpool,
        registry: Mapping[str, CrmAdapter],
        clock: Clock,
        at: Callable[[str], None] = _nothing,
    ) -> None:
        self._db, self._vault, self._spool = db, vault, spool
        self._registry, self._clock, self._at = registry, clock, at
        self._owner = uuid.uuid4().hex
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def access_token(self, installation_id: int) -> str:
        """A token that is good now; refreshed when due.

        When a refresh is due but the token server is away, the old token serves while it lasts.
        Raises AuthExpired or another CrmError.
        """
        known, found = await self._load(installation_id)
        if not self._is_due(known, found):
            return found.tokens.access_token
        async with self._locks[installation_id]:
            known, found = await self._load(installation_id)
            if not self._is_due(known, found):
                return found.tokens.access_token
            try:
                return (await self._refresh(known, found, REFRESH_REFUSED)).access_token
            except (Unavailable, AuthExpired):
                if found.tokens.expires_at <= self._clock.now():
                    raise
                return found.tokens.access_token

    async def refused_token(self, installation_id: int, token: str) -> str:
        """Another token after the CRM refused `token`. Raises AuthExpired or another CrmError."""
        async with self._locks[installation_id]:
            known, found = await self._load(installation_id)
            if found.tokens.access_token != token:
                return found.tokens.access_token
            return (await self._refresh(known, found, TOKEN_REFUSED)).access_token

    async def moved(self, installation_id: int, host: str) -> None:
        """The account lives at another host now. Raises NotFound for no installation."""

        def save(conn: Connection) -> None:
            known = get_installation(conn, installation_id)
            if known.host == host:
                return
            rename_host(conn, known.id, host)
            detail = {"from": known.host, "to": host}
            write_audit(
                conn, known.id, actor=SYSTEM, action="host_renamed", now=self._clock.now(), detail=detail
            )

        await self._db.write(save)

    async def recover(self, installation_id: int | None = None) -> int:
        """Put pairs in force that an earlier run could not store; returns how many it tried."""
        entries = await asyncio.to_thread(self._spool.entries, installation_id)
        for entry in entries:
            await self._db.write(lambda conn, entry=entry: self._replay(conn, entry))  # type: ignore[misc]
            await asyncio.to_thread(self._spool.remove, entry.installation_id, entry.version)
            log.warning("tokens recovered", installation_id=entry.installation_id, version=entry.version)
        return len(entries)

    async def _load(self, installation_id: int) -> tuple[Installation, Credential]:
        def read(conn: Connection) -> tuple[Installation, Credential | None]:
            return get_installation(conn, installation_id), load_credential(
                conn, self._vault, installation_id
            )

        known, found = await self._db.read(read)
        is_over = known.state is InstallationState.REAUTH_REQUIRED and known.state_reason != REFRESH_REFUSED
        if found is None or is_over or known.state is InstallationState.DISABLED:
            raise AuthExpired(f"installation {installation_id} has no tokens in force")
        return known, found

    def _is_due(self, known: Installation, found: Credential) -> bool:
        if known.state_reason == REFRESH_REFUSED and found.tokens.expires_at > self._clock.now():
            return False
        if found.kind is CredentialKind.LONG_LIVED:
            return False
        return self._registry[known.crm].oauth.should_refresh(found.tokens, self._clock.now())

    async def _refresh(self, known: Installation, found: Credential, reason: str) -> TokenPair:
        if found.kind is CredentialKind.LONG_LIVED or known.state_reason == REFRESH_REFUSED:
            return await self._give_up(known, found, TOKEN_REFUSED)
        if await self.recover(known.id):
            known, found = await self._load(known.id)
            return found.tokens
        while not await self._claim(found):
            newer = await self._wait_for_other(known.id, found.version)
            if newer:
                return newer
        self._at("refresh_claimed")
        # Whoever asked may be cancelled; an exchange under way must not be, or the new pair is lost.
        return await asyncio.shield(self._exchange_and_keep(known, found, reason))

    async def _claim(self, found: Credential) -> bool:
        return await self._db.write(
            lambda conn: claim_refresh(
                conn, found.installation_id, found.version, self._owner, self._clock.now(), LEASE
            )
        )

    async def _wait_for_other(self, installation_id: int, version: int) -> TokenPair | None:
        """The pair that another process obtains; None after a while, when it may have died."""
        await self._clock.sleep(WAIT_STEP)
        _, found = await self._load(installation_id)
        return found.tokens if found.version != version else None

    async def _exchange_and_keep(self, known: Installation, found: Credential, reason: str) -> TokenPair:
        try:
            fresh = await self._exchange(known, found)
        except AuthExpired:
            return await self._give_up(known, found, reason)
        except CrmError as error:
            REFRESHES.labels("failed").inc()
            is_sent = isinstance(error, Unknown)
            await self._db.write(lambda conn: release_refresh(conn, known.id, self._owner, is_sent=is_sent))
            raise
        self._at("refresh_answered")
        entry = SpooledTokens(known.id, found.version, fresh)
        await asyncio.to_thread(self._spool.put, entry)
        self._at("refresh_spooled")
        await self._db.write(lambda conn: commit_refresh(conn, self._vault, known.id, found.version, fresh))
        self._at("refresh_committed")
        await asyncio.to_thread(self._spool.remove, known.id, found.version)
        REFRESHES.labels("refreshed").inc()
        return fresh

    async def _exchange(self, known: Installation, found: Credential) -> TokenPair:
        """One exchange; repeated once when its answer was lost, or where a renamed account lives now."""
        oauth = self._registry[known.crm].oauth
        try:
            return await oauth.refresh(known.host, found.tokens)
        except Unknown:
            log.warning("refresh unanswered", installation_id=known.id)
            return await oauth.refresh(known.host, found.tokens)
        except (AuthExpired, NotFound):
            host = await self._new_host(known, found.tokens)
            return await oauth.refresh(host, found.tokens)

    async def _new_host(self, known: Installation, tokens: TokenPair) -> str:
        """Where a renamed account lives. Raises AuthExpired when it was not renamed."""
        try:
            host = await self._registry[known.crm].oauth.find_host(known.host, tokens)
        except NotFound:
            host = known.host
        if host == known.host:
            raise AuthExpired("the account was not renamed; its tokens are refused")

        await self.moved(known.id, host)
        return host

    async def _give_up(self, known: Installation, found: Credential, reason: str) -> TokenPair:
        """Newer tokens that somebody stored meanwhile; else an admin has to connect again."""
        now = self._clock.now()

        def save(conn: Connection) -> Credential | None:
            newest = load_credential(conn, self._vault, known.id)
            if newest is None:
                # The account switched us off meanwhile; its state is not ours to overwrite.
                return None
            if newest.version != found.version:
                return newest
            set_state(conn, known.id, InstallationState.REAUTH_REQUIRED, reason)
            release_refresh(conn, known.id, self._owner, is_sent=False)
            write_audit(conn, known.id, actor=SYSTEM, action="reauth_required", now=now, subject=reason)
            return None

        newer = await self._db.write(save)
        if newer:
            return newer.tokens
        REFRESHES.labels("refused").inc()
        log.error("tokens refused", installation_id=known.id, reason=reason)
        raise AuthExpired(f"installation {known.id} has to be connected again")

    def _replay(self, conn: Connection, entry: SpooledTokens) -> bool:
        return commit_refresh(conn, self._vault, entry.installation_id, entry.version, entry.tokens)
