"""A small CRM account for tests of installs, tokens and sessions: strict rotation, countable calls."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.crm.errors import AuthExpired, CrmError, NotFromCrm, NotUnderstood, RateLimited
from app.crm.port import (
    Account,
    Applied,
    CrmAdapter,
    CrmClient,
    DealLog,
    Delivery,
    Grant,
    Page,
    Session,
    TokenPair,
    Viewer,
)
from app.domain.deal import Deal
from app.domain.stage import Catalog, Pipeline, Stage, StageKind, StageRef, User
from app.domain.writeback import Command
from app.errors import BadRequest, Unauthorized
from tests.factories import NOW

LIFE = timedelta(hours=24)
HOST = "first.crm.test"
ADMIN, MANAGER = "11", "12"


def catalog() -> Catalog:
    """One pipeline, an administrator and a manager."""
    stages = (
        Stage(StageRef("7", "71"), "Первичный контакт", StageKind.OPEN, 1),
        Stage(StageRef("7", "72"), "КП отправлено", StageKind.OPEN, 2),
        Stage(StageRef("7", "142"), "Успешно реализовано", StageKind.WON, 3),
    )
    users = (User(ADMIN, "Анна", is_admin=True), User(MANAGER, "Борис"))
    return Catalog((Pipeline("7", "Продажи", stages, is_main=True),), users)


@dataclass
class Portal:
    """The account's side: codes, the one refresh token in force, and what was asked of it."""

    host: str = HOST
    external_id: str = "1001"
    now: datetime = NOW
    catalog: Catalog = field(default_factory=catalog)
    number: int = 0
    refreshes: int = 0
    codes: set[str] = field(default_factory=lambda: {"code-1", "code-2"})
    faults: list[CrmError] = field(default_factory=list)
    is_revoked: bool = False
    takes_seconds: float = 0.0
    asked: asyncio.Event | None = None
    answers: asyncio.Event | None = None
    hooks: list[str] = field(default_factory=list)
    hook_fault: CrmError | None = None
    catalog_reads: int = 0
    catalog_tries: int = 0
    catalog_fault: CrmError | None = None
    grantor: str = ADMIN
    live: str = ""
    closed: int = 0
    pause: float = 0
    moved_to: str = ""

    def issue(self) -> TokenPair:
        """A fresh pair; the one before is void."""
        self.number += 1
        self.live = f"refresh-{self.number}"
        return TokenPair(f"access-{self.number}", self.live, self.now, self.now + LIFE)

    async def grant(self, params: Mapping[str, str]) -> Grant:
        """Codes are good once, and only from the account's own host."""
        if params.get("referer") != self.host:
            raise BadRequest("This is no host of ours.", code="host_unknown")
        if params.get("code") not in self.codes:
            raise AuthExpired("the code was used")
        self.codes.discard(params["code"])
        if self.grantor != ADMIN:
            lesser = TokenPair("lesser", "lesser", self.now, self.now + LIFE)
            return Grant(self.external_id, self.host, "Первый", self.grantor, lesser)
        return Grant(self.external_id, self.host, "Первый", self.grantor, self.issue())

    async def adopt(self, host: str, token: str) -> Grant:
        """A long-lived token."""
        if token != "long-lived":
            raise AuthExpired("not a token of this account")
        pair = TokenPair(token, "", self.now, self.now + timedelta(days=365))
        return Grant(self.external_id, host, "Первый", self.grantor, pair)

    async def refresh(self, host: str, tokens: TokenPair) -> TokenPair:
        """Once per refresh token. A fault in the list strikes first; a lost answer still rotates."""
        self.refreshes += 1
        if self.asked and self.answers:
            self.asked.set()
            await self.answers.wait()
        if self.takes_seconds:
            await asyncio.sleep(self.takes_seconds)
        if self.moved_to and host != self.moved_to:
            raise AuthExpired("the account moved")
        if self.is_revoked or tokens.refresh_token != self.live:
            raise AuthExpired("the refresh token is void")
        if self.faults:
            fault = self.faults.pop(0)
            if getattr(fault, "rotates", False):
                self.issue()
            raise fault
        return self.issue()

    async def find_host(self, host: str, tokens: TokenPair) -> str:
        """Where the account lives now."""
        return self.moved_to or self.host

    def authorize_url(self, state: str) -> str:
        """The consent page."""
        return f"https://{self.host}/consent?state={state}"

    def should_refresh(self, tokens: TokenPair, now: datetime) -> bool:
        """After three quarters of its life."""
        return now >= tokens.issued_at + (tokens.expires_at - tokens.issued_at) * 0.75

    def verify_removal(self, params: Mapping[str, str]) -> str:
        """Signed by a password."""
        if params.get("signature") != "right":
            raise NotFromCrm
        return params["account_id"]


