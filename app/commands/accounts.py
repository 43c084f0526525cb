"""Verbs about connected accounts."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.analytics.rebuild import rebuild_step
from app.backfill.progress import DEFAULT_DAYS, LONGEST_DAYS, BackfillState, queue_backfill
from app.backfill.progress import Progress as Reading
from app.commands.session import AccountOption, opened, pick_account, run
from app.errors import CrmTrouble
from app.wiring import build_backfill


def install(
    crm: Annotated[str, typer.Option(help="Which CRM: the name of an adapter.")],
    host: Annotated[str, typer.Option(help="The account's host, such as example.crm.com.")],
    token: Annotated[
        str,
        typer.Option(
            help="A long-lived token from the account's settings.",
            prompt="Long-lived token",
            hide_input=True,
            envvar="STEPGATE_INSTALL_TOKEN",
        ),
    ],
) -> None:
    """Connect an account by a long-lived token, without a consent in the browser."""
    run(_install(crm, host, token))


async def _install(crm: str, host: str, token: str) -> None:
    async with opened() as services:
        services.adapter(crm)
        installed = await services.installer.by_token(crm, host, token)
        known = installed.installation
        verb = "Connected" if installed.is_new else "Connected again"
        typer.echo(f"{verb}: {known.title} ({known.external_id}) at {known.host}.")
        if installed.is_new:
            typer.echo("The proposed mapping is in force in shadow mode: it watches and changes nothing.")


def backfill(
    account: AccountOption = "",
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How far back.")] = DEFAULT_DAYS,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the last one stopped.")] = False,
) -> None:
    """Read the account's past into the ledger, with a progress bar. Nothing is written to the CRM.

    It may be repeated at any time: what is known already is not doubled.
    """
    run(_backfill(account, days, resume=resume))


async def _backfill(account: str, days: int, *, resume: bool) -> None:
    async with opened() as services:
        known = await services.db.read(lambda conn: pick_account(conn, account))
        if not resume:
            now = services.clock.now()
            await services.db.write(lambda conn: queue_backfill(conn, known.id, days, now))
        columns = (
            TextColumn("Reading deals"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns) as bar:
            task = bar.add_task("", total=None)

            def tell(reading: Reading) -> None:
                bar.update(task, completed=reading.done, total=reading.total or None)

            outcome = await build_backfill(services).run(known.id, tell)
        if outcome is None or outcome.state is BackfillState.FAILED:
            reason = outcome.last_error if outcome else "nothing was asked for"
            raise CrmTrouble(f"The CRM refused to show its past: {reason}. `stepgate doctor` tells more.")
        while await rebuild_step(services.db, services.clock):
            pass
        typer.echo(f"{outcome.done} deals are in the ledger.")
