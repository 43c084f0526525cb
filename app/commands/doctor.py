"""`stepgate doctor`: what is wrong and what to do about it."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from app.commands.account_checks import check_accounts
from app.commands.checks import Finding, Health, check_database, check_keys, check_settings
from app.commands.session import JsonOption, console, echo_json, opened, run
from app.config import ConfigError
from app.crm.registry import unset_keys
from app.installations.store import list_installations

MARKS = {
    Health.OK: "[green]✓[/green]",
    Health.WARNING: "[yellow]![/yellow]",
    Health.FAILURE: "[red]✗[/red]",
}


def doctor(
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as failures.")] = False,
) -> None:
    """Check configuration, database, CRM, webhooks and tokens, and say what to do.

    Ends with status 1 when something does not work.
    """
    found = run(examine())
    if as_json:
        echo_json([asdict(each) for each in found])
    else:
        _print(found)
    bad = {Health.FAILURE, Health.WARNING} if strict else {Health.FAILURE}
    if any(each.health in bad for each in found):
        raise typer.Exit(1)


async def examine() -> list[Finding]:
    """All findings, the worst things first to be looked at first."""
    try:
        async with opened() as services:
            found = check_settings(services.settings)
            database = await check_database(services)
            found.append(database)
            if database.health is Health.OK:
                accounts = await services.db.read(list_installations)
                unset = {crm: names for crm, names in unset_keys().items() if crm in services.registry}
                found += check_keys(unset, {each.crm for each in accounts})
                found += [finding async for finding in check_accounts(services)]
            return found
    except ConfigError as error:
        return [Finding(name, Health.FAILURE, sentence) for name, sentence in error.problems]


def _print(found: list[Finding]) -> None:
    table = Table("", "what", "how it is", show_header=False, box=None, pad_edge=False)
    for each in found:
        table.add_row(MARKS[each.health], each.subject, each.sentence)
    console().print(table)
