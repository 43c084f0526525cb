"""Verbs about mappings: what the settings page does, from a script."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
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
from app.domain.funnel import GateMode
from app.errors import Invalid, NotFound
from app.funnels import editing, view
from app.funnels.answers import FunnelView
from app.funnels.document import FunnelDocument
from app.funnels.draft import ANY_REVISION
from app.installations.audit import OPERATOR

funnel = typer.Typer(no_args_is_help=True, help="The mapping of a pipeline: checkpoints, gates, segments.")
gate = typer.Typer(no_args_is_help=True, help="How strict a gate is.")


@funnel.command()
def propose(
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    template: Annotated[str, typer.Option(help="A ready-made order, such as b2b_seven.")] = "",
) -> None:
    """Replace the draft by a proposal read from the names of the stages."""
    run(_propose(account, pipeline, template))


async def _propose(account: str, pipeline: str, template: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> int:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            return editing.propose_draft(
                conn,
                known.id,
                chosen.id,
                template=template or None,
                by=OPERATOR,
                now=now,
                language=known.settings.language,
                unseen=services.adapter(known.crm).unseen,
            )

        revision = await services.db.write(work)
        typer.echo(f"The draft is at revision {revision}. `stepgate funnel show` prints it.")


@funnel.command()
def show(account: AccountOption = "", pipeline: PipelineOption = "", as_json: JsonOption = False) -> None:
    """Print the mapping: the draft if there is one, else what is in force."""
    run(_show(account, pipeline, as_json=as_json))


async def _show(account: str, pipeline: str, *, as_json: bool) -> None:
    async with opened() as services:

        def read(conn: Connection) -> tuple[FunnelView, dict[str, str]]:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            titles = {stage.ref.stage_id: stage.title for stage in chosen.stages}
            return view.read_funnel(conn, known.id, chosen.id, known.settings.language), titles

        found, titles = await services.db.read(read)
    shown = found.draft.document if found.draft else found.published.document if found.published else None
    if shown is None:
        raise NotFound("There is no mapping yet. `stepgate funnel propose` makes one.")
    if as_json:
        echo_json(shown.model_dump(mode="json"))
        return
    _print(found, shown, titles)


def _print(found: FunnelView, shown: FunnelDocument, titles: dict[str, str]) -> None:
    out = console()
    state = f"draft, revision {found.draft.revision}" if found.draft else "published"
    version = f", version {found.published.number} in force" if found.published else ""
    out.print(f"Pipeline {found.pipeline_id}: {state}{version}")
    for segment in shown.segments:
        table = Table(
            "stage",
            "mode",
            "what the client has done",
            title=f"{segment.title} (segment {segment.key})",
            title_justify="left",
        )
        names = {each.key: each.title for each in segment.checkpoints}
        for each in segment.gates:
            asked = "\n".join(names.get(key, key) for key in each.checkpoint_keys)
            table.add_row(titles.get(each.stage_id, each.stage_id), each.mode.value, asked)
        out.print(table)
    for problem in [*found.problems, *found.broken]:
        out.print(f"{problem.severity}: {problem.path}: {problem.sentence}")


@funnel.command()
def publish(
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    note: Annotated[str, typer.Option(help="What was changed and why.")] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="Publish this document, as `funnel show --json` prints it.", exists=True),
    ] = None,
) -> None:
    """Make the draft (or a file) the version in force."""
    run(_publish(account, pipeline, note, _document(file) if file else None))


async def _publish(account: str, pipeline: str, note: str, document: FunnelDocument | None) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> tuple[int, int]:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            language = known.settings.language
            if document:
                editing.keep_draft(
                    conn,
                    known.id,
                    chosen.id,
                    document,
                    expected=ANY_REVISION,
                    by=OPERATOR,
                    now=now,
                    language=language,
                )
            return editing.publish_draft(
                conn,
                known.id,
                chosen.id,
                expected=None,
                by=OPERATOR,
                now=now,
                note=note,
                language=language,
            )

        number, deals = await services.db.write(work)
        typer.echo(f"Version {number} is in force; {deals} deals are being read again.")


@gate.command("mode")
def set_mode(
    stage: Annotated[str, typer.Argument(help="Id or name of the stage.")],
    mode: Annotated[GateMode, typer.Argument(help="shadow watches, warn tells, enforce moves back.")],
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    segment: Annotated[str, typer.Option(help="Key of one segment; all unless given.")] = "",
) -> None:
    """Set how strict the gate of a stage is."""
    run(_set_mode(stage, mode, account, pipeline, segment))


async def _set_mode(stage: str, mode: GateMode, account: str, pipeline: str, segment: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def work(conn: Connection) -> tuple[str, int]:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            found = pick_stage(chosen, stage)
            number = editing.change_mode(
                conn,
                known.id,
                chosen.id,
                found.ref.stage_id,
                mode,
                segment_key=segment or None,
                by=OPERATOR,
                now=now,
                language=known.settings.language,
            )
            return found.title, number

        title, number = await services.db.write(work)
        typer.echo(f"The gate of «{title}» is in mode {mode.value} since version {number}.")


def _document(file: Path) -> FunnelDocument:
    try:
        return FunnelDocument.model_validate_json(file.read_bytes())
    except ValidationError as error:
        problems = [
            {"path": ".".join(map(str, each["loc"])), "code": each["type"], "sentence": each["msg"]}
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise Invalid(f"{file} is not a mapping.", code="shape", problems=problems) from None
