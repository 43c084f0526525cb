"""Verbs that run Stepgate or prepare it to run."""

import asyncio
import errno
import gc
import os
import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from app.commands.session import run
from app.config import Settings, load_settings
from app.db.engine import open_database
from app.db.exclusive import only_server
from app.db.schema import is_at_head, upgrade
from app.errors import BadRequest
from app.frontdoor.serving import server_config
from app.installations.vault import new_key
from app.main import create_app
from app.observability import configure_logging, get_logger
from app.wiring import build_worker, open_services
from app.worker import run_until_signal

BACKLOG = 2048
log = get_logger("process")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
) -> None:
    """Serve hooks, pages and the API; with workers > 0 also work on deals in the same process.

    The database must have been prepared by `stepgate migrate`.
    """
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    with only_server(settings.database):
        run(require_schema(settings))
        listening = listen(host, port)
        api = create_app(settings)
        settle_heap()
        log.info("serving", host=host, port=port, workers=settings.workers)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(server_config(api, settings)).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BadRequest with the reason and what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        # A name that nobody knows comes with a negative number.
        number = error.errno or 0
        if number == errno.EADDRINUSE:
            sentence = f"Port {port} is taken by another program. Choose another with --port."
        elif number < 0 or number == errno.EADDRNOTAVAIL:
            sentence = f"{host} is no address of this machine. Try --host 127.0.0.1 or 0.0.0.0."
        else:
            sentence = f"Cannot listen on {host}, port {port}: {os.strerror(number)}."
        raise BadRequest(sentence) from None


def settle_heap() -> None:
    """Spare the collector what stays for good (modules, routes, models), and let it come less often:
    it took a tenth of the time of a busy door.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def worker(
    lanes: Annotated[int, typer.Option(min=1, max=64, help="How many deals to work on at once.")] = 16,
) -> None:
    """Work on deals in a process of its own, beside `serve` with STEPGATE_WORKERS=0.

    Any number of them may run on a PostgreSQL database. On SIGTERM it finishes what it began.
    """
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    if settings.database.startswith("sqlite"):
        raise BadRequest("On SQLite `stepgate serve` does everything: set STEPGATE_WORKERS above 0.")
    settle_heap()
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_work(settings, lanes))


async def _work(settings: Settings, lanes: int) -> None:
    await require_schema(settings)
    services = open_services(settings)
    try:
        await services.keeper.recover()
        await run_until_signal(build_worker(services, lanes=lanes))
    finally:
        await services.close()


def migrate() -> None:
    """Bring the database to the schema of this version. Safe to run twice and from several places."""
    settings = load_settings()
    asyncio.run(upgrade(settings.database))
    typer.echo("The database is up to date.")


def keygen() -> None:
    """Print a fresh secret key for STEPGATE_SECRET_KEYS.

    To change keys, put the new one in front of the old one, separated by a comma, and keep the old
    one until every token has been renewed.
    """
    typer.echo(new_key())


async def require_schema(settings: Settings) -> None:
    """Raises BadRequest when the database is not at this version's schema."""
    db = open_database(settings.database)
    try:
        if not await db.read(is_at_head):
            raise BadRequest("The database is not prepared for this version. Run `stepgate migrate` first.")
    finally:
        await db.close()
