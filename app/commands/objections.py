"""Verbs about what managers said of stops that they think wrong."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection

from app.checklist.answers import ObjectionRow
from app.checklist.objections import read_objections
from app.commands.session import AccountOption, JsonOption, console, echo_json, opened, pick_account, run
from app.evidence.contest import close_objection
from app.installations.audit import OPERATOR

objections = typer.Typer(no_args_is_help=True, help="What managers said of stops that they think wrong.")


@objections.command("list")
def show(
    account: AccountOption = "",
    closed: Annotated[bool, typer.Option("--closed", help="Those that were answered.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Which stop, what was missing, what the manager says; newest first."""
    found = run(_read(account, is_open=not closed))
    if as_json:
        echo_json([each.model_dump(mode="json") for each in found])
        return
    table = Table("id", "deal", "to", "what was missing", "by", "said", "answer")
    for each in found:
        deal = f"{each.deal_id} {each.deal_title}"
        missing = "\n".join(each.missing)
        table.add_row(each.id, deal, each.to_stage_title, missing, each.by, each.text, each.note)
    console().print(table if found else "There are none.")


async def _read(account: str, *, is_open: bool) -> list[ObjectionRow]:
    async with opened() as services:

        def read(conn: Connection) -> list[ObjectionRow]:
            known = pick_account(conn, account)
            address = services.adapter(known.crm).deal_url
            language = known.settings.language
            return read_objections(
                conn, known.id, language, lambda deal_id: address(known.host, deal_id), is_open=is_open
            )

        return await services.db.read(read)


@objections.command()
def close(
    objection_id: Annotated[str, typer.Argument(metavar="ID", help="As `objections list` shows it.")],
    note: Annotated[str, typer.Option(help="The answer; the manager reads it in the deal's card.")],
    account: AccountOption = "",
) -> None:
    """Answer an objection."""
    run(_close(account, objection_id, note))
    typer.echo("Answered: the manager reads it in the deal's card.")


async def _close(account: str, objection_id: str, note: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> None:
            known = pick_account(conn, account)
            close_objection(conn, known.id, objection_id, note, by=OPERATOR, now=now)

        await services.db.write(work)
