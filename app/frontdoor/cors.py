"""ASGI: the one call that a page of the CRM makes to us itself, from exactly our accounts' origins.

Everything else is asked by our own pages, which need no leave. Credentials are never allowed:
there are no cookies.
"""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock

SESSION_PATH = "/api/v1/session"
KEEP_SECONDS = 5.0
ALLOWED = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "X-Auth-Token, Content-Type, X-Requested-With",
    "access-control-max-age": "600",
}


class SessionCors:
    """Answers preflights and marks answers for the session call. `origins` reads the accounts' origins."""

    def __init__(
        self, app: ASGIApp, *, origins: Callable[[], Awaitable[frozenset[str]]], clock: Clock
    ) -> None:
        self._app, self._origins, self._clock = app, origins, clock
        self._kept: frozenset[str] = frozenset()
        self._good_until = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != SESSION_PATH:
            await self._app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin")
        is_allowed = origin is not None and await self._is_allowed(origin)
        if scope["method"] == "OPTIONS" and origin is not None:
            answer = Response(status_code=204 if is_allowed else 403)
            if is_allowed:
                answer.headers.update({"access-control-allow-origin": origin, **ALLOWED})
            answer.headers["vary"] = "Origin"
            await answer(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                if is_allowed and origin:
                    headers["access-control-allow-origin"] = origin
            await send(message)

        await self._app(scope, receive, marked)

    async def _is_allowed(self, origin: str) -> bool:
        if self._clock.monotonic() >= self._good_until:
            self._kept = await self._origins()
            self._good_until = self._clock.monotonic() + KEEP_SECONDS
        return origin in self._kept
