"""The addresses of the REST API, with what stands before every call: outages, limits, lost answers.

https://apidocs.bitrix24.com/settings/how-to-call-rest-api/general-principles.html
"""

from collections.abc import MutableMapping
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from app.sandbox.bitrix24.limits import Limiter
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest import CHAPTERS
from app.sandbox.bitrix24.rest.batch import run_batch
from app.sandbox.bitrix24.rest.dispatch import Caller, caller_of, invoke, webhook_caller
from app.sandbox.bitrix24.rest.wire import RestError, params_of, portal_of
from app.sandbox.bitrix24.rest.writes import is_write, plain_name

router = APIRouter()
assert CHAPTERS
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
}
HTML = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body>\r\n</html>\r\n"
)
TITLES = {
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
    504: "504 Gateway Time-out",
}


class Cut(Response):
    """An answer whose connection dies in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin an answer and never end it."""
        del scope, receive
        start: MutableMapping[str, Any] = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"1000")],
        }
        await send(start)
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def page(status: int) -> Response:
    """A page of the web server in front, where JSON was expected."""
    return HTMLResponse(HTML.format(TITLES[status]), status, headers=CORS)


def cut(portal: Portal) -> Response:
    """A broken connection. Raises httpx.ReadError when there is no real one."""
    if portal.config.in_process:
        raise httpx.ReadError("the connection was lost")
    return Cut()


@router.options("/rest/{path:path}")
async def preflight(request: Request, path: str) -> Response:
    """Browsers ask first: applications call from their own frames, with headers of their own."""
    del path
    asked = request.headers.get("access-control-request-headers", "content-type")
    return Response(status_code=204, headers=CORS | {"access-control-allow-headers": asked})


@router.api_route("/rest/{user_id:int}/{secret}/{method}/", methods=["GET", "POST"])
@router.api_route("/rest/{user_id:int}/{secret}/{method}", methods=["GET", "POST"])
async def by_webhook(request: Request, user_id: int, secret: str, method: str) -> Response:
    """A call by an inbound webhook."""
    return await _answer(request, method, (user_id, secret))


@router.api_route("/rest/{method}/", methods=["GET", "POST"])
@router.api_route("/rest/{method}", methods=["GET", "POST"])
async def by_token(request: Request, method: str) -> Response:
    """A call by an application."""
    return await _answer(request, method, None)


async def _answer(request: Request, method: str, webhook: tuple[int, str] | None) -> Response:
    portal = portal_of(request)
    if portal.faults.latency:
        await portal.clock.sleep(portal.faults.latency)
    limiter: Limiter = request.app.state.limiter
    refusal = _refusal(request, portal, limiter)
    if refusal is not None:
        return refusal
    try:
        params = await params_of(request)
        header = request.headers.get("authorization", "")
        caller = webhook_caller(portal, *webhook) if webhook else caller_of(portal, params, header)
        body = _run(portal, limiter, method, params, caller)
    except RestError as error:
        return JSONResponse(error.body, error.status, headers=CORS)
    if is_write(method, params) and _chance(portal, portal.faults.lost_write_rate):
        return cut(portal) if portal.faults.lost_write_mode == "cut" else page(504)
    return JSONResponse(body, headers=CORS)


def _run(
    portal: Portal, limiter: Limiter, method: str, params: dict[str, object], caller: Caller
) -> dict[str, object]:
    if plain_name(method) == "batch":
        return run_batch(portal, limiter, params, caller)
    return invoke(portal, limiter, method, params, caller)


def _chance(portal: Portal, rate: float) -> bool:
    return rate > 0 and portal.rng.random() < rate


def _refusal(request: Request, portal: Portal, limiter: Limiter) -> Response | None:
    faults = portal.faults
    if faults.down == "cut":
        return cut(portal)
    if faults.down:
        return page(int(faults.down))
    if _chance(portal, faults.html_error_rate):
        return page(500)
    if faults.moved_to_host and request.headers.get("host") != faults.moved_to_host:
        moved = request.url.replace(netloc=faults.moved_to_host)
        return RedirectResponse(str(moved), 302, headers=CORS)
    error = _limit(request, portal, limiter)
    return None if error is None else JSONResponse(error.body, error.status, headers=CORS)


def _limit(request: Request, portal: Portal, limiter: Limiter) -> RestError | None:
    if portal.faults.portal_deleted:
        return RestError(500, "PORTAL_DELETED", "Portal was deleted")
    if portal.faults.overload:
        return RestError(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.")
    if not limiter.allows(request.client.host if request.client else ""):
        return RestError(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    return None
