"""Verbs about a mapping's file: write one, and bring one into another account."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
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
from app.commands.transfer_match import MATCH_HELP, read_chosen
from app.errors import BadRequest, Invalid
from app.funnels.transfer.actions import export_file, keep_import, load_draft_head, load_target
from app.funnels.transfer.answers import DraftHead, ImportRequest, MatchView, ReportLineView, RowView
from app.funnels.transfer.bring import Brought, bring
from app.funnels.transfer.file import TransferFile
from app.funnels.transfer.read import read_file
from app.funnels.transfer.target import Target
from app.funnels.transfer.tree import MOST_BYTES
from app.funnels.transfer.write import text_of
from app.installations.audit import OPERATOR

ENGLISH = "en"
SURENESS = {
    "none": "left out",
    "guess": "a guess",
    "likely": "likely",
    "sure": "sure",
    "chosen": "as you said",
}


def export(
    pipeline: Annotated[
        str, typer.Argument(help="Id or name of the pipeline; the main one unless given.")
    ] = "",
    account: AccountOption = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; printed unless given.")
    ] = None,
    version: Annotated[int | None, typer.Option(min=1, help="A version; the draft unless given.")] = None,
) -> None:
    """Write the mapping as one readable file that any account of any CRM can import."""
    text = run(_export(account, pipeline, version))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadRequest(f"{output} could not be written: {error.strerror}.") from None
    typer.echo(f"The mapping is in {output}.")


async def _export(account: str, pipeline: str, version: int | None) -> str:
    async with opened() as services:
        now = services.clock.now()

        def read(conn: Connection) -> tuple[TransferFile, str]:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            return export_file(conn, known.id, chosen.id, number=version, now=now), known.settings.language

        return text_of(*await services.db.read(read))


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft as it was kept."""

    revision: int
    brought: Brought


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the operator asks for; `request` still lacks what only the account can tell."""

    text: str
    account: str
    pipeline: str
    pairs: list[str]
    merge: list[str]
    request: ImportRequest
    replaces: bool
    only_shows: bool


def import_(
    file: Annotated[
        Path, typer.Argument(help="A file that `funnel export` wrote.", exists=True, dir_okay=False)
    ],
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    match: Annotated[list[str] | None, typer.Option(help=MATCH_HELP)] = None,
    merge: Annotated[
        list[str] | None,
        typer.Option(help="Id or name of a stage on which several rules may be put together; repeat it."),
    ] = None,
    keep_modes: Annotated[bool, typer.Option("--keep-modes", help="Rules as strict as in the file.")] = False,
    people: Annotated[
        bool, typer.Option("--people", help="Whoever sees everybody's numbers there sees them here.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Replace a draft that exists.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the matching.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a file's mapping the draft of a pipeline. Nothing is in force before it is published."""
    request = ImportRequest(file="", keep_modes=keep_modes, with_people=people)
    wish = _Wish(_text(file), account, pipeline, match or [], merge or [], request, yes, dry_run)
    seen, made = run(_import(wish))
    if as_json:
        problems = [each.as_json() for each in made.brought.problems] if made else []
        told = {"revision": made.revision, "problems": problems} if made else None
        echo_json({"matching": seen.model_dump(mode="json"), "draft": told})
        return
    _print_matching(seen)
    _print_report(seen.report)
    _print_end(seen, made)


async def _import(wish: _Wish) -> tuple[MatchView, Imported | None]:
    file = read_file(wish.text, ENGLISH)
    async with opened() as services:
        now = services.clock.now()

        def read(conn: Connection) -> tuple[int, ImportRequest, Target, DraftHead | None]:
            known = pick_account(conn, wish.account)
            _, chosen = pick_pipeline(conn, known, wish.pipeline)
            unseen = services.adapter(known.crm).unseen
            target = load_target(conn, known.id, chosen.id, file, unseen=unseen)
            draft = load_draft_head(conn, known.id, chosen.id)
            return known.id, _request(wish, file, target, draft), target, draft

        installation_id, request, target, draft = await services.db.read(read)
        brought = bring(file, target, request, ENGLISH)
        seen = brought.view(draft)
        if wish.only_shows:
            return seen, None
        revision = await services.db.write(
            lambda conn: keep_import(conn, installation_id, brought, request, by=OPERATOR, now=now)
        )
        return seen, Imported(revision, brought)


def _request(wish: _Wish, file: TransferFile, target: Target, draft: DraftHead | None) -> ImportRequest:
    found = {
        "chosen": read_chosen(wish.pairs, file, target.catalog, target.pipeline),
        "merged": [pick_stage(target.pipeline, each).ref.stage_id for each in wish.merge],
        "draft_revision": draft.revision if draft and wish.replaces else 0,
    }
    return wish.request.model_copy(update=found)


def _text(file: Path) -> str:
    """The file's text, never more of it than may be read. Raises BadRequest, Invalid."""
    try:
        with file.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadRequest(f"{file} could not be read: {error.strerror}.") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if len(raw) > MOST_BYTES:
            return raw.decode("utf-8", "replace")
        raise Invalid(f"{file} is no text in UTF-8.", code="file_unreadable") from None


def _print_matching(seen: MatchView) -> None:
    targets = seen.targets
    named = {each.id: each.title for each in (*targets.stages, *targets.fields, *targets.people)}
    named |= {each.id: f"{each.group}: {each.title}" for each in targets.other_stages}
    table = Table("what", "in the file", "here", "how sure", "why")
    for what, rows in (
        ("stage", seen.stages),
        ("stage of another pipeline", seen.other_stages),
        ("person", seen.people),
        ("source", seen.sources),
    ):
        for row in rows:
            table.add_row(*map(Text, _line(what, row, named)))
    for field in seen.fields:
        table.add_row(*map(Text, _line("field", field, named)))
        for choice in field.choices:
            table.add_row(*map(Text, _line(f"choice of {field.name}", choice, {})))
    console().print(table)


def _line(what: str, row: RowView, named: dict[str, str]) -> tuple[str, ...]:
    sure = "kept as it is" if what == "source" and not row.target else SURENESS[row.sureness]
    return what, row.name, named.get(row.target, row.target) or "–", sure, row.reason.replace("_", " ")


def _print_report(lines: list[ReportLineView]) -> None:
    for line in lines:
        mark = "left out" if line.is_left_out else "look at"
        console().print(f"{mark}: {', '.join(line.places)}: {line.sentence}", markup=False)


def _print_end(seen: MatchView, made: Imported | None) -> None:
    out = console()
    if made is None:
        out.print("Nothing was changed. Correct pairs with --match; without --dry-run it becomes the draft.")
        if seen.draft:
            out.print("There is a draft; --yes replaces it.")
        return
    for problem in made.brought.problems:
        out.print(f"{problem.severity}: {problem.path}: {problem.sentence}", markup=False)
    out.print(f"The draft is at revision {made.revision}. `stepgate funnel publish` puts it into force.")
