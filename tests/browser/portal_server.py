"""The simulated portal on a port of its own, with an application whose page runs the vendor's own library."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.apps import App, Placement
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import add_app, finish_install
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from tests.served import Thread, listening, port_of, served

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "widget_frontend/node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"
STAGES = ("Новая заявка", "Классификация", "КП отправлено")
TAB = "CRM_DEAL_DETAIL_TAB"
PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Приложение</title>
<script src="/library.js"></script>
<body><h1>Приложение</h1><output id="out"></output>
<script>
const out = document.getElementById('out');
const say = (value) => { out.textContent = typeof value === 'string' ? value : JSON.stringify(value); };
window.addEventListener('unhandledrejection', (event) => say('failed: ' + event.reason));
B24Js.initializeB24Frame().then((b24) => {
  window.b24 = b24;
  const auth = b24.auth.getAuthData();
  say({ placement: b24.placement.title, options: b24.placement.options, admin: b24.auth.isAdmin,
        install: b24.isInstallMode, lang: b24.getLang(), token: Boolean(auth && auth.access_token),
        member: auth && auth.member_id });
}, (error) => say('failed: ' + error));
</script></body></html>"""


@dataclass
class Manners:
    """What the application's page says of itself: who may frame it, and a cookie."""

    ancestors: str = ""
    cookie: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        framing = {"content-security-policy": f"frame-ancestors {self.ancestors}"} if self.ancestors else {}
        return framing | ({"set-cookie": self.cookie} if self.cookie else {})


@dataclass
class PortalSite:
    """A running portal. Change it only through `run`, which does so in the server's thread."""

    url: str
    app_url: str
    portal: Portal
    app: App
    seller_id: int
    thread: Thread
    manners: Manners
    posted: list[dict[str, str]] = field(default_factory=list)

    def run(self, change: Callable[[], T]) -> T:
        """Do something with the portal and wait for its answer."""
        return self.thread.run(change)

    def deal(self, title: str) -> Item:
        """A new deal with a client of its own."""

        def make() -> Item:
            act = Act(by=self.seller_id)
            client = self.portal.create_client("Ольга", act, last_name="Зуева", phones=["+7 900 111-22-33"])
            values: dict[str, object] = {"contact_ids": [client.id], "opportunity": 100_000.0}
            return self.portal.make_item(title, act, values)

        return self.run(make)

    def install(self) -> None:
        """The application is installed, with a tab in the deal's card."""

        def change() -> None:
            add_app(self.portal, self.app, 1)
            finish_install(self.portal, self.app)
            self.app.placements.append(Placement(TAB, f"{self.app_url}/tab", "Шаги клиента"))

        self.run(change)


@contextmanager
def installed_site() -> Iterator[PortalSite]:
    """The same with the application added and working."""
    with portal_site() as site:
        site.install()
        yield site


@contextmanager
def portal_site() -> Iterator[PortalSite]:
    """Serve a portal with one funnel, and an application that is not added to it yet."""
    if not LIBRARY.is_file():
        pytest.fail("The vendor's library is not there. Run: make frontend", pytrace=False)
    doors = listening(), listening()
    url, app_url = (f"http://127.0.0.1:{port_of(door)}" for door in doors)
    portal = Portal.empty(SandboxConfig(origin=url, background=False))
    portal.add_category("Продажи", STAGES, is_default=True)
    seller = portal.add_user("Анна", "Продавцова")
    app = portal.apps.register(name="Пример", handler_url=f"{app_url}/page", install_url=f"{app_url}/install")
    posted: list[dict[str, str]] = []
    manners = Manners()

    def close() -> None:
        portal.closing = True  # lets the live streams end

    with (
        served(create_sandbox(portal=portal), doors[0], on_end=close) as thread,
        served(_application(posted, manners), doors[1]),
    ):
        yield PortalSite(url, app_url, portal, app, seller.id, thread, manners, posted)


def _application(posted: list[dict[str, str]], manners: Manners) -> FastAPI:
    app = FastAPI()

    @app.get("/library.js")
    async def library() -> FileResponse:
        return FileResponse(LIBRARY, media_type="text/javascript")

    @app.post("/{path:path}")
    async def page(request: Request, path: str) -> HTMLResponse:
        fields = {name: str(value) for name, value in (await request.form()).items()}
        posted.append({"path": path, **dict(request.query_params), **fields})
        return HTMLResponse(PAGE, headers=manners.headers)

    return app
