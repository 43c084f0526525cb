"""Bitrix24's REST without I/O: requests built, answers taken apart into a value or an error.

https://apidocs.bitrix24.com/api-reference/how-to-call-rest-api/general-principles.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.crm.errors import (
    AuthExpired,
    Blocked,
    CrmError,
    NotFound,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.crm.http import HttpReply, HttpRequest

AGENT = "Stepgate/1"
SOURCE_KEY = "stepgate"
"""Our name as a source of changes: they do not come back through an offline queue of that name.

https://apidocs.bitrix24.com/api-reference/events/offline-events.html
"""

PAGE, BATCH = 50, 50
PAUSE_AFTER_FLOOD = 5.0
"""Seconds until a full bucket has let some calls out; no answer says how long to wait."""

PAUSE_OF_METHOD = 60.0
"""Seconds that a method rests when no answer has said when its time is counted anew."""

VENDOR_TEXT_LIMIT = 2000
TOKEN_CODES = {
    "expired_token", "invalid_token", "no_auth_found", "authorization_error", "application_not_found",
    "error_oauth", "not_installed", "portal_deleted", "invalid_grant", "invalid_client", "wrong_client",
}  # fmt: skip
REFUSED_CODES = {
    "insufficient_scope", "invalid_scope", "invalid_credentials", "method_confirm_waiting",
    "method_confirm_denied", "access_denied", "user_access_error", "allowed_only_intranet_user",
    "wrong_auth_type", "error_method_not_found", "access_error", "error_wrong_context",
}  # fmt: skip
GONE = ("not found", "не найден", "owner_not_found")
UNPAID = ("commercial plan", "коммерческ")
Params = Mapping[str, Any]


class OperatingLimit(RateLimited):
    """One method has used up its time; the others go on."""


class Moved(Exception):
    """The portal answers from another address now."""

    def __init__(self, location: str) -> None:
        super().__init__("the portal was renamed")
        self.location = location


@dataclass(frozen=True, slots=True)
class Command:
    """One call of a method, alone or in a batch."""

    method: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timing:
    """How much of its time a method has used, in seconds, and the unix time when some of it is free."""

    method: str
    used: float
    reset_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave: its value, where the next page begins (None: there is none), how many in all."""

    value: Any
    next: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """An answer and what it said about time."""

    answer: Answer
    timings: tuple[Timing, ...] = ()


def request(origin: str, command: Command, token: str, *, is_write: bool = False) -> HttpRequest:
    """The request of one call."""
    headers = {"User-Agent": AGENT, "Accept": "application/json"}
    body = {**command.params, "auth": token}
    return HttpRequest("POST", f"{origin}/rest/{command.method}", headers, json=body, is_write=is_write)


def batch_of(commands: Mapping[str, Command]) -> Command:
    """At most 50 commands as one; none stops the others.

    https://apidocs.bitrix24.com/api-reference/how-to-call-rest-api/batch.html
    """
    if len(commands) > BATCH:
        raise ValueError("a batch takes 50 commands")
    lines = {name: f"{each.method}?{encode(each.params)}" for name, each in commands.items()}
    return Command("batch", {"halt": 0, "cmd": lines})


def encode(params: Params) -> str:
    """Nested parameters as a query string with brackets."""
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in _flat("", params))


def decode(reply: HttpReply, method: str, *, is_write: bool = False) -> Decoded:
    """The answer of one call. Raises a CrmError, or Moved for a portal that was renamed."""
    if reply.status in (301, 302, 307, 308):
        raise Moved(reply.headers.get("location", ""))
    body = _json(reply)
    if body is None:
        lost = Unknown if is_write else Unavailable
        raise lost(f"status {reply.status}, and the answer is not JSON")
    if "error" in body or reply.status >= 400:
        raise error_of(reply.status, body, is_write=is_write)
    if "result" not in body:
        raise (Unknown if is_write else Unavailable)("the answer holds no result")
    timing = timing_of(method, body.get("time"))
    answer = Answer(body["result"], _number(body.get("next")), _number(body.get("total")))
    return Decoded(answer, (timing,) if timing else ())


def token_answer(reply: HttpReply) -> dict[str, Any]:
    """What the authorisation server answered; some refusals come with status 200.

    https://apidocs.bitrix24.com/settings/oauth/error-codes.html
    Raises AuthExpired, Rejected and other CrmErrors; Unknown where nobody can tell what happened.
    """
    body = _json(reply)
    if body is None or (reply.status >= 500 and "error" not in body):
        raise Unknown(f"status {reply.status}, and the answer is not JSON")
    if "error" in body or reply.status >= 400:
        raise error_of(reply.status, body, is_write=True)
    return body


