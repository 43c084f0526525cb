"""Verbs about one account as a whole: list, new hook address, forget."""

from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Connection, func, select

from app.commands import choices
from app.commands.session import (
    AccountOption,
    JsonOption,
    console,
    echo_json,
    named_account,
    opened,
    pick_account,
    run,
)
from app.crm.errors import CrmError
from app.db.tables import deal
from app.errors import BadRequest
from app.installations.audit import OPERATOR, write_audit
from app.installations.forget import forget_installation
from app.installations.hook_keys import rotate_hook_key
from app.installations.spool import TokenSpool
from app.installations.store import list_installations

account = typer.Typer(no_args_is_help=True, help="Connected accounts: choices, hook address, forgetting.")
account.command()(choices.settings)


@account.command("list")
def show(as_json: JsonOption = False) -> None:
    """The connected accounts with their state and how many deals are known."""
    found = run(_list())
    if as_json:
        echo_json(found)
        return
    table = Table("account", "title", "crm", "host", "state", "since", "deals")
    for each in found:
        table.add_row(*(str(value) for value in each.values()))
    console().print(table if found else "No account is connected. `stepgate install` connects one.")


async def _list() -> list[dict[str, Any]]:
    async with opened() as services:

        def read(conn: Connection) -> list[dict[str, Any]]:
            query = select(deal.c.installation_id, func.count().label("deals"))
            deals = {
                row.installation_id: row.deals for row in conn.execute(query.group_by(deal.c.installation_id))
            }
            return [
                {
                    "account": each.external_id,
                    "title": each.title,
                    "crm": each.crm,
                    "host": each.host,
                    "state": each.state.value + (f" ({each.state_reason})" if each.state_reason else ""),
                    "since": f"{each.created_at:%F}",
                    "deals": deals.get(each.id, 0),
                }
                for each in list_installations(conn)
            ]

        return await services.db.read(read)


@account.command("rotate-hook-key")
def rotate(account: AccountOption = "") -> None:
    """Give the CRM a new address to call. The old one is good for another 24 hours."""
    run(_rotate(account))


async def _rotate(account: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> int:
            known = pick_account(conn, account)
            rotate_hook_key(conn, services.vault, known.id, now)
            write_audit(conn, known.id, actor=OPERATOR, action="hook_key.rotate", now=now)
            return known.id

        installation_id = await services.db.write(work)
        try:
            await services.installer.ensure_hooks(installation_id)
        except CrmError as error:
            typer.echo(
                f"The new address is ready, but the CRM could not be told yet ({type(error).__name__}). "
                "It is tried again every ten minutes; the old address is good for 24 hours."
            )
            return
    typer.echo("The CRM calls the new address from now on. The old one is good for another 24 hours.")


@account.command()
def forget(
    external_id: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id in its CRM.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is kept of one account: deals, facts, rules, tokens. There is no way back.

    Nothing changes in the CRM. Remove Stepgate there first, so that it does not connect again.
    """
    title = run(_title(external_id))
    if not yes:
        typer.echo(f"This deletes all that Stepgate keeps of «{title}» ({external_id}), for good.")
        if typer.prompt("Type the account's name to go on").strip() != title:
            raise BadRequest("That is another name: nothing was deleted.")
    rows = run(_forget(external_id))
    typer.echo(f"«{title}» is forgotten: {rows} rows were deleted.")


async def _title(external_id: str) -> str:
    async with opened() as services:
        known = await services.db.read(lambda conn: named_account(conn, external_id))
        return known.title or known.external_id


async def _forget(external_id: str) -> int:
    async with opened() as services:
        known = await services.db.read(lambda conn: named_account(conn, external_id))
        spool = TokenSpool(services.settings.spool_dir, services.vault)
        return await forget_installation(services.db, spool, known.id)
