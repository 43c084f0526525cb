"""The sandbox as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from app.sandbox.bitrix24 import oauth, routes
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.limits import Limiter
from app.sandbox.bitrix24.model import Refused
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import RestError, portal_of
from app.sandbox.bitrix24.ui import actions, applications, arrangement, board, roles, stream
from app.sandbox.page_forms import UiError, ui_error
from app.sandbox.switch_routes import switch_routes

WEB = Path(__file__).parent / "web"
ROUTERS = (
    oauth.router,
    routes.router,
    board.router,
    actions.router,
    applications.router,
    arrangement.router,
    roles.router,
    stream.router,
    switch_routes(lambda request: portal_of(request).faults),
)
PAGES = ("/crm/{path:path}", "/marketplace/{path:path}", "/settings/{path:path}")
"""Addresses as the vendor's pages have them: applications open cards by them."""


class AuthHost:
    """Requests for the authorization server's own host, when it has one, go to its path."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self._app, self._portal = app, portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the path, or pass the request on as it is."""
        config = self._portal.config
        if scope["type"] == "http" and config.auth_host != config.host:
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            if host == config.auth_host:
                scope = {**scope, "path": oauth.SERVER + scope["path"]}
        await self._app(scope, receive, send)


def create_sandbox(config: SandboxConfig | None = None, portal: Portal | None = None) -> FastAPI:
    """An application around a portal (an empty one unless given); it lies at `app.state.portal`.

    Events are delivered in the background while the application's lifespan runs; without it, or with
    a test's clock, `await app.state.portal.events.drain()` delivers what is due.
    """
    kept = portal or Portal.empty(config)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if kept.config.background:
            kept.events.start()
        yield
        kept.closing = True
        await kept.events.stop()

    app = FastAPI(
        title="Sandbox Bitrix24", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.portal = kept
    app.state.limiter = Limiter(kept)
    for router in ROUTERS:
        app.include_router(router)
    _handle_errors(app)
    app.add_middleware(AuthHost, portal=kept)
    _serve_pages(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(UiError)
    async def on_ui_error(_: Request, error: UiError) -> Response:
        return ui_error(error)

    @app.exception_handler(Refused)
    async def on_refused(_: Request, error: Refused) -> Response:
        return ui_error(UiError(404 if error.code == "NOT_FOUND" else 422, error.code, error.text))

    @app.exception_handler(RestError)
    async def on_bad_value(_: Request, error: RestError) -> Response:
        return ui_error(UiError(422, error.code, error.text))

    @app.exception_handler(HTTPException)
    async def on_unknown(_: Request, error: HTTPException) -> Response:
        return JSONResponse({"code": "not_found", "message": str(error.detail)}, error.status_code)

    @app.exception_handler(RequestValidationError)
    async def on_bad_path(_: Request, error: RequestValidationError) -> Response:
        where = ", ".join(str(part) for part in error.errors()[0]["loc"])
        return ui_error(UiError(422, "bad_value", f"Неверное значение: {where}."))


def _serve_pages(app: FastAPI) -> None:
    """The browser pages; every address of the portal's own pages shows the same one."""
    page = WEB / "index.html"

    async def show(path: str = "") -> Response:
        del path
        return FileResponse(page, headers={"cache-control": "no-store"})

    for address in PAGES:
        app.add_api_route(address, show, methods=["GET", "POST"])
    app.mount("/", StaticFiles(directory=WEB, html=True), name="pages")
