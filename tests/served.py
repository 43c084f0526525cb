"""An application in a thread of its own, for tests whose other side is a browser or another process."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import uvicorn
from starlette.types import ASGIApp

T = TypeVar("T")
WAIT_S = 120.0


@dataclass(frozen=True)
class Thread:
    """Where the application runs. Change what it holds only through `run`, never from outside."""

    port: int
    loop: asyncio.AbstractEventLoop

    def run(self, change: Callable[[], T]) -> T:
        """Do something in the application's own thread and wait for its answer."""

        async def call() -> T:
            return change()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(WAIT_S)


class _Server(uvicorn.Server):
    """A server that says when it listens, and on which loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell the thread that waits."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.is_up.set()


def listening() -> socket.socket:
    """A socket on a free port of this machine."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def port_of(bound: socket.socket) -> int:
    """The port that a socket has got."""
    port: int = bound.getsockname()[1]
    return port


@contextmanager
def served(
    app: ASGIApp,
    bound: socket.socket | None = None,
    *,
    on_end: Callable[[], None] = lambda: None,
    certificate: Path | None = None,
) -> Iterator[Thread]:
    """Serve until the block ends. `on_end` lets open streams go; `certificate` makes it https."""
    kept = bound or listening()
    pem = str(certificate) if certificate else None
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=10,
        ws="none",
        ssl_certfile=pem,
        ssl_keyfile=pem,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [kept]}, daemon=True)
    thread.start()
    try:
        assert server.is_up.wait(WAIT_S), "the server did not start"
        assert server.loop is not None
        yield Thread(port_of(kept), server.loop)
    finally:
        on_end()
        server.should_exit = True
        thread.join(WAIT_S)
        kept.close()
