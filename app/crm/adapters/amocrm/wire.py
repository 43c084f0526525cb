"""amoCRM's REST v4 without I/O: requests built, answers decoded into a value or an error.

https://www.amocrm.ru/developers/content/crm_platform/error-codes
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.crm.errors import (
    AuthExpired,
    Blocked,
    NotFound,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.crm.http import HttpReply, HttpRequest

PAUSE_AFTER_429 = 300.0
"""Going on after a 429 gets the account blocked; the vendor's sample answer says 300 seconds."""

IP_NOT_ALLOWED = "113"
VENDOR_TEXT_LIMIT = 2000
Params = Iterable[tuple[str, str]]


def get(origin: str, path: str, token: str, params: Params = (), user_id: str = "") -> HttpRequest:
    """A read of `/api/v4/<path>`, on behalf of `user_id` when given (`X-Context-User-ID`)."""
    headers = _headers(token) | ({"X-Context-User-ID": user_id} if user_id else {})
    return HttpRequest("GET", f"{origin}/api/v4/{path}", headers, tuple(params))


def write(origin: str, method: str, path: str, token: str, body: Any) -> HttpRequest:
    """A write to `/api/v4/<path>`; collections take arrays, `/{id}` an object."""
    return HttpRequest(method, f"{origin}/api/v4/{path}", _headers(token), json=body, is_write=True)


def decode(reply: HttpReply, *, is_write: bool = False) -> Any:
    """The value of an answer, None for 204 (an empty list or an unknown id).

    Raises a CrmError; a write whose success cannot be read is Unknown.
    """
    if reply.status == 204:
        return None
    if 200 <= reply.status < 300:
        return _value(reply, is_write=is_write)
    raise error_of(reply, is_write=is_write)


def error_of(reply: HttpReply, *, is_write: bool) -> Exception:
    """The error that an answer outside 2xx stands for."""
    match reply.status:
        case 401:
            return AuthExpired("the access token is not accepted")
        case 402:
            return PaymentRequired("the account is not paid")
        case 403:
            return _forbidden(reply)
        case 404:
            return NotFound("no such record")
        case 400 | 405 | 409 | 422:
            return Rejected(_text(reply))
        case 425 | 426:
            return Unsupported("the feature is not available in this account")
        case 429:
            return RateLimited(_retry_after(reply))
    if reply.status >= 500:
        # A gateway may answer 504 for a write that went through.
        return Unknown(f"status {reply.status}") if is_write else Unavailable(f"status {reply.status}")
    return Unavailable(f"status {reply.status}")


def embedded(value: Any, collection: str) -> list[dict[str, Any]]:
    """The records of a list answer; empty for None. Raises Unavailable for another shape."""
    if value is None:
        return []
    found = child(value, "_embedded", collection)
    if not isinstance(found, list):
        raise Unavailable(f"the answer has no list of {collection}")
    return [item for item in found if isinstance(item, dict)]


def has_next(value: Any) -> bool:
    """True when a list answer names a next page."""
    return child(value, "_links", "next") is not None


def child(value: Any, *path: str) -> Any:
    """What stands under the keys of `path`, None where one is missing or something else."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def _value(reply: HttpReply, *, is_write: bool) -> Any:
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        if is_write and not reply.body.strip():
            return None
        raise (Unknown if is_write else Unavailable)("the answer is not JSON") from None


def _forbidden(reply: HttpReply) -> Exception:
    """Three meanings: blocked as a whole (HTML), IP not allowed (113), no rights."""
    problem = _json(reply)
    if problem is None:
        return Blocked("every call is refused")
    if IP_NOT_ALLOWED in (str(problem.get("error_code", "")), str(problem.get("code", ""))):
        return Blocked("calls from this address are not allowed")
    return Unsupported("the right for this is missing")


def _retry_after(reply: HttpReply) -> float:
    problem = _json(reply) or {}
    for value in (problem.get("retry_after"), reply.headers.get("retry-after")):
        try:
            return min(3600.0, max(1.0, float(str(value))))
        except ValueError:
            continue
    return PAUSE_AFTER_429


def _json(reply: HttpReply) -> dict[str, Any] | None:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(reply: HttpReply) -> str:
    return reply.body.decode("utf-8", "replace")[:VENDOR_TEXT_LIMIT]
