"""Verbs about published mappings: which there were, what differs, and going back to one."""

from typing import Annotated, Any

import typer
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
    run,
)
from app.domain.stage import Pipeline
from app.funnels import editing, view
from app.funnels.answers import VersionView
from app.funnels.diff import Change, changes_between
from app.installations.audit import OPERATOR
from app.installations.store import Installation

Number = Annotated[int, typer.Argument(min=1, help="Number of a version, as `funnel versions` lists it.")]
LONGEST_VALUE = 60


def versions(account: AccountOption = "", pipeline: PipelineOption = "", as_json: JsonOption = False) -> None:
    """List the published versions, newest first: when, by whom, and why."""
    found = run(_versions(account, pipeline))
    if as_json:
        echo_json([each.model_dump(mode="json") for each in found])
        return
    table = Table("version", "published", "by", "note")
    for each in found:
        who = each.published_by_name or each.published_by
        table.add_row(str(each.number), f"{each.published_at:%F %R} UTC", who, each.note)
    console().print(table if found else "Nothing was ever published here.")


async def _versions(account: str, pipeline: str) -> list[VersionView]:
    async with opened() as services:

        def read(conn: Connection) -> list[VersionView]:
            known, chosen = _where(conn, account, pipeline)
            return view.read_versions(conn, known.id, chosen.id).versions

        return await services.db.read(read)


def restore(number: Number, account: AccountOption = "", pipeline: PipelineOption = "") -> None:
    """Publish an old version once more, as the next one. Nothing is lost."""
    run(_restore(number, account, pipeline))


async def _restore(number: int, account: str, pipeline: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> tuple[int, int]:
            known, chosen = _where(conn, account, pipeline)
            return editing.restore_version(
                conn,
                known.id,
                chosen.id,
                number,
                by=OPERATOR,
                now=now,
                language=known.settings.language,
            )

        new, deals = await services.db.write(work)
        typer.echo(f"Version {new} is in force, the same as version {number}; {deals} deals are read again.")


def diff(
    before: Number,
    after: Annotated[int | None, typer.Argument(min=1, help="Another one; the draft unless given.")] = None,
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two versions, or between a version and the draft."""
    found = run(_diff(before, after, account, pipeline))
    if as_json:
        echo_json([each.as_json() for each in found])
        return
    table = Table("what", "where", "before", "after")
    for each in found:
        table.add_row(each.kind, each.path, _short(each.before), _short(each.after))
    console().print(table if found else "They say the same.")


async def _diff(before: int, after: int | None, account: str, pipeline: str) -> list[Change]:
    async with opened() as services:

        def read(conn: Connection) -> list[Change]:
            known, chosen = _where(conn, account, pipeline)
            return changes_between(*view.read_pair(conn, known.id, chosen.id, before, after))

        return await services.db.read(read)


def _where(conn: Connection, account: str, pipeline: str) -> tuple[Installation, Pipeline]:
    known = pick_account(conn, account)
    _, chosen = pick_pipeline(conn, known, pipeline)
    return known, chosen


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("title") or value.get("key") or value.get("stage_id") or value
    text = "–" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
