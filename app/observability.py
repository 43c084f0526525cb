"""Logs with an allow-list of fields, request ids, counters. No name, number or secret gets out."""

import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, cast

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import Processor

# fmt: off
ALLOWED = frozenset({
    "event", "level", "timestamp", "source", "request_id", "method", "path", "status", "milliseconds",
    "installation_id", "crm", "host", "deal_id", "log_id", "pipeline_id", "version", "entity", "kind",
    "state", "reason", "code", "count", "done", "total", "attempt", "seconds", "retry_after",
    "error", "error_type", "frames", "entity_id", "tick", "owner", "fence", "port", "workers",
    "action", "dropped",
})
# fmt: on
"""Fields that a log line may carry. Everything else is dropped and only its name is told."""

REQUESTS = Counter("stepgate_http_requests_total", "Requests answered", ["method", "route", "status"])
DURATION = Histogram("stepgate_http_request_seconds", "Time to the whole answer, in seconds", ["route"])
SECRET_PATH = re.compile(r"^(/hooks/[^/]+)/.+")
CODE = re.compile(r"^[A-Za-z_.]{1,64}$")
"""What a field `error` may hold: a code, not a text."""

QUIET = frozenset({"/livez", "/readyz", "/metrics"})
FRAMES = 12


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; pass fields as keywords, and only those that `ALLOWED` names."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(source=name))


def configure_logging(level: str, log_format: str) -> None:
    """Send our own and the libraries' log lines to stderr: `json` or `console`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exceptions_to_frames,
        keep_allowed,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "sqlalchemy.engine", "alembic", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A tick that is still at work when its next turn comes is no news, nor is one that is broken off
    # when the process ends; what goes wrong in a tick the worker tells itself.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )


def keep_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop fields that nobody allowed: a new field has to be thought about first."""
    if not CODE.match(str(event.get("error", "code"))):
        event["error_text"] = event.pop("error")
    private = {key for key in event if key.startswith("_")}
    dropped = sorted(set(event) - ALLOWED - private)
    for key in dropped:
        del event[key]
    if dropped:
        event["dropped"] = dropped
    return event


def exceptions_to_frames(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its type and where it came from; its text may hold anybody's data."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event.update(describe_error(error))
    return event


def describe_error(error: BaseException) -> dict[str, Any]:
    """The type of an exception and the last places it went through, without its text."""
    return {"error_type": type(error).__qualname__, "frames": _frames(error.__traceback__)}


def _frames(trace: TracebackType | None) -> list[str]:
    found = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in found]


def safe_path(path: str) -> str:
    """The path as it may be logged: the key of a hook is a secret."""
    return SECRET_PATH.sub(r"\1/***", path)


class RequestLog:
    """ASGI: gives every request an id, counts it, and logs one line without its query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = 500, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        REQUESTS.labels(scope["method"], route, str(status)).inc()
        DURATION.labels(route).observe(seconds)
        level = (
            "debug" if route in ("/livez", "/readyz", "/metrics") or route.startswith("/hooks") else "info"
        )
        getattr(self._log, level)(
            "answered",
            method=scope["method"],
            path=safe_path(scope["path"]),
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


def route_of(scope: Mapping[str, Any]) -> str:
    """The route's template, so that a metric's labels stay few."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) else "other"
