"""Serving a simulated CRM over http and https."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer
import uvicorn
from fastapi import FastAPI

LAST_ANSWERS = 3
"""Seconds that open requests get when the server ends."""


@dataclass(frozen=True, slots=True)
class Served:
    """`greeting` is printed once it listens; `on_closing` lets the live streams go."""

    app: FastAPI
    greeting: str
    on_closing: Callable[[], None]


def serve(
    served: Served, host: str, port: int, https_port: int | None = None, certificate: Path | None = None
) -> None:
    """Serve until Ctrl-C; `certificate` is a PEM file with key and certificate."""
    asyncio.run(_serve(served, host, port, https_port, certificate))


async def _serve(
    served: Served, host: str, port: int, https_port: int | None, certificate: Path | None
) -> None:
    servers = [_Server(uvicorn.Config(served.app, host=host, port=port, log_level="warning"), served)]
    if https_port is not None and certificate is not None:
        secure = uvicorn.Config(
            served.app,
            host=host,
            port=https_port,
            log_level="warning",
            lifespan="off",
            ssl_certfile=str(certificate),
            ssl_keyfile=str(certificate),
        )
        servers.append(_Server(secure, served))
    await asyncio.gather(*(server.serve() for server in servers))


class _Server(uvicorn.Server):
    """Says where it listens once it does, and lets the live streams go when it stops."""

    def __init__(self, config: uvicorn.Config, served: Served) -> None:
        config.timeout_graceful_shutdown = LAST_ANSWERS
        super().__init__(config)
        self._served = served

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the one line that scripts wait for."""
        await super().startup(sockets)
        if self.started and self.config.lifespan != "off":
            typer.echo(self._served.greeting)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the live streams to end, then close."""
        self._served.on_closing()
        await super().shutdown(sockets)
