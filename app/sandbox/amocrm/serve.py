"""Filling an account and serving it over http and https."""

import asyncio
import importlib
import importlib.util
import socket
from pathlib import Path

import typer
import uvicorn

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.archive import read_archive
from app.sandbox.amocrm.config import SandboxConfig

PACKAGE = "app.sandbox.amocrm"


def make_account(origin: str, seed: int, log: Path | None, *, empty: bool, leads: int) -> Account:
    """An account filled from an event log, from the seed, or not at all."""
    account = Account.empty(SandboxConfig(origin=origin, seed=seed))
    if log is not None:
        importlib.import_module(f"{PACKAGE}.eventlog").load_event_log(account, log)
    elif not empty and importlib.util.find_spec(f"{PACKAGE}.seed") is not None:
        importlib.import_module(f"{PACKAGE}.seed").seed(account, seed, account.now(), leads)
    return account


def add_integration(
    account: Account,
    redirect_uri: str,
    client_id: str,
    client_secret: str,
    disable_hook_uri: str,
    widget_archive: Path | None,
) -> None:
    """Register the product, not installed yet, with its widget. Raises OSError or BadArchive."""
    files = {} if widget_archive is None else read_archive(widget_archive.read_bytes())
    integration = account.integrations.register(
        redirect_uri=redirect_uri,
        client_id=client_id,
        client_secret=client_secret,
        name="Stepgate",
        disable_hook_uri=disable_hook_uri,
    )
    integration.archive = files


def run(account: Account, host: str, port: int, https_port: int | None, certificate: Path | None) -> None:
    """Serve until Ctrl-C."""
    asyncio.run(_serve(account, host, port, https_port, certificate))


async def _serve(
    account: Account, host: str, port: int, https_port: int | None, certificate: Path | None
) -> None:
    served = create_sandbox(account=account)
    servers = [_Server(uvicorn.Config(served, host=host, port=port, log_level="warning"), account)]
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
        servers.append(_Server(secure, account))
    await asyncio.gather(*(server.serve() for server in servers))


class _Server(uvicorn.Server):
    """Says where it listens once it does, and lets the live streams go when it stops."""

    def __init__(self, config: uvicorn.Config, account: Account) -> None:
        config.timeout_graceful_shutdown = 3
        super().__init__(config)
        self._account = account

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the one line that scripts wait for."""
        await super().startup(sockets)
        if self.started and self.config.lifespan != "off":
            typer.echo(f"Sandbox amoCRM: {self._account.config.origin}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the live streams to end, then close."""
        self._account.closing = True
        await super().shutdown(sockets)
