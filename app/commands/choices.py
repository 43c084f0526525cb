"""Verbs that change what an account chose: writing to the CRM, language, who sees whose numbers."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy import Connection

from app.commands.session import AccountOption, JsonOption, console, echo_json, opened, pick_account, run
from app.errors import Invalid
from app.installations.audit import OPERATOR
from app.installations.choices import SettingsChange, keep_choices
from app.installations.store import Installation, InstallationSettings, PanelViewers

writes = typer.Typer(no_args_is_help=True, help="The switch for everything that is written to the CRM.")


@writes.command("on")
def switch_on(account: AccountOption = "") -> None:
    """Write to the CRM again: notes, tasks, tags, moves back."""
    known, _ = run(_change(account, {"writes_off": False}))
    typer.echo(f"Stepgate writes to {known.title} again, as strictly as each gate says.")


@writes.command("off")
def switch_off(account: AccountOption = "") -> None:
    """Stop everything that is written to the CRM at once. Watching goes on; nothing is lost."""
    known, _ = run(_change(account, {"writes_off": True}))
    typer.echo(f"Nothing is written to {known.title} any more. `stepgate writes on` ends that.")


def settings(
    account: AccountOption = "",
    language: Annotated[str | None, typer.Option(help="ru or en.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Moscow.")] = None,
    panel_viewers: Annotated[
        PanelViewers | None, typer.Option(help="Whose deals the panel counts for people without rights.")
    ] = None,
    panel_user: Annotated[
        list[str] | None,
        typer.Option(help="Id of somebody who sees everybody's numbers; repeat it. '' empties the list."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what an account chose, and change what is given."""
    changes = {
        "language": language,
        "timezone": timezone,
        "panel_viewers": panel_viewers,
        "panel_user_ids": None if panel_user is None else [each for each in panel_user if each],
    }
    given = {name: value for name, value in changes.items() if value is not None}
    known, chosen = run(_change(account, given))
    if as_json:
        echo_json(chosen.pack())
        return
    console().print(f"{known.title} ({known.external_id}) at {known.host}")
    for name, value in chosen.pack().items():
        shown = ", ".join(value) or "nobody" if isinstance(value, list) else str(value)
        console().print(f"  {name}: {shown}")


async def _change(account: str, changes: dict[str, Any]) -> tuple[Installation, InstallationSettings]:
    asked = _checked(changes)
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> tuple[Installation, InstallationSettings]:
            known = pick_account(conn, account)
            if not asked:
                return known, known.settings
            return known, keep_choices(conn, known.id, asked, by=OPERATOR, now=now)

        return await services.db.write(work)


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes as the page's own call would take them. Raises Invalid."""
    try:
        return SettingsChange.model_validate(changes).changes()
    except ValidationError as error:
        problems = [
            {"path": ".".join(map(str, each["loc"])), "code": each["type"], "sentence": each["msg"]}
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise Invalid("Nothing was changed.", code="shape", problems=problems) from None
