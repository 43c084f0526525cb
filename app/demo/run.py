"""`stepgate demo`: a simulated CRM and a Stepgate, installed and filled through the front doors.

Nothing is written into Stepgate's database from here. The account seeds itself; its admin
installs the integration; Stepgate reads the past, and the admin publishes the proposed mapping and
makes one gate strict through the same interface as the settings page.
"""

import signal
import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer
from rich.console import Console

from app.demo.admin import Admin, follow_backfill, publish
from app.demo.processes import (
    HOME,
    DemoError,
    Started,
    check_ports,
    environment_for,
    fresh_home,
    keep_settings,
    processes,
    run_verb,
    wait_until_up,
)
from app.sandbox import scenarios

LOG_DAYS = 7300
"""An event log keeps its own times, which may be many years back."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What a visitor may choose. `port` is the CRM's; Stepgate takes the next one."""

    port: int = 9100
    open_browser: bool = True
    seed: int = 1
    leads: int = 1_500
    log: Path | None = None
    crm: str = ""


def run(options: DemoOptions) -> None:
    """Start everything, print `Ready: <address>`, and serve until Ctrl-C. Raises DemoError."""
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, _interrupt)
    check_ports(options.port, options.port + 1)
    fresh_home()
    public_url = f"http://127.0.0.1:{options.port + 1}"
    crm = options.crm or next(iter(scenarios()))
    archive = HOME / "widget.zip"
    scenario = scenarios()[crm].prepare(
        port=options.port,
        public_url=public_url,
        archive=archive,
        seed=options.seed,
        leads=options.leads,
        log=options.log,
    )
    environment = environment_for(public_url) | dict(scenario.environment)
    keep_settings(environment)
    with processes(environment) as start, httpx.Client(timeout=30, trust_env=False) as http:
        console.print("Building the widget archive and the database …")
        run_verb(environment, "widget", "build", "--crm", crm, "--out", str(archive))
        run_verb(environment, "migrate")
        console.print("Starting the CRM and Stepgate …")
        start("crm", "sandbox", crm, *scenario.arguments)
        start("stepgate", "serve", "--port", str(options.port + 1))
        wait_until_up(http, f"{scenario.origin}/sandbox/api/bootstrap", f"{public_url}/readyz")
        try:
            console.print("Installing Stepgate into the account …")
            scenario.install(http)
            admin = Admin(http, public_url, crm, scenario)
            if options.log:
                admin.ask("POST", "/backfill", {"days": LOG_DAYS})
            follow_backfill(admin, console)
            publish(admin, scenario.gated_stage, from_log=options.log is not None)
        except httpx.HTTPError as error:
            raise DemoError(f"{error}\nLook into {HOME}/*.log.") from None
        typer.echo(f"Ready: {scenario.board_url}")
        if options.open_browser:
            webbrowser.open(scenario.board_url)
        _serve_until_stopped(start)


def _serve_until_stopped(started: Started) -> None:
    try:
        while True:
            for name, process in started.running.items():
                if process.poll() is not None:
                    raise DemoError(f"{name} stopped by itself; look into {HOME}/{name}.log.")
            time.sleep(0.5)
    except KeyboardInterrupt:
        return


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
