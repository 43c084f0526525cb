"""What stands before every API and OAuth request: outages, bans, limits, lost answers."""

from collections.abc import MutableMapping
from typing import Any

import httpx
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.limits import Limiter
from app.sandbox.amocrm.rest.wire import problem

GUARDED = ("/api/", "/oauth2/")
WRITES = {"POST", "PATCH", "PUT", "DELETE"}
BAN_PAGE = (
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n"
    "<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
BUSY_PAGE = BAN_PAGE.replace("403 Forbidden", "429 Too Many Requests")
TIMEOUT_PAGE = BAN_PAGE.replace("403 Forbidden", "504 Gateway Time-out")


class Gate:
    """ASGI middleware over the guarded paths; everything else passes untouched."""

    def __init__(self, app: ASGIApp, account: Account) -> None:
        self._app = app
        self._account = account
        self.limiter = Limiter(account)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the account's place, or let the request through."""
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if self._account.faults.latency:
            await self._account.clock.sleep(self._account.faults.latency)
        if self._account.faults.down == "cut":
            await self._cut(send)
            return
        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif self._loses_answer(request):
            await self._app(scope, receive, _swallow)
            await self._lose(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        faults = self._account.faults
        if faults.down:
            return HTMLResponse(BAN_PAGE.replace("403 Forbidden", "503 Service Unavailable"), 503)
        if faults.ip_ban:
            return HTMLResponse(BAN_PAGE, 403)
        if faults.ip_not_allowed:
            return problem(403, "Forbidden", "Доступ с этого адреса запрещён", error_code=113)
        if self._moved(request):
            return problem(faults.moved_status, "Not Found", "Account not found", error_code=101)
        if request.url.path.startswith("/api/") and self._unpaid(request.method):
            return problem(402, "Payment Required", "Аккаунт не оплачен")
        if not self.limiter.allows(self._integration(request)):
            return self._too_many()
        return None

    def _unpaid(self, method: str) -> bool:
        mode = self._account.faults.unpaid
        return mode == "all" or (mode == "writes" and method in WRITES)

    def _moved(self, request: Request) -> bool:
        """After a rename only the new host answers; the address lookup works everywhere."""
        moved = self._account.faults.moved_to_host
        lookup = request.url.path == "/oauth2/account/current/subdomain"
        return bool(moved) and not lookup and request.headers.get("host") != moved

    def _integration(self, request: Request) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        grant = self._account.integrations.grant_of(token) if token else None
        return grant.client_id if grant else "unknown"

    def _too_many(self) -> Response:
        faults = self._account.faults
        if faults.html_429:
            return HTMLResponse(BUSY_PAGE, 429)
        return problem(429, "Too Many Requests", "Request limit exceeded", retry_after=faults.retry_after)

    def _loses_answer(self, request: Request) -> bool:
        faults = self._account.faults
        if request.url.path == "/oauth2/access_token":
            lost, faults.lost_token_answer = faults.lost_token_answer, False
            return lost
        rate = faults.lost_write_rate if request.method in WRITES else 0.0
        return bool(rate) and self._account.rng.random() < rate

    async def _lose(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._account.faults.lost_write_mode == "cut":
            await self._cut(send)
        else:
            await HTMLResponse(TIMEOUT_PAGE, 504)(scope, receive, send)

    async def _cut(self, send: Send) -> None:
        """End the connection in the middle of an answer, as a dying server does."""
        if self._account.config.in_process:
            raise httpx.ReadError("the connection was lost")
        start: MutableMapping[str, Any] = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"1000")],
        }
        await send(start)
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _swallow(message: Message) -> None:
    """The handler did its work; nobody hears of it."""
    del message
