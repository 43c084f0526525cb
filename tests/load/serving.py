"""The servers that are measured, each a process of its own: the door, and the bare limit of a door.

`python -m tests.load.serving door|bare URL KEY` prints its port when it serves.
"""

import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import SystemClock
from app.config import Settings
from app.crm.registry import AdapterEnvironment, load_adapters
from app.db.engine import Database, open_database
from app.inbox.group_commit import GroupCommit
from app.main import create_app
from app.wiring import Parts

PUBLIC_URL = "http://127.0.0.1:8080"
SEALED_SIZE = 847
"""What a body of the load weighs once it is sealed."""

BARE_SQLITE = (
    "INSERT INTO delivery (installation_id, received_at, sealed_body, body_hash, state)"
    " VALUES (?, ?, ?, ?, ?)"
)
BARE_POSTGRESQL = (
    "INSERT INTO delivery (installation_id, received_at, sealed_body, body_hash, state)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[])"
)
Row = tuple[int, int, bytes, bytes, str]


def make_parts() -> Parts:
    """The adapters at hand and the machine's clock."""
    clock = SystemClock()
    return Parts(load_adapters(AdapterEnvironment(PUBLIC_URL, (), clock)), clock)


def door_app(url: str, key: str) -> ASGIApp:
    """The whole application, without lane tasks."""
    values: dict[str, Any] = {"database_url": url, "secret_keys": key, "workers": 0, "public_url": PUBLIC_URL}
    return create_app(
        Settings(_env_file=None, spool_dir=Path("/tmp/stepgate-bench-spool"), **values), make_parts()
    )


class Bare:
    """Reads a body, stores a row of the same size with the same group commit, and nothing else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._db: Database | None = None
        self._group: GroupCommit[Row] = GroupCommit(self._store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await self._group.add((1, len(body), b"x" * SEALED_SIZE, b"y" * 32, "routed"))
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

    async def _store(self, rows: Sequence[Row]) -> None:
        assert self._db
        if self._db.dialect == "postgresql":
            columns = tuple(list(column) for column in zip(*rows, strict=True))
            await self._db.write(lambda conn: conn.exec_driver_sql(BARE_POSTGRESQL, columns))
        else:
            await self._db.write(lambda conn: conn.exec_driver_sql(BARE_SQLITE, list(rows)))


def main() -> None:
    """Serve until killed, with the settings of `stepgate serve`."""
    kind, url, key = sys.argv[1:4]
    app: Any = door_app(url, key) if kind == "door" else Bare(url)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_keep_alive=60
    )
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
