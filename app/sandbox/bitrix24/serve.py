"""Filling a portal and serving it over http and https."""

import asyncio
import socket
from pathlib import Path

import typer
import uvicorn

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.eventlog import load_event_log
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import seed as grow
from app.sandbox.seed_office import MAIN_STAGES


def make_portal(origin: str, seed: int, log: Path | None = None, *, empty: bool, deals: int) -> Portal:
    """A portal filled from an event log, from the seed, or with one funnel and nothing in it."""
    portal = Portal.empty(SandboxConfig(origin=origin, seed=seed))
    if log is not None:
        load_event_log(portal, log)
    elif empty:
        portal.add_category("Продажи", [name for name, _ in MAIN_STAGES], is_default=True)
    else:
        grow(portal, seed, portal.now(), deals)
    return portal


def run(
    portal: Portal, host: str, port: int, https_port: int | None = None, certificate: Path | None = None
) -> None:
    """Serve until Ctrl-C; `certificate` is a PEM file with key and certificate."""
    asyncio.run(_serve(portal, host, port, https_port, certificate))


async def _serve(
    portal: Portal, host: str, port: int, https_port: int | None, certificate: Path | None
) -> None:
    served = create_sandbox(portal=portal)
    servers = [_Server(uvicorn.Config(served, host=host, port=port, log_level="warning"), portal)]
    if https_port is not None and certificate is not None:
        secure = uvicorn.Config(
            served,
            host=host,
            port=https_port,
            log_level="warning",
            lifespan="off",
            ssl_certfile=str(certificate),
            ssl_keyfile=str(certificate),
        )
        servers.append(_Server(secure, portal))
    await asyncio.gather(*(server.serve() for server in servers))


class _Server(uvicorn.Server):
    """Says where it listens once it does, and lets the live streams go when it stops."""

    def __init__(self, config: uvicorn.Config, portal: Portal) -> None:
        config.timeout_graceful_shutdown = 3
        super().__init__(config)
        self._portal = portal

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the one line that scripts wait for."""
        await super().startup(sockets)
        if self.started and self.config.lifespan != "off":
            typer.echo(f"Sandbox Bitrix24: {self._portal.config.origin}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the live streams to end, then close."""
        self._portal.closing = True
        await super().shutdown(sockets)
