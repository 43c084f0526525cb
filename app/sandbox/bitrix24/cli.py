"""`stepgate sandbox bitrix24`: run the simulated portal on this machine."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="A simulated Bitrix24 portal with a kanban, a deal card and the REST API.")
PLANS = {"basic": (2.0, 50.0), "ent": (5.0, 250.0)}
"""Requests a second and at once, by plan: https://apidocs.bitrix24.com/limits.html"""


@app.callback(invoke_without_command=True)
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 9200,
    origin: Annotated[str, typer.Option(help="Public address, when it is not http://HOST:PORT.")] = "",
    seed: Annotated[int, typer.Option(help="The same number gives the same portal.")] = 1,
    deals: Annotated[int, typer.Option(min=1, max=20_000, help="How many deals the seed grows.")] = 1_500,
    log: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Load this event log (CSV) instead of the seed."),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Start with no deals at all.")] = False,
    plan: Annotated[
        str, typer.Option(help="The portal's plan: basic, or ent with its higher rates.")
    ] = "basic",
    kind: Annotated[
        str, typer.Option(help="How the application comes: local, api (without pages) or market.")
    ] = "local",
    handler_url: Annotated[str, typer.Option(help="The application's own page.")] = "",
    install_url: Annotated[str, typer.Option(help="Its first page, when that is another one.")] = "",
    client_id: Annotated[str, typer.Option(help="The application's id.")] = "",
    client_secret: Annotated[
        str, typer.Option(envvar="SANDBOX_CLIENT_SECRET", help="The application's secret.")
    ] = "",
    https_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve https on this port too.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file with key and certificate.")] = None,
    rate_limit: Annotated[bool, typer.Option(help="Enforce the limits of the cloud.")] = True,
) -> None:
    """Start the portal and serve it until Ctrl-C."""
    if plan not in PLANS:
        raise typer.BadParameter(f"--plan is one of these: {', '.join(PLANS)}.")
    if kind not in {"local", "api", "market"}:
        raise typer.BadParameter("--kind is local, api or market.")
    if https_port is not None and certificate is None:
        raise typer.BadParameter("--https-port needs --certificate FILE with key and certificate.")
    # Imported late: the operator's command line starts without loading a server.
    from app.sandbox.bitrix24 import serve
    from app.sandbox.bitrix24.eventlog import EventLogError

    try:
        portal = serve.make_portal(origin or f"http://{host}:{port}", seed, log, empty=empty, deals=deals)
    except EventLogError as problem:
        raise typer.BadParameter(f"--log: {problem}") from None
    portal.config.license_type = plan
    portal.faults.rate_per_second, portal.faults.rate_ceiling = PLANS[plan]
    portal.faults.rate_limit = portal.faults.operating_limit = rate_limit
    if handler_url:
        portal.apps.register(
            kind=kind,
            handler_url=handler_url,
            install_url=install_url,
            client_id=client_id,
            client_secret=client_secret,
        )
    serve.run(portal, host, port, https_port, certificate)
