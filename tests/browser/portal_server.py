"""The simulated portal on a port of its own, with an application whose page runs the vendor's own library."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.apps import App, Placement
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import add_app, finish_install
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act

T = TypeVar("T")
WAIT_S = 60.0
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
class PortalSite:
    """A running portal. Change it only through `run`, which does so in the server's thread."""

    url: str
    app_url: str
    portal: Portal
    app: App
    seller_id: int
    loop: asyncio.AbstractEventLoop
    posted: list[dict[str, str]] = field(default_factory=list)

    def run(self, change: Callable[[], T]) -> T:
        """Do something with the portal and wait for its answer."""

        async def call() -> T:
            return change()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(WAIT_S)

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
def portal_site() -> Iterator[PortalSite]:
    """Serve a portal with one funnel, and an application that is not added to it yet."""
    portal_port, app_port = _listening(), _listening()
    url, app_url = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (portal_port, app_port))
    portal = Portal.empty(SandboxConfig(origin=url, background=False))
    portal.add_category("Продажи", STAGES, is_default=True)
    seller = portal.add_user("Анна", "Продавцова")
    app = portal.apps.register(name="Пример", handler_url=f"{app_url}/page", install_url=f"{app_url}/install")
    posted: list[dict[str, str]] = []
    with (
        _serving(create_sandbox(portal=portal), portal_port, portal) as loop,
        _serving(_application(posted), app_port, None),
    ):
        yield PortalSite(url, app_url, portal, app, seller.id, loop, posted)


def _application(posted: list[dict[str, str]]) -> FastAPI:
    app = FastAPI()

    @app.get("/library.js")
    async def library() -> FileResponse:
        return FileResponse(LIBRARY, media_type="text/javascript")

    @app.post("/{path:path}")
    async def page(request: Request, path: str) -> HTMLResponse:
        fields = {name: str(value) for name, value in (await request.form()).items()}
        posted.append({"path": path, **dict(request.query_params), **fields})
        return HTMLResponse(PAGE)

    return app


def _listening() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


class _Server(uvicorn.Server):
    """A server that says when it listens, and on which loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell the thread that waits."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.is_up.set()


@contextmanager
def _serving(
    app: FastAPI, bound: socket.socket, portal: Portal | None
) -> Iterator[asyncio.AbstractEventLoop]:
    server = _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    assert server.is_up.wait(WAIT_S)
    assert server.loop is not None
    yield server.loop
    if portal is not None:
        portal.closing = True  # lets the live streams end
    server.should_exit = True
    thread.join(WAIT_S)
    bound.close()
