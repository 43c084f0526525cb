"""A portal and the whole application beside it: posts of pages, events and calls find each other."""

import html
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from app.crm.adapters.bitrix24.adapter import NAME, build
from app.frontdoor import frames
from app.inbox.process import Processor
from app.installations.care import Care
from app.installations.forget import forget_installation
from app.installations.spool import TokenSpool
from app.installations.store import Installation, find_installation
from app.reconcile.poll import Reconciler
from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.apps import App
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import PageForm, add_app, finish_install, page_form
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from app.sandbox.clock import VirtualClock
from tests.application import PUBLIC_URL, Running, running, settings_for
from tests.crm.bench import SandboxClock
from tests.crm.bitrix24.kit import environment_of
from tests.sandbox.bitrix24.world import ORIGIN, STAGES

SHELL = "<!doctype html><html><head><title>x</title></head><body></body></html>"
OPENING = re.compile(r'<meta name="stepgate-opening" content="([^"]*)">')
FRAME = f"{PUBLIC_URL}/frame/{NAME}"
WAIT_SECONDS = 120.0
"""An install page of these tests is answered when everything is done, however slow the machine."""


class Late(httpx.AsyncBaseTransport):
    """A way to an application that is made later."""

    target: httpx.AsyncBaseTransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        return await self.target.handle_async_request(request)


@dataclass
class Site:
    """A portal, our app in it, and Stepgate."""

    portal: Portal
    app: App
    clock: SandboxClock
    stepgate: Running
    admin: int
    seller: int

    async def post(self, form: PageForm) -> httpx.Response:
        """A person's browser posts what the portal's page holds."""
        return await self.stepgate.http.post(form.url, data=form.fields)

    async def open(self, user_id: int, view: str = "settings", **more: Any) -> httpx.Response:
        """A person opens one of our pages."""
        user = self.portal.users[user_id]
        return await self.post(page_form(self.portal, self.app, user, handler=f"{FRAME}/{view}", **more))

    async def install(self) -> None:
        """An administrator opens the install page, and the page finishes."""
        answer = await self.open(self.admin, "install")
        assert answer.status_code == 200, answer.text
        finish_install(self.portal, self.app)
        await self.hear()

    async def hear(self) -> int:
        """Deliver the events that are due."""
        return await self.portal.events.drain()

    def processor(self, at: Callable[[str], None] = lambda _: None) -> Processor:
        """An engine of its own, as another process would have; `at` hears its named points."""
        services = self.stepgate.services
        return Processor(
            services.db,
            services.clients.open,
            self.clock,
            at=at,
            refresh_catalog=self._refresh,
            luck=lambda: 0.5,
        )

    async def settle(self) -> None:
        """Deliver events and work on what they rang, until all is quiet."""
        processor = self.processor()
        for _ in range(50):
            heard = await self.hear()
            worked = 0
            while await processor.run_once("test"):
                worked += 1
                assert worked < 200, "the engine turns in circles"
            if not heard and not worked:
                return
        raise AssertionError("it never became quiet")

    async def tend(self) -> None:
        """What is done for all accounts every minute."""
        services = self.stepgate.services
        spool = TokenSpool(services.settings.spool_dir, services.vault)
        care = Care(
            services.db,
            services.keeper,
            services.installer,
            services.clients.open,
            self.clock,
            lambda installation_id: forget_installation(services.db, spool, installation_id),
        )
        await care.tend()

    async def poll(self) -> int:
        """Look for what events did not tell."""
        services, known = self.stepgate.services, await self.known()
        assert known
        return await Reconciler(services.db, services.clients.open, self.clock).poll(known.id)

    async def refresh_catalog(self) -> None:
        """Read pipelines and people anew, as happens every hour."""
        known = await self.known()
        assert known
        await self._refresh(known.id)

    async def _refresh(self, installation_id: int) -> None:
        await self.stepgate.services.installer.refresh_catalog(installation_id)

    async def known(self) -> Installation | None:
        """Our installation of the portal."""

        def read(conn: Connection) -> Installation | None:
            return find_installation(conn, NAME, self.portal.member_id)

        return await self.stepgate.services.db.read(read)

    def deal(self, stage: str = "NEW", **more: Any) -> Item:
        """The seller makes a deal."""
        contact = self.portal.create_client("Ольга", self.act(), phones=["+79001112233"])
        values = {"stage_id": stage, "assigned_by_id": self.seller, "contact_ids": [contact.id], **more}
        return self.portal.make_item("Сделка", self.act(), values)

    def move(self, deal: Item, stage: str) -> None:
        """The seller drags it."""
        self.portal.update_item(deal, {"stage_id": stage}, self.act())

    def act(self, by: int = 0) -> Act:
        """By the seller unless told otherwise."""
        return Act(by=by or self.seller)


def opening_of(answer: httpx.Response) -> dict[str, Any]:
    """What our page was told when it was opened."""
    found = OPENING.search(answer.text)
    assert found, answer.text
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


@asynccontextmanager
async def make_site(
    database_url: str, folder: Path, patch: pytest.MonkeyPatch, kind: str = "local"
) -> AsyncIterator[Site]:
    """A portal with one pipeline and two people; our app is added but not connected."""
    (folder / "web").mkdir()
    for view in ("card", "settings", "panel"):
        (folder / "web" / f"{view}.html").write_text(SHELL, "utf-8")
    patch.setattr(frames, "WEB", folder / "web")
    patch.setattr(frames, "PATIENCE", WAIT_SECONDS)
    virtual, way = VirtualClock(), Late()
    outgoing = httpx.AsyncClient(transport=way, follow_redirects=False)
    portal = Portal.empty(
        SandboxConfig(origin=ORIGIN, clock=virtual, http=outgoing, in_process=True, background=False)
    )
    admin = next(iter(portal.users))
    seller = portal.add_user("Мария", "Ковалёва").id
    portal.add_category("Продажи", STAGES, is_default=True)
    install_url = f"{FRAME}/install" if kind != "api" else f"{PUBLIC_URL}/oauth/{NAME}/callback"
    app = portal.apps.register(handler_url=f"{FRAME}/settings", install_url=install_url, kind=kind)
    patch.setenv("STEPGATE_BITRIX24_CLIENT_ID", app.client_id)
    patch.setenv("STEPGATE_BITRIX24_CLIENT_SECRET", app.client_secret)
    clock = SandboxClock(virtual)
    way_in = httpx.ASGITransport(create_sandbox(portal=portal))
    adapter = build(environment_of(clock, way_in, PUBLIC_URL))
    async with running(
        settings_for(database_url, folder, sandbox_origins=ORIGIN), adapter, clock
    ) as stepgate:
        way.target = httpx.ASGITransport(stepgate.app)
        add_app(portal, app, admin)
        yield Site(portal, app, clock, stepgate, admin, seller)
    await outgoing.aclose()
