"""`stepgate sandbox amocrm`: run the simulated account on this machine."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="A simulated amoCRM account with a board, a deal card and the REST API.")


@app.callback(invoke_without_command=True)
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 9100,
    origin: Annotated[str, typer.Option(help="Public address, when it is not http://HOST:PORT.")] = "",
    seed: Annotated[int, typer.Option(help="The same number gives the same account.")] = 1,
    leads: Annotated[int, typer.Option(min=1, max=20_000, help="How many leads the seed grows.")] = 1_500,
    log: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Load this event log (CSV) instead of the seed."),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Start with no deals at all.")] = False,
    widget_archive: Annotated[Path | None, typer.Option(help="widget.zip to upload at once.")] = None,
    client_id: Annotated[str, typer.Option(help="Integration id.")] = "",
    client_secret: Annotated[
        str, typer.Option(envvar="SANDBOX_CLIENT_SECRET", help="Integration secret.")
    ] = "",
    redirect_uri: Annotated[str, typer.Option(help="Where install codes are sent.")] = "",
    disable_hook_uri: Annotated[str, typer.Option(help="Called when the integration is removed.")] = "",
    https_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve https on this port too.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file with key and certificate.")] = None,
    rate_limit: Annotated[bool, typer.Option(help="Enforce 7 requests a second.")] = True,
) -> None:
    """Start the account and serve it until Ctrl-C."""
    if https_port is not None and certificate is None:
        raise typer.BadParameter("--https-port needs --certificate FILE with key and certificate.")
    if widget_archive is not None and not redirect_uri:
        raise typer.BadParameter("--widget-archive needs --redirect-uri of its integration.")
    # Imported late: the operator's command line starts without loading a server.
    from app.sandbox.amocrm import serve
    from app.sandbox.amocrm.archive import BadArchive
    from app.sandbox.amocrm.eventlog import EventLogError

    try:
        account = serve.make_account(origin or f"http://{host}:{port}", seed, log, empty=empty, leads=leads)
    except EventLogError as problem:
        raise typer.BadParameter(f"--log: {problem}") from None
    account.faults.rate_limit = rate_limit
    if redirect_uri:
        try:
            serve.add_integration(
                account, redirect_uri, client_id, client_secret, disable_hook_uri, widget_archive
            )
        except (OSError, BadArchive) as problem:
            raise typer.BadParameter(f"{widget_archive}: {problem}") from None
    serve.run(account, host, port, https_port, certificate)