def unpack(
    value: Any, commands: Mapping[str, Command], *, is_write: bool
) -> tuple[dict[str, Answer | CrmError], tuple[Timing, ...]]:
    """What each command of a batch gave: an answer or its error."""
    results, errors, nexts, totals, times = (
        tree(child(value, name))
        for name in ("result", "result_error", "result_next", "result_total", "result_time")
    )
    found: dict[str, Answer | CrmError] = {}
    timings = [timing_of(each.method, times.get(name)) for name, each in commands.items()]
    for name in commands:
        if name in errors:
            found[name] = error_of(400, tree(errors[name]), is_write=is_write)
        elif name in results:
            found[name] = Answer(results[name], _number(nexts.get(name)), _number(totals.get(name)))
        else:
            found[name] = (Unknown if is_write else Unavailable)("the batch left a command out")
    return found, tuple(timing for timing in timings if timing)


def error_of(status: int, body: Mapping[str, Any], *, is_write: bool) -> CrmError:
    """The error that a refusal stands for: by its code, then by its words, then by its status.

    Old methods answer 400 with an empty code, so that only the words tell.
    https://apidocs.bitrix24.com/api-reference/crm/deals/crm-deal-get.html
    """
    code, text = _code_and_text(body)
    words = f"{code} {text}".lower()
    if code == "query_limit_exceeded":
        return RateLimited(PAUSE_AFTER_FLOOD)
    if code == "operation_time_limit" or status == 429:
        return OperatingLimit(PAUSE_OF_METHOD)
    if code == "overload_limit":
        return Blocked("the portal's support has stopped our calls")
    if code == "payment_required" or any(word in words for word in UNPAID):
        return PaymentRequired("the portal's plan does not allow calls")
    if code in TOKEN_CODES:
        return AuthExpired(f"the token is not accepted: {code}")
    if code in REFUSED_CODES or "access denied" in words:
        return Unsupported(f"the right for this is missing: {code}")
    if code == "not_found" or any(word in words for word in GONE):
        return NotFound("no such record")
    if status >= 500:
        return Unknown(f"status {status}") if is_write else Unavailable(f"status {status}")
    if status in (401, 403):
        return AuthExpired(f"status {status}") if status == 401 else Unsupported(f"status {status}")
    return Rejected(f"{code}: {text}"[:VENDOR_TEXT_LIMIT])


def timing_of(method: str, value: Any) -> Timing | None:
    """What an answer says of its method's time; errors and old portals say nothing."""
    used, reset_at = child(value, "operating"), child(value, "operating_reset_at")
    if not isinstance(used, int | float) or not isinstance(reset_at, int | float):
        return None
    return Timing(method, float(used), float(reset_at))


def child(value: Any, *path: str) -> Any:
    """What stands under the keys of `path`, None where one is missing or something else."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def tree(value: Any) -> dict[str, Any]:
    """A map; an empty one comes as an empty list, and numbered keys may have made a list of it."""
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    if isinstance(value, list):
        return {str(number): each for number, each in enumerate(value)}
    return {}


def rows_of(value: Any, *path: str) -> list[dict[str, Any]]:
    """The records of a list, wherever an answer keeps it. Raises Unavailable for another shape."""
    found = child(value, *path) if path else value
    if isinstance(found, Mapping):
        found = list(found.values())
    if not isinstance(found, list):
        raise Unavailable("the answer has no list")
    return [row for row in found if isinstance(row, dict)]


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _flat(f"{prefix}[{key}]" if prefix else str(key), below)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, below in enumerate(value):
            yield from _flat(f"{prefix}[{number}]", below)
    elif isinstance(value, bool):
        yield prefix, "Y" if value else "N"
    elif value is not None:
        yield prefix, str(value)


def _code_and_text(body: Mapping[str, Any]) -> tuple[str, str]:
    """The newer API puts code and message into an object under `error`."""
    error = body.get("error")
    code, text = error, body.get("error_description")
    if isinstance(error, Mapping):
        code, text = error.get("code"), error.get("message")
    return str("" if code is None else code).strip().lower(), str(text or "")


def _json(reply: HttpReply) -> dict[str, Any] | None:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
