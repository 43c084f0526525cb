"""`stepgate demo`: a simulated CRM and a Stepgate, installed and filled through the front doors.

Nothing is written into Stepgate's database from here. The account seeds itself; its admin
installs the integration; Stepgate reads the past, and the admin publishes the proposed mapping and
makes one gate strict through the same interface as the settings page.
"""

import signal
import time
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import typer
from rich.console import Console

from app.demo.admin import Admin, follow_backfill, publish
from app.demo.home import DemoError, Home, fresh_home
from app.demo.processes import Started, check_ports, processes, run_verb
from app.sandbox import scenarios

LOG_DAYS = 7300
"""An event log keeps its own times, which may be many years back."""

HINT = "Drag a deal to «{stage}» and see what happens; README.md says what else to try. Ctrl-C ends the demo."


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What a visitor may choose. `port` is the first CRM's; Stepgate takes the next one, then come the
    other CRMs. An empty `crm` means all of them, one after another.
    """

    port: int = 9100
    open_browser: bool = True
    seed: int = 1
    leads: int = 1_500
    log: Path | None = None
    crm: str = ""


def run(options: DemoOptions) -> None:
    """Start everything, print `Ready: <address>`, and serve until Ctrl-C. Raises DemoError."""
    console = Console(stderr=True, highlight=False)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    names = _chosen(options.crm)
    check_ports(*range(options.port, options.port + len(names) + 1))
    try:
        with fresh_home(options.port) as home:
            _run_in(home, options, names, console)
    except KeyboardInterrupt:
        console.print("The demo has ended.")


def _chosen(crm: str) -> list[str]:
    known = list(scenarios())
    if crm and crm not in known:
        raise DemoError(f"There is no simulated CRM {crm!r}. There are: {', '.join(known)}.")
    return [crm] if crm else known


def _run_in(home: Home, options: DemoOptions, names: Sequence[str], console: Console) -> None:
    public_url = f"http://127.0.0.1:{options.port + 1}"
    accounts = [_account(home, options, name, place) for place, name in enumerate(names)]
    environment = home.environment(public_url) | settings_of(accounts)
    home.keep_settings(environment)
    console.print("1/5 Building the widget archive and the database …")
    for account in accounts:
        if account.needs_archive:
            archive = str(_archive(home, account.crm))
            run_verb(environment, "widget", "build", "--crm", account.crm, "--out", archive)
    run_verb(environment, "migrate")
    with processes(environment, home) as start, httpx.Client(timeout=60, trust_env=False) as http:
        start("stepgate", "serve", "--port", str(options.port + 1))
        for account in accounts:
            if account is not accounts[0]:
                console.print(f"\nThe same once more, with a {account.crm} account beside it …")
            _open(account, start, http, options, console)
        _serve_until_stopped(start, console)


def _archive(home: Home, crm: str) -> Path:
    return home.path / f"widget-{crm}.zip"


def _account(home: Home, options: DemoOptions, name: str, place: int) -> Any:
    """What the sandbox says about the demo of its CRM. The second CRM's port comes after Stepgate's."""
    return scenarios()[name].prepare(
        port=options.port + place + (1 if place else 0),
        public_url=f"http://127.0.0.1:{options.port + 1}",
        archive=_archive(home, name),
        seed=options.seed,
        leads=options.leads,
        log=options.log,
    )


def settings_of(accounts: Sequence[Any]) -> dict[str, str]:
    """Stepgate's settings for all accounts: what two of them set is a list, and both are on it."""
    found: dict[str, str] = {}
    for account in accounts:
        for name, value in account.environment.items():
            found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _open(account: Any, start: Started, http: httpx.Client, options: DemoOptions, console: Console) -> None:
    """One account from its start to the visitor's board. Raises DemoError."""
    public_url = f"http://127.0.0.1:{options.port + 1}"
    console.print("2/5 Starting a simulated CRM account and Stepgate …")
    start(f"crm-{account.crm}", "sandbox", account.crm, *account.arguments)
    start.wait_until_up(http, f"{account.origin}/sandbox/api/bootstrap", f"{public_url}/readyz")
    try:
        console.print("3/5 Installing Stepgate into the account, as its admin would …")
        account.install(http)
        admin = Admin(http, public_url, account.crm, account)
        if options.log:
            admin.ask("POST", "/backfill", {"days": LOG_DAYS})
        follow_backfill(admin, start, console, "4/5 Reading what happened in the account:")
        console.print("5/5 Publishing the proposed mapping and measuring the funnel …")
        publish(admin, start, account.gated_stage, from_log=options.log is not None)
    except httpx.HTTPError as error:
        raise DemoError(f"{error}\nLook into {start.logs}.") from None
    typer.echo(f"Ready: {account.board_url}")
    if not options.log:
        console.print(HINT.format(stage=account.gated_stage))
    if options.open_browser:
        webbrowser.open(account.board_url)


def _serve_until_stopped(started: Started, console: Console) -> None:
    try:
        while True:
            started.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("\nStopping …")
        raise


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
