"""Filling an account and serving it over http and https."""

from pathlib import Path

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.archive import read_archive
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.eventlog import load_event_log
from app.sandbox.amocrm.seed import seed as grow
from app.sandbox.serving import Served, serve


def make_account(origin: str, seed: int, log: Path | None, *, empty: bool, leads: int) -> Account:
    """An account filled from an event log, from the seed, or not at all."""
    account = Account.empty(SandboxConfig(origin=origin, seed=seed))
    if log is not None:
        load_event_log(account, log)
    elif not empty:
        grow(account, seed, account.now(), leads)
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
    """Serve until Ctrl-C; `certificate` is a PEM file with key and certificate."""
    account.faults.settle()

    def close() -> None:
        account.closing = True

    served = Served(create_sandbox(account=account), f"Sandbox amoCRM: {account.config.origin}", close)
    serve(served, host, port, https_port, certificate)
