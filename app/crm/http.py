"""The one HTTP client: small, without proxies and redirects, with every failure in our words."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.crm.errors import Unavailable, Unknown
from app.crm.public_only import public_transport
from app.observability import get_logger

Transport = httpx.AsyncBaseTransport
CONNECTIONS = 4
"""A larger pool is slower: it is searched through for every request."""

TOTAL_SECONDS = 25.0
ANSWER_LIMIT = 16 * 1024 * 1024
log = get_logger("calls")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request in full. `is_write` decides what a lost answer means."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: tuple[tuple[str, str], ...] = ()
    json: Any = None
    form: Mapping[str, str] | None = None
    is_write: bool = False


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer in full; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpClient:
    """Sends requests. `transport` replaces the network (tests); `public_only` refuses to connect to
    addresses of private networks, for hosts whose names are not the vendor's."""

    def __init__(self, transport: Transport | None = None, *, public_only: bool = False) -> None:
        if public_only and transport is None:
            transport = public_transport(CONNECTIONS)
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._client = httpx.AsyncClient(
            transport=transport,
            limits=limits,
            timeout=httpx.Timeout(20.0, connect=5.0),
            trust_env=False,
            follow_redirects=False,
        )

    async def send(self, request: HttpRequest) -> HttpReply:
        """The answer to `request`, whatever its status, within 25 seconds.

        Raises Unavailable when it was not sent or only read, Unknown when a write was sent and its
        answer lost or too large.
        """
        lost = Unknown if request.is_write else Unavailable
        started, outcome = perf_counter(), dict[str, object]()
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                reply = await self._send(request)
            outcome["status"] = reply.status
            return reply
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            outcome["error_type"] = type(error).__name__
            raise Unavailable(f"not reachable: {type(error).__name__}") from None
        except (httpx.HTTPError, TimeoutError, _TooLarge) as error:
            outcome["error_type"] = type(error).__name__
            raise lost(f"no answer: {type(error).__name__}") from None
        finally:
            self._tell(request, round((perf_counter() - started) * 1000), outcome)

    def _tell(self, request: HttpRequest, milliseconds: int, outcome: Mapping[str, object]) -> None:
        """Which call went where and how it ended. Parameters and answers hold people's words: never here."""
        where = urlsplit(request.url)
        log.info(
            "crm called",
            method=request.method,
            host=where.netloc,
            path=where.path,
            milliseconds=milliseconds,
            **outcome,
        )

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.aclose()

    async def _send(self, request: HttpRequest) -> HttpReply:
        async with self._client.stream(
            request.method,
            request.url,
            params=list(request.params) or None,
            headers=dict(request.headers),
            json=request.json,
            data=request.form,
        ) as answer:
            chunks, size = [], 0
            async for chunk in answer.aiter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > ANSWER_LIMIT:
                    raise _TooLarge
            return HttpReply(answer.status_code, dict(answer.headers), b"".join(chunks))


class _TooLarge(Exception):
    """The answer is longer than we hold in memory."""
