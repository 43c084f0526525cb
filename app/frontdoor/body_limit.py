"""ASGI: a request's body has a limit; more than that is refused in the shape of every refusal."""

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.frontdoor.errors import PLAIN, error_body, request_id_of

TOO_LARGE = 413


class BodyLimit:
    """Refuses what is announced as too large, and breaks off what turns out to be."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app, self._most = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced[:19]) > self._most:
            body = error_body(request_id_of(scope), *PLAIN[TOO_LARGE])
            # The rest is not read, so nothing else can come on this connection.
            await JSONResponse(body, TOO_LARGE, {"connection": "close"})(scope, receive, send)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(TOO_LARGE, headers={"connection": "close"})
            return message

        await self._app(scope, limited, send)
