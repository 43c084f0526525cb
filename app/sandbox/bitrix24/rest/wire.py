"""How REST calls look: parameters in, answers and errors out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.bitrix24.apps import App, Grant
from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act

Json = dict[str, object]
PAGE = 50


class RestError(Exception):
    """A refused call: HTTP status, the vendor's code (it may be empty) and a sentence."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text

    @property
    def body(self) -> Json:
        """The answer's body; errors carry no `time`."""
        return {"error": self.code, "error_description": self.text}


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with its paging: `total` and `next` are left out when None."""

    result: object
    total: int | None = None
    next: int | None = None

    @property
    def body(self) -> Json:
        """The answer's body without its `time`."""
        found: Json = {"result": self.result}
        if self.next is not None:
            found["next"] = self.next
        if self.total is not None:
            found["total"] = self.total
        return found


@dataclass(slots=True)
class Call:
    """One call of one method by one user, mostly through an application."""

    portal: Portal
    method: str
    params: Json
    user: User
    app: App
    grant: Grant | None
    operating: dict[str, float] = field(default_factory=dict)

    @property
    def act(self) -> Act:
        """What the call does is done by its user, through the API."""
        hops = self.grant.hops if self.grant else None
        return Act(self.user.id, None, "api", hops, str(self.param("auth_connector") or ""))

    def param(self, name: str) -> object:
        """A parameter, whatever the case of its name; None when it is missing."""
        if name in self.params:
            return self.params[name]
        wanted = name.lower()
        return next((value for key, value in self.params.items() if key.lower() == wanted), None)

    def number(self, name: str) -> int:
        """A whole number. Raises RestError (ERROR_ARGUMENT) for anything else."""
        found = whole(self.param(name))
        if found is None:
            raise RestError(400, "100", f"Could not find value for parameter {{{name}}}")
        return found

    def text(self, name: str) -> str:
        """A text, empty when it is missing."""
        value = self.param(name)
        return "" if value is None or isinstance(value, dict | list) else str(value)

    def tree(self, name: str) -> Json:
        """A map, empty when it is missing."""
        return as_tree(self.param(name))

    def items(self, name: str) -> list[object]:
        """A list, empty when it is missing."""
        return as_list(self.param(name))

    @property
    def start(self) -> int:
        """The first row of the page, -1 to do without counting."""
        return whole(self.param("start")) or 0


def as_tree(value: object) -> Json:
    """A map of a parameter; a list becomes a map of its indexes."""
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def as_list(value: object) -> list[object]:
    """The items of a list parameter, however it was sent."""
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None or value == "" else [value]


def whole(value: object) -> int | None:
    """The whole number that a value is, None for anything else."""
    if isinstance(value, bool):
        return int(value)
    text = str(value).strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 19 else None


def truth(value: object) -> bool:
    """Whether a parameter means yes: Y, 1, true."""
    return value is True or str(value).upper() in {"Y", "1", "TRUE"}


def portal_of(request: Request) -> Portal:
    """The portal that this application serves."""
    portal = request.app.state.portal
    assert isinstance(portal, Portal)
    return portal


def query_tree(text: str) -> Json:
    """A query string or form body as nested maps."""
    return brackets.parse(parse_qsl(text, keep_blank_values=True))


async def params_of(request: Request) -> Json:
    """The parameters of a call: query, then a JSON or form body over it.

    Raises RestError for a body that is none of these.
    """
    found = query_tree(request.url.query)
    body = await request.body()
    if not body:
        return found
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        pairs = [(key, str(value)) for key, value in (await request.form()).multi_items()]
        return found | brackets.parse(pairs)
    if "json" in kind or body.lstrip()[:1] in {b"{", b"["}:
        return found | _json(body)
    return found | query_tree(body.decode("utf-8", "replace"))


def _json(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError:
        raise RestError(400, "INVALID_REQUEST", "Request body is not valid JSON") from None
    return as_tree(parsed)


def flat_text(params: Mapping[str, object], name: str) -> str:
    """A top-level parameter as text, empty when it is missing or nested."""
    value = params.get(name)
    return (
        value
        if isinstance(value, str)
        else ""
        if isinstance(value, dict | list) or value is None
        else str(value)
    )
