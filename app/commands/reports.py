"""The panel's numbers for people and scripts."""

import csv
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection

from app.analytics.period import period_of
from app.analytics.presentation import ConversionView, csv_rows, show_report
from app.analytics.queries import Scope
from app.analytics.report import Order, conversion_report
from app.analytics.routes import backfill_view
from app.commands.session import (
    AccountOption,
    PipelineOption,
    console,
    echo_json,
    opened,
    pick_account,
    pick_pipeline,
    run,
)

report = typer.Typer(no_args_is_help=True, help="Numbers of an account.")


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@report.command()
def conversion(
    account: AccountOption = "",
    pipeline: PipelineOption = "",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, inclusive.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, inclusive.")
    ] = None,
    segment: Annotated[str, typer.Option(help="Key of one segment; all unless given.")] = "",
    responsible: Annotated[str, typer.Option(help="Id of one manager; all unless given.")] = "",
    order: Annotated[Order, typer.Option(help="Whether steps count only one after another.")] = Order.ORDERED,
    step: Annotated[
        list[str] | None,
        typer.Option(help="Key of a step; repeat it to count only these steps, in the order given."),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="table for people, json or csv.")] = Format.TABLE,
) -> None:
    """Conversion per segment over deals created in a period; the last 180 days unless given."""
    view = run(_conversion(account, pipeline, (first, last), segment, responsible, order, step or []))
    match output:
        case Format.JSON:
            echo_json(view.model_dump(mode="json"))
        case Format.CSV:
            csv.writer(sys.stdout).writerows(csv_rows(view))
        case Format.TABLE:
            _print_report(view)


async def _conversion(
    account: str,
    pipeline: str,
    days: tuple[datetime | None, datetime | None],
    segment: str,
    responsible: str,
    order: Order,
    steps: list[str],
) -> ConversionView:
    async with opened() as services:
        now = services.clock.now()

        def read(conn: Connection) -> ConversionView:
            known = pick_account(conn, account)
            _, chosen = pick_pipeline(conn, known, pipeline)
            first, last = (each.date() if each else None for each in days)
            period = period_of(first, last, now, known.settings.timezone)
            scope = Scope(known.id, chosen.id, *period, segment, responsible)
            found = conversion_report(conn, scope, order, now, steps)
            return show_report(found, backfill_view(conn, known.id))

        return await services.db.read(read)


def _print_report(view: ConversionView) -> None:
    out = console()
    out.print(f"{view.deals} deals created from {view.period.first} to {view.period.last}")
    for segment in view.segments:
        table = Table(
            "step", "clients", "of", "step rate", "of all", title=segment.title, title_justify="left"
        )
        for step in segment.steps:
            table.add_row(
                step.title, str(step.done), str(step.entered), _share(step.step_rate), _share(step.rate)
            )
        out.print(table)
    if view.bottleneck:
        found = view.bottleneck
        out.print(
            f"Most clients stop before «{found.step_title}» ({found.segment_title}): "
            f"{found.dropped} of {found.entered}."
        )


def _share(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.0%}"
