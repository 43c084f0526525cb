"""A small portal, a client of its API, and a server that receives its events."""

from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.apps import App, Grant
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import add_app, finish_install
from app.sandbox.bitrix24.model import Client, Item
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from app.sandbox.clock import VirtualClock
from tests.sandbox.product import Product, Received

ORIGIN = "http://portal.example.org"
HOOK = "http://product.example.org/events"
PAGE = "http://product.example.org/app"
STAGES = ("Новая", "Подготовка КП", "КП отправлено", "Договор")
DEAL_EVENTS = ("ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE", "ONCRMDEALMOVETOCATEGORY")


@dataclass
class World:
    """Everything that a test needs."""

    portal: Portal
    app: FastAPI
    clock: VirtualClock
    product: Product
    outgoing: httpx.AsyncClient
    http: httpx.AsyncClient
    registered: App
    grant: Grant
    admin: int
    seller: int

    async def ask(
        self, method: str, params: dict[str, Any] | None = None, *, token: str = ""
    ) -> httpx.Response:
        """One call with a JSON body, as the administrator unless a token is given."""
        body = {"auth": token or self.grant.access, **(params or {})}
        return await self.http.post(f"/rest/{method}", json=body)

    async def call(self, method: str, params: dict[str, Any] | None = None, *, token: str = "") -> Any:
        """The result of one call that must succeed."""
        answer = await self.ask(method, params, token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def token_of(self, user_id: int) -> str:
        """An access token of that user."""
        return self.portal.apps.issue(self.registered, user_id).access

    def deal(self, stage: str = "NEW", title: str = "Сделка", **more: Any) -> Item:
        """A deal of the seller in a stage of the default funnel."""
        values = {"assigned_by_id": self.seller, **more}
        return self.portal.make_item(title, Act(by=self.seller), {"stage_id": stage, **values})

    def client(self, phone: str = "+7 900 111-22-33") -> Client:
        """A contact with a phone and an address."""
        return self.portal.create_client(
            "Ольга", Act(by=self.seller), last_name="Зуева", phones=[phone], emails=["o@firm.example"]
        )

    async def subscribe(self, *events: str, url: str = HOOK) -> None:
        """Bind the product to events."""
        for event in events or DEAL_EVENTS:
            assert await self.call("event.bind", {"event": event, "handler": url}) is True

    async def events(self) -> list[Received]:
        """Deliver what is due and take what has arrived."""
        await self.portal.events.drain()
        return self.product.taken()

    async def close(self) -> None:
        """Close the clients."""
        for client in (self.http, self.outgoing):
            await client.aclose()


def make_world(**config: Any) -> World:
    """A portal with two funnels, an administrator, a seller and an installed application."""
    clock, product = VirtualClock(), Product()
    outgoing = httpx.AsyncClient(transport=httpx.ASGITransport(product.app()), follow_redirects=False)
    given = {"origin": ORIGIN, **config}
    portal = Portal.empty(SandboxConfig(clock=clock, http=outgoing, in_process=True, **given))
    admin = next(iter(portal.users))
    seller = portal.add_user("Мария", "Ковалёва").id
    portal.add_category("Продажи", STAGES, is_default=True)
    portal.add_category("Сервис", ["Обращение", "В работе"])
    registered = portal.apps.register(handler_url=PAGE, install_url=f"{PAGE}/install")
    add_app(portal, registered, admin)
    finish_install(portal, registered)
    grant = portal.apps.issue(registered, admin)
    app = create_sandbox(portal=portal)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=portal.config.origin)
    return World(portal, app, clock, product, outgoing, http, registered, grant, admin, seller)
