"""`stepgate sandbox amocrm`: run the simulated account on this machine."""

import asyncio
import importlib
import importlib.util
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.archive import BadArchive, read_archive
from app.sandbox.amocrm.config import SandboxConfig

app = typer.Typer(help="A simulated amoCRM account with a board, a deal card and the REST API.")
PACKAGE = "app.sandbox.amocrm"


@app.callback(invoke_without_command=True)
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9100,
    origin: Annotated[str, typer.Option(help="Public address, when it is not http://HOST:PORT.")] = "",
    seed: Annotated[int, typer.Option(help="The same number gives the same account.")] = 1,
    log: Annotated[Path | None, typer.Option(help="Load this event log (CSV) instead of the seed.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Start with no deals at all.")] = False,
    widget_archive: Annotated[Path | None, typer.Option(help="widget.zip to upload at once.")] = None,
    client_id: Annotated[str, typer.Option(help="Integration id.")] = "",
    client_secret: Annotated[str, typer.Option(help="Integration secret.")] = "",
    redirect_uri: Annotated[str, typer.Option(help="Where install codes are sent.")] = "",
    disable_hook_uri: Annotated[str, typer.Option(help="Called when the integration is removed.")] = "",
    https_port: Annotated[int | None, typer.Option(help="Serve https on this port too.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file with key and certificate.")] = None,
    rate_limit: Annotated[bool, typer.Option(help="Enforce 7 requests a second.")] = True,
) -> None:
    """Start the account and serve it until Ctrl-C."""
    if https_port is not None and certificate is None:
        raise typer.BadParameter("--https-port needs --certificate FILE with key and certificate.")
    config = SandboxConfig(origin=origin or f"http://{host}:{port}", seed=seed)
    config.faults.rate_limit = rate_limit
    account = Account.empty(config)
    _fill(account, seed, log, empty=empty)
    if redirect_uri:
        integration = account.integrations.register(
            redirect_uri=redirect_uri,
            client_id=client_id,
            client_secret=client_secret,
            name="Stepgate",
            disable_hook_uri=disable_hook_uri,
        )
        if widget_archive is not None:
            try:
                integration.archive = read_archive(widget_archive.read_bytes())
            except (OSError, BadArchive) as problem:
                raise typer.BadParameter(f"{widget_archive}: {problem}") from None
    asyncio.run(_serve(account, host, port, https_port, certificate))


def _fill(account: Account, seed: int, log: Path | None, *, empty: bool) -> None:
    """Load a log, or the seeded account, or nothing."""
    if log is not None:
        importlib.import_module(f"{PACKAGE}.eventlog").load_event_log(account, log)
    elif not empty and importlib.util.find_spec(f"{PACKAGE}.seed") is not None:
        importlib.import_module(f"{PACKAGE}.seed").seed(account, seed, account.now())


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
