"""Filling a portal and serving it over http and https."""

from pathlib import Path

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.eventlog import load_event_log
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import seed as grow
from app.sandbox.seed_office import MAIN_STAGES
from app.sandbox.serving import Served, serve


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
    portal.faults.settle()

    def close() -> None:
        portal.closing = True

    served = Served(create_sandbox(portal=portal), f"Sandbox Bitrix24: {portal.config.origin}", close)
    serve(served, host, port, https_port, certificate)