@dataclass(frozen=True)
class PortalWidget:
    """Proofs such as `1001@first.crm.test/11#token-1`."""

    portal: Portal

    async def verify(self, token: str, now: datetime, deal_id: str = "") -> Viewer:
        """Take the proof apart."""
        try:
            account, rest = token.split("@")
            host, rest = rest.split("/")
            user, token_id = rest.split("#")
        except ValueError:
            raise Unauthorized(code="token_invalid") from None
        return Viewer(account, host, user, token_id, now + timedelta(minutes=30))

    def embed_origins(self, host: str) -> Sequence[str]:
        """The account's own origin."""
        return (f"https://{host}",)


@dataclass(frozen=True)
class PortalHooks:
    """Nothing is read here."""

    def authenticate(self, delivery: Delivery, account: Account) -> None:
        """Everybody is genuine."""

    def redact(self, delivery: Delivery) -> bytes:
        """Nothing is secret."""
        return delivery.body

    def parse(self, delivery: Delivery) -> Sequence[Any]:
        """Nothing is understood."""
        raise NotUnderstood


@dataclass(frozen=True)
class PortalClient:
    """Calls need a live access token and leave of the rate."""

    portal: Portal
    session: Session

    async def _call(self) -> None:
        await self.session.admit(2)
        token = await self.session.access_token()
        if token not in (f"access-{self.portal.number}", "long-lived"):
            token = await self.session.refused_token(token)
        if self.portal.is_revoked:
            await self.session.refused_token(token)

    async def get_catalog(self) -> Catalog:
        """The account's catalog."""
        await self._call()
        self.portal.catalog_tries += 1
        if self.portal.pause:
            await self.session.punish(self.portal.pause, "rate_limited")
            raise RateLimited(self.portal.pause)
        if self.portal.catalog_fault:
            raise self.portal.catalog_fault
        self.portal.catalog_reads += 1
        return self.portal.catalog

    async def ensure_hooks(self, url: str) -> bool:
        """Subscribe."""
        await self._call()
        if self.portal.hook_fault:
            raise self.portal.hook_fault
        is_new = url not in self.portal.hooks
        if is_new:
            self.portal.hooks.append(url)
        return is_new

    async def get_deal(self, deal_id: str) -> Deal:
        """There are no deals."""
        raise KeyError(deal_id)

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """There are no deals."""
        return DealLog(None, (), (), cursor)

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """There are no deals."""
        return ()

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """There are no deals."""
        return Page((), "")

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """There are no deals."""
        return Page((), "")

    async def apply(self, command: Command, key: str) -> Applied:
        """Nothing is written."""
        return Applied("")

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """Nothing was written."""
        return None

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Everybody may."""
        return True

    async def close(self) -> None:
        """Counted."""
        self.portal.closed += 1


def adapter_of(portal: Portal) -> CrmAdapter:
    """The account behind the port, as a CRM called `fake`."""

    def open_client(session: Session) -> CrmClient:
        return PortalClient(portal, session)

    def deal_page(host: str, deal_id: str) -> str:
        return f"https://{host}/deal/{deal_id}"

    return CrmAdapter("fake", "Fake", PortalHooks(), portal, PortalWidget(portal), open_client, deal_page)


def with_user(known: Catalog, user: User) -> Catalog:
    """The catalog with one user put in place of the one of the same id."""
    others = tuple(each for each in known.users if each.id != user.id)
    return replace(known, users=(*others, user))
