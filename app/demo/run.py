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
from app.demo.home import DemoError, Home, fresh_home
from app.demo.processes import Started, check_ports, processes, run_verb
from app.sandbox import scenarios

LOG_DAYS = 7300
"""An event log keeps its own times, which may be many years back."""

HINT = "Drag a deal to «{stage}» and see what happens; README.md says what else to try. Ctrl-C ends the demo."


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
    console = Console(stderr=True, highlight=False)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    check_ports(options.port, options.port + 1)
    try:
        with fresh_home(options.port) as home:
            _run_in(home, options, console)
    except KeyboardInterrupt:
        console.print("The demo has ended.")


def _run_in(home: Home, options: DemoOptions, console: Console) -> None:
    public_url = f"http://127.0.0.1:{options.port + 1}"
    known = scenarios()
    crm = options.crm or next(iter(known))
    if crm not in known:
        raise DemoError(f"There is no simulated CRM {crm!r}. There are: {', '.join(known)}.")
    archive = home.path / "widget.zip"
    scenario = known[crm].prepare(
        port=options.port,
        public_url=public_url,
        archive=archive,
        seed=options.seed,
        leads=options.leads,
        log=options.log,
    )
    environment = home.environment(public_url) | dict(scenario.environment)
    home.keep_settings(environment)
    console.print("1/5 Building the widget archive and the database …")
    if scenario.needs_archive:
        run_verb(environment, "widget", "build", "--crm", crm, "--out", str(archive))
    run_verb(environment, "migrate")
    with processes(environment, home) as start, httpx.Client(timeout=60, trust_env=False) as http:
        console.print("2/5 Starting a simulated CRM account and Stepgate …")
        start("crm", "sandbox", crm, *scenario.arguments)
        start("stepgate", "serve", "--port", str(options.port + 1))
        start.wait_until_up(http, f"{scenario.origin}/sandbox/api/bootstrap", f"{public_url}/readyz")
        try:
            console.print("3/5 Installing Stepgate into the account, as its admin would …")
            scenario.install(http)
            admin = Admin(http, public_url, crm, scenario)
            if options.log:
                admin.ask("POST", "/backfill", {"days": LOG_DAYS})
            follow_backfill(admin, start, console, "4/5 Reading what happened in the account:")
            console.print("5/5 Publishing the proposed mapping and measuring the funnel …")
            publish(admin, start, scenario.gated_stage, from_log=options.log is not None)
        except httpx.HTTPError as error:
            raise DemoError(f"{error}\nLook into {home.logs}.") from None
        typer.echo(f"Ready: {scenario.board_url}")
        if not options.log:
            console.print(HINT.format(stage=scenario.gated_stage))
        if options.open_browser:
            webbrowser.open(scenario.board_url)
        _serve_until_stopped(start, console)


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
