"""What every verb needs: settings, open services, and the account that is meant."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from sqlalchemy import Connection

from app.config import load_settings
from app.domain.stage import Catalog, Pipeline, Stage
from app.errors import BadRequest, NotFound
from app.installations.services import Services
from app.installations.store import Installation, list_installations, load_catalog
from app.observability import configure_logging
from app.wiring import open_services

T = TypeVar("T")
AccountOption = Annotated[
    str, typer.Option("--account", help="The account's id in its CRM; needed when several are connected.")
]
PipelineOption = Annotated[
    str, typer.Option("--pipeline", help="Id or name of the pipeline; the main one unless given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def console() -> Console:
    """Where people read tables."""
    return Console(highlight=False)


def echo_json(value: Any) -> None:
    """Print a value for scripts."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a verb to its end."""
    return asyncio.run(work)


@asynccontextmanager
async def opened() -> AsyncIterator[Services]:
    """The services on the configured database. Raises ConfigError."""
    settings = load_settings()
    configure_logging("warning", "console")
    services = open_services(settings)
    try:
        yield services
    finally:
        await services.close()


def pick_account(conn: Connection, account: str) -> Installation:
    """The account that is meant. Raises NotFound, or BadRequest when it has to be named."""
    found = [each for each in list_installations(conn) if account in ("", each.external_id)]
    if not found:
        raise NotFound("No such account is connected. `stepgate doctor` lists those that are.")
    if len(found) > 1:
        names = ", ".join(f"{each.external_id} ({each.title})" for each in found)
        raise BadRequest(f"Several accounts are connected; name one with --account: {names}.")
    return found[0]


def named_account(conn: Connection, external_id: str) -> Installation:
    """The account of exactly that id. Raises NotFound, or BadRequest when two CRMs know the id."""
    found = [each for each in list_installations(conn) if each.external_id == external_id]
    if not found:
        raise NotFound(f"No account {external_id!r} is connected. `stepgate account list` shows them.")
    if len(found) > 1:
        raise BadRequest(f"Accounts of several CRMs have the id {external_id!r}.")
    return found[0]


def pick_pipeline(conn: Connection, known: Installation, pipeline: str) -> tuple[Catalog, Pipeline]:
    """The pipeline of that id or name, else the main one. Raises NotFound."""
    catalog = load_catalog(conn, known.id)
    if catalog is None or not catalog.pipelines:
        raise NotFound("The account has not been read yet. Wait a minute, or look at `stepgate doctor`.")
    if not pipeline:
        return catalog, next((each for each in catalog.pipelines if each.is_main), catalog.pipelines[0])
    for each in catalog.pipelines:
        if pipeline == each.id or pipeline.casefold() == each.title.casefold():
            return catalog, each
    names = ", ".join(f"{each.id} ({each.title})" for each in catalog.pipelines)
    raise NotFound(f"There is no pipeline {pipeline!r}. There are: {names}.")


def pick_stage(pipeline: Pipeline, stage: str) -> Stage:
    """The stage of that id or name. Raises NotFound."""
    for each in pipeline.stages:
        if stage == each.ref.stage_id or stage.casefold() == each.title.casefold():
            return each
    names = ", ".join(f"{each.ref.stage_id} ({each.title})" for each in pipeline.stages)
    raise NotFound(f"There is no stage {stage!r} in {pipeline.title!r}. There are: {names}.")
