"""Filling a portal and serving it."""

import socket

import typer
import uvicorn

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import seed as grow
from app.sandbox.seed_office import MAIN_STAGES


def make_portal(origin: str, seed: int, *, empty: bool, deals: int) -> Portal:
    """A portal filled from the seed, or with one funnel and nothing in it."""
    portal = Portal.empty(SandboxConfig(origin=origin, seed=seed))
    if empty:
        portal.add_category("Продажи", [name for name, _ in MAIN_STAGES], is_default=True)
    else:
        grow(portal, seed, portal.now(), deals)
    return portal


def run(portal: Portal, host: str, port: int) -> None:
    """Serve until Ctrl-C."""
    config = uvicorn.Config(create_sandbox(portal=portal), host=host, port=port, log_level="warning")
    _Server(config, portal).run()


class _Server(uvicorn.Server):
    """Says where it listens once it does, and lets the live streams go when it stops."""

    def __init__(self, config: uvicorn.Config, portal: Portal) -> None:
        config.timeout_graceful_shutdown = 3
        super().__init__(config)
        self._portal = portal

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the one line that scripts wait for."""
        await super().startup(sockets)
        if self.started:
            typer.echo(f"Sandbox Bitrix24: {self._portal.config.origin}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the live streams to end, then close."""
        self._portal.closing = True
        await super().shutdown(sockets)
