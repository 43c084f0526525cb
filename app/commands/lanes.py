"""Verbs about what was set aside because it could not be worked on."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection

from app.commands.session import AccountOption, JsonOption, console, echo_json, opened, pick_account, run
from app.db.lane import LaneKey, parked_lanes
from app.errors import BadRequest
from app.frontdoor.parked import Entity, ParkedLanesView, free_lane, view_parked
from app.installations.audit import OPERATOR

lanes = typer.Typer(no_args_is_help=True, help="Deals that were set aside because work on them failed.")
EntityOption = Annotated[Entity, typer.Option("--entity", help="What the id is of.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id in the CRM, as `lanes list` shows it.")]


@lanes.command("list")
def show(account: AccountOption = "", as_json: JsonOption = False) -> None:
    """What waits for a person: what it is, the error, and since when."""
    found = run(_read(account))
    if as_json:
        echo_json(found.model_dump(mode="json"))
        return
    table = Table("what", "id", "title", "error", "since")
    for each in found.lanes:
        since = f"{each.since:%F %R} UTC" if each.since else "–"
        table.add_row(each.entity, each.entity_id, each.title, each.error, since)
    console().print(table if found.lanes else "Nothing waits: all deals are being worked on.")
    if found.total > len(found.lanes):
        console().print(f"… and {found.total - len(found.lanes)} more.")


async def _read(account: str) -> ParkedLanesView:
    async with opened() as services:

        def read(conn: Connection) -> ParkedLanesView:
            known = pick_account(conn, account)
            return view_parked(conn, known.id, "en", services.registry.get(known.crm), known.host)

        return await services.db.read(read)


@lanes.command()
def retry(
    entity_id: Annotated[str, typer.Argument(metavar="ID", help="Id in the CRM; none with --all.")] = "",
    account: AccountOption = "",
    entity: EntityOption = "deal",
    everything: Annotated[bool, typer.Option("--all", help="Try everything that waits.")] = False,
) -> None:
    """Work on it again at once."""
    if bool(entity_id) == everything:
        raise BadRequest("Name one id, or say --all.")
    count = run(_free(account, entity, entity_id, drops=False))
    typer.echo("It is tried again." if entity_id else f"{count} are tried again.")


@lanes.command()
def drop(entity_id: IdArgument, account: AccountOption = "", entity: EntityOption = "deal") -> None:
    """Leave it be until something new happens to it in the CRM."""
    run(_free(account, entity, entity_id, drops=True))
    typer.echo("It rests until something new happens to it.")


async def _free(account: str, entity: str, entity_id: str, *, drops: bool) -> int:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> int:
            known = pick_account(conn, account)
            keys = (
                [LaneKey(known.id, entity, entity_id)]
                if entity_id
                else [each.key for each in parked_lanes(conn, known.id)]
            )
            for key in keys:
                free_lane(conn, key, by=OPERATOR, now=now, drops=drops)
            return len(keys)

        return await services.db.write(work)
