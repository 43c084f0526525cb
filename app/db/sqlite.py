"""SQLite: one writer thread with group commit, a few readers."""

import asyncio
import queue
import sqlite3
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool, StaticPool

from app.errors import Overloaded

T = TypeVar("T")
READERS = 4
QUEUE_LIMIT = 2000
SHARED_COMMIT = 256
SAFE_VERSION = (3, 51, 3)
"""Older engines may corrupt the file when several connections write and checkpoint a WAL."""


def sqlite_driver() -> ModuleType:
    """The newest SQLite at hand: the packaged one where it exists, else Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return cast(ModuleType, dbapi2)


class SqliteDatabase:
    """A file (or memory, for tests) with one writer connection and read-only readers."""

    dialect = "sqlite"

    def __init__(self, url: URL) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._driver = sqlite_driver()
        self._is_closed = False
        self._in_memory = not url.database or url.database == ":memory:"
        if not self._in_memory and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self._is_wal = not self._in_memory and self._driver.sqlite_version_info >= SAFE_VERSION
        self._writer = self._engine(url, writes=True)
        self._readers = (
            self._writer if self._in_memory or not self._is_wal else self._engine(url, writes=False)
        )
        self._read_threads = ThreadPoolExecutor(READERS, "stepgate-read")
        self._waiting: queue.Queue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.Queue(
            QUEUE_LIMIT
        )
        self._thread = threading.Thread(target=self._serve_writes, name="stepgate-write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` behind a savepoint in the next shared commit."""
        done: Future[T] = Future()
        if self._is_closed:
            raise Overloaded("The database is being closed.")
        try:
            self._waiting.put_nowait((work, done))
        except queue.Full:
            raise Overloaded from None
        return await asyncio.wrap_future(done)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reader; without WAL, or in memory, on the writer."""
        if self._readers is self._writer:
            return await self.write(work)
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, self._read, work)

    async def close(self) -> None:
        """Finish waiting writes and close the file."""
        if self._is_closed:
            return
        self._is_closed = True
        await asyncio.to_thread(self._waiting.put, None)
        await asyncio.to_thread(self._thread.join)
        self._read_threads.shutdown()
        self._readers.dispose()
        self._writer.dispose()

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection:
            return work(connection)

    def _serve_writes(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch, closing = self._gather(first)
            self._commit(batch)
            if closing:
                return

    def _gather(self, first: Any) -> tuple[list[tuple[Callable[[Connection], Any], Future[Any]]], bool]:
        batch = [first]
        while len(batch) < SHARED_COMMIT:
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False

    def _commit(self, batch: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        # Whoever gave up before is left out; from here on giving up cannot make an answer fail.
        batch = [(work, done) for work, done in batch if done.set_running_or_notify_cancel()]
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._writer.begin() as connection:
                for work, done in batch:
                    outcome = (work(connection), None) if len(batch) == 1 else _run(connection, work)
                    results.append((done, *outcome))
        except Exception as error:  # noqa: BLE001  the commit failed: every caller must hear of it
            for _, done in batch:
                done.set_exception(error)
            return
        for done, value, failure in results:
            if failure is None:
                done.set_result(value)
            else:
                done.set_exception(failure)

    def _engine(self, url: URL, *, writes: bool) -> Engine:
        pool = (
            {"poolclass": StaticPool}
            if self._in_memory
            else {"poolclass": QueuePool, "pool_size": 1 if writes else READERS}
        )
        engine = create_engine(
            url.set(drivername="sqlite"),
            module=self._driver,
            connect_args={"check_same_thread": False, "isolation_level": None},
            **pool,
        )
        journal = "WAL" if self._is_wal else "DELETE"

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            for pragma in (
                "busy_timeout=10000",
                "foreign_keys=ON",
                "trusted_schema=OFF",
                "cache_size=-65536",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            if writes:
                cursor.execute(f"PRAGMA journal_mode={journal}")
                cursor.execute("PRAGMA synchronous=FULL")
            else:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine


def _run(connection: Connection, work: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
    except Exception as error:  # noqa: BLE001  handed to the caller who is waiting for this work
        savepoint.rollback()
        return None, error
    savepoint.commit()
    return value, None
