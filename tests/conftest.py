"""Fixtures for everybody: a database on each store, fresh for every test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import create_engine

from app.db.engine import Database, open_database
from app.db.sqlite import sqlite_driver
from app.db.tables import metadata
from tests.factories import add_installation
from tests.postgresql_server import Server, find_programs, running_server

HAS_POSTGRESQL = find_programs() is not None
STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)][: 1 + HAS_POSTGRESQL]
TEMPLATE = "stepgate_template"
_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    """In continuous integration a missing PostgreSQL is a failure, not a smaller run."""
    if not HAS_POSTGRESQL and os.environ.get("CI") == "true":
        raise pytest.UsageError("PostgreSQL's programs were not found: half of the tests would not run.")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what did not run."""
    if not HAS_POSTGRESQL:
        terminalreporter.write_line("PostgreSQL's programs were not found: tested on SQLite only.")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server for this session (under xdist: for this worker) with a template of the schema."""
    with running_server() as server:
        # In a thread of its own: the test that asks first may have a running loop already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_make_template(server))).result()
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with the schema."""
    path = tmp_path_factory.mktemp("template") / "stepgate.db"
    engine = create_engine(f"sqlite:///{path}", module=sqlite_driver())
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """The store that the test runs on; whoever takes `db` runs once on each."""
    return str(request.param)


@pytest.fixture
async def database_url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database of its own for the test, with the schema and no rows."""
    if store == "sqlite":
        path = tmp_path / "stepgate.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    await _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    yield server.url(name)
    await _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def empty_url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database without so much as the schema."""
    if store == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"empty_{next(_numbers)}"
    await _administer(server, f'CREATE DATABASE "{name}"')
    yield server.url(name)
    await _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database on each store."""
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def installation_id(db: Database) -> int:
    """An active installation."""
    return await db.write(add_installation)


async def _make_template(server: Server) -> None:
    await _administer(server, f'CREATE DATABASE "{TEMPLATE}"')
    template = open_database(server.url(TEMPLATE))
    await template.write(metadata.create_all)
    await template.close()


async def _administer(server: Server, statement: str) -> None:
    connection = await asyncpg.connect(host=str(server.folder), user="stepgate", database="postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
