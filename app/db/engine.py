"""One way to the database: `read` and `write` run a plain function inside one transaction.

The function gets a Connection and returns a value; it cannot await, so no CRM call can happen
inside a transaction. SQLite has one writer thread that lets waiting writes share a commit (each
behind its own savepoint); PostgreSQL uses a pool.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

T = TypeVar("T")


class Database(Protocol):
    """A store that runs functions in transactions.

    `name` tells this process from all others that work on the same store.
    """

    dialect: str
    name: str

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one read-write transaction; committed and durable on return.

        An exception from `work` rolls its changes back and comes out. Raises `Overloaded` when the
        queue of waiting writes is full.
        """

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one read-only transaction."""

    async def close(self) -> None:
        """Finish waiting writes and give up all connections."""


def open_database(url: str) -> Database:
    """The database of `url`: `sqlite:///path` or `postgresql://user:password@host/name`.

    Raises ValueError for another kind of database.
    """
    from app.db.postgresql import PostgresDatabase
    from app.db.sqlite import SqliteDatabase

    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed)
        case "postgresql":
            return PostgresDatabase(parsed)
        case other:
            raise ValueError(f"Stepgate keeps its data in SQLite or PostgreSQL, not in {other}.")
