"""The servers that are measured, each a process of its own: the door, and the bare limit of a door.

`python -m tests.load.serving door|bare URL KEY` prints its port when it serves.
"""

import socket
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from app.clock import SystemClock
from app.commands.process import settle_heap
from app.config import Settings
from app.crm.registry import AdapterEnvironment, load_adapters
from app.db.engine import Database, open_database
from app.db.lane import LaneKey
from app.frontdoor.serving import server_config
from app.inbox.group_commit import GroupCommit
from app.inbox.receive import Arrival, store_arrivals
from app.main import create_app
from app.wiring import Parts

PUBLIC_URL = "http://127.0.0.1:8080"
ACCOUNTS, DEALS = 50, 20
"""How many accounts send, and of how many deals each."""
SEALED_SIZE = 847
"""What a body of the load weighs once it is sealed."""


def make_parts() -> Parts:
    """The adapters at hand and the machine's clock."""
    clock = SystemClock()
    return Parts(load_adapters(AdapterEnvironment(PUBLIC_URL, (), clock)), clock)


def door_config(url: str, key: str) -> uvicorn.Config:
    """The whole application as `stepgate serve` serves it, without lane tasks."""
    values: dict[str, Any] = {"database_url": url, "secret_keys": key, "workers": 0, "public_url": PUBLIC_URL}
    settings = Settings(_env_file=None, spool_dir=Path("/tmp/stepgate-bench-spool"), **values)
    return server_config(create_app(settings, make_parts()), settings)


def bare_config(url: str) -> uvicorn.Config:
    """The bare limit as the server serves by itself."""
    return uvicorn.Config(Bare(url), log_config=None, access_log=False, server_header=False)


class Bare:
    """Reads a body, makes the door's commit with rows that were ready before, and nothing else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._db: Database | None = None
        self._group: GroupCommit[Arrival] = GroupCommit(self._store)
        self._clock = SystemClock()
        self._arrivals = cycle(
            Arrival(
                1 + number % ACCOUNTS,
                self._clock.now(),
                b"x" * SEALED_SIZE,
                b"y" * 32,
                "bare",
                lanes=(LaneKey(1 + number % ACCOUNTS, "deal", str(number)),),
            )
            for number in range(ACCOUNTS * DEALS)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await self._group.add(next(self._arrivals))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._db = open_database(self._url)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._group.close()
        await self._db.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _store(self, arrivals: Sequence[Arrival]) -> None:
        db, now = self._db, self._clock.now()
        assert db
        await db.write(lambda conn: store_arrivals(conn, arrivals, now))


def main() -> None:
    """Serve until killed."""
    kind, url, key = sys.argv[1:4]
    config = door_config(url, key) if kind == "door" else bare_config(url)
    settle_heap()
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
