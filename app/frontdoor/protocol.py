"""The HTTP protocol of the server, with deadlines: nobody may dawdle over a request, or read slowly."""

import json
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import Overloaded
from app.frontdoor.connections import Connections, Phase

HEAD, REPLY, NEXT = Phase
LONGEST_HEAD = 64 * 1024
HOOKS = b"/hooks/"
_BUSY = {"code": "overloaded", "sentence": Overloaded.default_sentence, "problems": [], "id": ""}
_BUSY_BODY = json.dumps({"error": _BUSY}).encode()
_BUSY_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BUSY_BODY)).encode()),
    (b"retry-after", b"2"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
]
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
_LONG_HEAD = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GuardedProtocol(HttpToolsProtocol):
    """One connection. A subclass names the register that it belongs to."""

    register: Connections

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.phase, self.since = HEAD, self.loop.time()
        self.client_host, self.is_proxy = "", True
        self._head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Somebody connected; without a host it came through a file and so from our proxy."""
        super().connection_made(transport)
        if self.client:
            self.client_host = self.client[0]
            self.is_proxy = self.client_host in self.register.proxies
        if not self.register.admit(self):
            transport.write(_NO_ROOM)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.register.leave(self)
        super().connection_lost(exc)

    def hang_up(self) -> None:
        """Close at once; what was not sent is lost."""
        if self.phase is NEXT and not self.transport.get_write_buffer_size():
            self.transport.close()
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or more than one."""
        if self.phase is NEXT:
            self.phase, self.since, self._head_bytes = HEAD, self.loop.time(), 0
        super().data_received(data)
        if self.phase is HEAD and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                self.transport.write(_LONG_HEAD)
                self.transport.close()

    def on_headers_complete(self) -> None:
        """The head of a request is there: it is served from now on."""
        self.phase, self.since = REPLY, self.loop.time()
        # Hooks have a queue with a limit of its own.
        if len(self.tasks) >= self.register.limits.requests and not self.url.startswith(HOOKS):
            self.app = busy
            super().on_headers_complete()
            self.app = self.config.loaded_app
        else:
            super().on_headers_complete()

    def on_response_complete(self) -> None:
        """We have answered. The register's sweep takes the place of a timer for every connection."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self.since = self.loop.time()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.phase = NEXT

    def shutdown(self) -> None:
        """The server is about to end."""
        self.register.on_closing()
        super().shutdown()


async def busy(_: Scope, __: Receive, send: Send) -> None:
    """ASGI: too many requests are being served."""
    await send({"type": "http.response.start", "status": 503, "headers": _BUSY_HEADERS})
    await send({"type": "http.response.body", "body": _BUSY_BODY})


def protocol_of(connections: Connections) -> type[GuardedProtocol]:
    """The protocol of a server whose connections are held there."""

    class Registered(GuardedProtocol):
        register = connections

    return Registered
