"""PostgreSQL: a pool; any number of processes; the database is the queue."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.orphans import PREFIX

T = TypeVar("T")
POOL_SIZE = 8
POOL_SECONDS = 5
CONNECT_SECONDS = 5


class PostgresDatabase:
    """A pool of connections, READ COMMITTED, with limits on every wait.

    Its sessions carry its name, so that others see whether it lives.
    """

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=POOL_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "server_settings": {
                    "application_name": f"{PREFIX}{self.name}",
                    "timezone": "UTC",
                    "statement_timeout": "15000",
                    "lock_timeout": "5000",
                    "idle_in_transaction_session_timeout": "15000",
                },
            },
        )

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction that is rolled back."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Give up the pool."""
        await self._engine.dispose()
