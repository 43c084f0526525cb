"""Brings a database to the schema that this program expects."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text

from app.db.engine import open_database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK = 7_836_142_553
"""Any number that nobody else locks by: two programs that start at once migrate one after the other."""


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database of `url` up to `revision`, all in one transaction."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Migrate the database of `url` back to `revision`; `base` leaves it empty."""
    await _run(url, lambda config: command.downgrade(config, revision))


def current_revision(conn: Connection) -> str | None:
    """The revision that the database is at, or None when it was never migrated."""
    return MigrationContext.configure(conn).get_current_revision()


@cache
def head_revision() -> str:
    """The revision that this program expects."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def is_at_head(conn: Connection) -> bool:
    """True when the database has the schema that this program expects."""
    return current_revision(conn) == head_revision()


async def _run(url: str, action: Callable[[Config], None]) -> None:
    database = open_database(url)
    try:
        await database.write(lambda conn: _apply(conn, action))
    finally:
        await database.close()


def _apply(conn: Connection, action: Callable[[Config], None]) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(LOCK)))
        conn.execute(text("SET LOCAL statement_timeout = 0"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    action(config)
