"""An application in front of a CRM that says who may read what, and a deal with its story."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection

from app.crm.errors import CrmError
from app.crm.port import CrmAdapter, CrmClient, DealLog, Session
from app.db.engine import Database
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.funnel import GateMode
from app.domain.stage import StageRef
from app.funnels.editing import set_mode
from app.funnels.propose import propose
from app.funnels.publish import publish
from app.installations.sessions import SessionViewer, issue_session
from app.installations.store import save_catalog
from app.ledger.record import record
from app.verdicts.decide import decide
from tests.application import Running, running, settings_for
from tests.factories import NOW, TestClock, add_installation
from tests.funnels.account import NEEDS, OFFER, PIPELINE, catalog
from tests.installations.portal import Portal, PortalClient, adapter_of

DEAL = "501"
ADMIN_ID, MANAGER_ID = "1", "2"


@dataclass
class Guard:
    """What the CRM answers to "may he read it?"; `fault` is raised instead."""

    hidden: set[tuple[str, str]] = field(default_factory=set)
    fault: CrmError | None = None
    asked: int = 0


@dataclass(frozen=True)
class GuardedClient(PortalClient):
    """The small account, with rights on deals."""

    guard: Guard

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """As the guard says."""
        self.guard.asked += 1
        if self.guard.fault:
            raise self.guard.fault
        return (user_id, deal_id) not in self.guard.hidden


@dataclass
class Desk:
    """The application, its clock, the CRM's rights, and two tenants."""

    app: Running
    clock: TestClock
    guard: Guard
    tenant: int
    stranger: int

    @property
    def db(self) -> Database:
        """The database under the application."""
        return self.app.services.db

    async def call(self, method: str, path: str, user: str = MANAGER_ID, **more: Any) -> httpx.Response:
        """A request by a user of the first tenant, or of the one that `tenant` names."""
        viewer = SessionViewer(
            more.pop("tenant", self.tenant), user, user == ADMIN_ID, more.pop("lang", "ru")
        )
        token = issue_session(self.app.services.vault, viewer, self.clock.now(), timedelta(minutes=10))
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return await self.app.http.request(method, path, headers=headers, **more)

    async def card(self, user: str = MANAGER_ID, **more: Any) -> dict[str, Any]:
        """The deal's card."""
        answer = await self.call("GET", f"/api/v1/deals/{DEAL}/checklist", user, **more)
        assert answer.status_code == 200, answer.text
        card: dict[str, Any] = answer.json()
        return card

    async def publish(self, mode: GateMode = GateMode.ENFORCE, **more: Any) -> None:
        """Publish the proposed mapping with that mode on the stage of the sent proposal."""
        await self.db.write(lambda conn: self._publish(conn, mode, **more))

    async def tell(self, *entries: Evidence | StageMove, stage_id: str = NEEDS, **changes: Any) -> None:
        """The CRM's log says that; the engine judges it."""
        self.clock.advance(1)
        now = self.clock.now()
        start = NOW - timedelta(days=2)
        deal = Deal(DEAL, "ООО «Василёк»", StageRef(PIPELINE, stage_id), start, now, now, responsible_id="2")
        moves = tuple(each for each in entries if isinstance(each, StageMove))
        facts = tuple(each for each in entries if isinstance(each, Evidence))
        log = DealLog(replace(deal, **changes), moves, facts, "")

        def work(conn: Connection) -> None:
            record(conn, self.tenant, log, now)
            decide(conn, self.tenant, DEAL, log.deal, now)

        await self.db.write(work)

    def fact(self, kind: EvidenceKind, name: str, seconds: int = 0, **more: Any) -> Evidence:
        """Something that the client did just now."""
        direction = Direction.INCOMING if kind in (EvidenceKind.CALL, EvidenceKind.MAIL) else None
        given = {"direction": direction, "seconds": seconds, "text": "нужно сорок мест", **more}
        now = self.clock.now()
        return Evidence(name, DEAL, kind, Grade.B, now, now, **given)

    def drag(self, name: str, to: str = OFFER, start: str = NEEDS) -> StageMove:
        """The manager drags the deal just now."""
        now = self.clock.now()
        stages = StageRef(PIPELINE, start), StageRef(PIPELINE, to)
        return StageMove(name, DEAL, *stages, MANAGER_ID, MoveOrigin.PERSON, now, now)

    async def known_client(self) -> None:
        """The story so far: he asked, answered and stated his requirements."""
        await self.tell(self.fact(EvidenceKind.FORM, "form"))
        self.clock.advance(600)
        await self.tell(self.fact(EvidenceKind.CALL, "call", 240))
        self.clock.advance(600)
        await self.tell(self.fact(EvidenceKind.MAIL, "mail"))
        self.clock.advance(600)

    def _publish(self, conn: Connection, mode: GateMode, catalog: Any = None) -> None:
        account = catalog or usual_catalog()
        document = propose(account, account.pipelines[0], "ru")
        set_mode(document, OFFER, mode, None)
        published_at: datetime = NOW - timedelta(days=1)
        stages = account.pipelines[0].stages
        publish(conn, self.tenant, PIPELINE, document, stages=stages, by=ADMIN_ID, now=published_at)


usual_catalog = catalog


@asynccontextmanager
async def open_desk(database_url: str, folder: Path) -> AsyncIterator[Desk]:
    """Start the application with two tenants that have the same catalog."""
    portal, guard, clock = Portal(), Guard(), TestClock()

    def open_client(session: Session) -> CrmClient:
        return GuardedClient(portal, session, guard)

    adapter: CrmAdapter = replace(adapter_of(portal), open_client=open_client)
    async with running(settings_for(database_url, folder), adapter, clock) as app:
        db = app.services.db
        tenant = await db.write(add_installation)
        stranger = await db.write(lambda conn: add_installation(conn, external_id="1002"))
        for each in (tenant, stranger):
            await db.write(partial(save_catalog, installation_id=each, catalog=catalog(), now=NOW))
        yield Desk(app, clock, guard, tenant, stranger)
