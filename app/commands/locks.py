"""Verbs about the lock that the CRM itself can put on gated stages."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from app.commands.session import (
    AccountOption,
    JsonOption,
    PipelineOption,
    console,
    echo_json,
    opened,
    pick_account,
    pick_pipeline,
    pick_stage,
    run,
)
from app.domain.stage import StageRef
from app.installations.audit import OPERATOR
from app.installations.store import Installation
from app.lock.answers import LockTrialView, LockView
from app.lock.begin import begin_trial, call_off
from app.lock.plans import Plans
from app.lock.read import read_lock, read_trial

lock = typer.Typer(no_args_is_help=True, help="The CRM's own lock on gated stages.")


@lock.command()
def show(account: AccountOption = "", pipeline: PipelineOption = "", as_json: JsonOption = False) -> None:
    """What to set in the sellers' role, and whether each gate's lock holds."""
    found = run(_show(account, pipeline))
    if as_json:
        echo_json(found.model_dump(mode="json"))
    else:
        _print(found, console())


async def _show(account: str, pipeline: str) -> LockView:
    async with opened() as services:
        known, pipeline_id = await services.db.read(lambda conn: _chosen(conn, account, pipeline))
        return await read_lock(services, Plans(), known.id, pipeline_id, known.settings.language)


def _chosen(conn: Connection, account: str, pipeline: str) -> tuple[Installation, str]:
    known = pick_account(conn, account)
    return known, pick_pipeline(conn, known, pipeline)[1].id


@lock.command("try")
def start(
    stage: Annotated[str, typer.Argument(help="Id or name of the gated stage.")],
    user: Annotated[str, typer.Option("--user", help="Id of the seller who is to try.")],
    account: AccountOption = "",
    pipeline: PipelineOption = "",
) -> None:
    """Make a deal before a gate, for a seller to try whether the CRM lets him through."""
    made = run(_start(account, pipeline, stage, user))
    typer.echo(
        f"Check {made.trial_id}. Let {made.user_name or made.user_id} open this deal and press the button:"
    )
    typer.echo(made.deal_url)


async def _start(account: str, pipeline: str, stage: str, user: str) -> LockTrialView:
    async with opened() as services:

        def choose(conn: Connection) -> tuple[Installation, StageRef]:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            return known, pick_stage(chosen, stage).ref

        known, ref = await services.db.read(choose)
        trial = await begin_trial(services, known.id, ref, user, OPERATOR)
        return await read_trial(services, trial, known.settings.language)


@lock.command()
def cancel(
    trial_id: Annotated[str, typer.Argument(metavar="ID", help="As `lock try` printed it.")],
    account: AccountOption = "",
) -> None:
    """Call a check off and delete its deal."""
    is_clean = run(_cancel(account, trial_id))
    typer.echo("The check is off." if is_clean else "The check is off; its deal goes when the CRM answers.")


async def _cancel(account: str, trial_id: str) -> bool:
    async with opened() as services:
        known = await services.db.read(lambda conn: pick_account(conn, account))
        return await call_off(services, known.id, trial_id, by=OPERATOR)


def _print(found: LockView, out: Console) -> None:
    if not found.is_supported:
        out.print("This CRM has no lock of its own; Stepgate moves deals back itself.")
        return
    out.print(f"Roles are set at {found.roles_url}")
    matrix = Table("from stage", "take away for the sellers", title="Role matrix", title_justify="left")
    for row in found.matrix:
        matrix.add_row(row.title, ", ".join(each.title for each in row.closed))
    out.print(matrix if found.matrix else "No gate moves deals back yet, so there is nothing to lock.")
    gates = Table("stage", "mode", "lock", "what that means", "last passage")
    for each in found.stages:
        leak = f"{each.leak.deal_id} by {each.leak.by}, {each.leak.at:%F %R}" if each.leak else ""
        gates.add_row(each.title, each.mode.value, each.state.value, each.text, leak)
    out.print(gates if found.stages else "There are no gates.")
