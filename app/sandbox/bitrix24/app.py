"""The sandbox as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.sandbox.bitrix24 import oauth, routes
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.limits import Limiter
from app.sandbox.bitrix24.portal import Portal


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
    for router in (oauth.router, routes.router):
        app.include_router(router)
    app.add_middleware(AuthHost, portal=kept)
    return app
