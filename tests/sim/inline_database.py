"""A database that answers at once, in the caller's own step: the simulation owns all waiting."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from app.db.sqlite import sqlite_driver
from app.db.tables import metadata

T = TypeVar("T")


class InlineDatabase:
    """SQLite in memory; a transaction is one synchronous step, and any exception rolls it back."""

    dialect = "sqlite"
    name = "simulation"

    def __init__(self) -> None:
        self.after_commit: Callable[[], Awaitable[None]] | None = None
        self._engine = create_engine(
            "sqlite://",
            module=sqlite_driver(),
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )

        @event.listens_for(self._engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA journal_mode=MEMORY")

        @event.listens_for(self._engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        metadata.create_all(self._engine)
        self.now(_watch_verdicts)

    def now(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction."""
        with self._engine.begin() as connection:
            return work(connection)

    def clear(self) -> None:
        """Forget every row."""
        with self._engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.exec_driver_sql(f"DELETE FROM {table.name}")
            connection.exec_driver_sql("DELETE FROM first_verdict")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; the process may stand still right after the commit."""
        value = self.now(work)
        if self.after_commit:
            await self.after_commit()
        return value

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The same: nobody else is running."""
        return self.now(work)

    async def close(self) -> None:
        """Give up the connection."""
        self._engine.dispose()


def _watch_verdicts(connection: Connection) -> None:
    """Keep the order in which moves were judged for the first time, as far as it was committed."""
    connection.exec_driver_sql(
        "CREATE TABLE first_verdict (number INTEGER PRIMARY KEY, deal_id TEXT, log_id TEXT)"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER verdict_order AFTER INSERT ON verdict BEGIN"
        " INSERT INTO first_verdict (deal_id, log_id) VALUES (new.deal_id, new.log_id); END"
    )
