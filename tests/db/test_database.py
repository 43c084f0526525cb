import asyncio
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db.engine import Database, open_database
from app.db.lease import drop_lease, hold_lease, lease_owner
from app.db.sqlite import SAFE_VERSION, SHARED_COMMIT, SqliteDatabase, sqlite_driver
from app.db.tables import installation
from app.db.types import Instant, from_micros, to_micros
from tests.factories import NOW, add_installation

LENGTH = timedelta(seconds=15)


def _count(conn: Connection) -> int:
    return int(conn.scalar(select(func.count()).select_from(installation)) or 0)


async def test_what_was_written_is_read_by_another_connection(db: Database, database_url: str) -> None:
    await db.write(add_installation)
    other = open_database(database_url)
    assert await other.read(_count) == 1
    await other.close()


async def test_a_failing_write_leaves_nothing_and_its_error_comes_out(db: Database) -> None:
    def fail(conn: Connection) -> None:
        add_installation(conn)
        raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        await db.write(fail)
    assert await db.read(_count) == 0


async def test_writes_side_by_side_do_not_share_their_failures(db: Database) -> None:
    def one(number: int) -> "asyncio.Future[int]":
        return asyncio.ensure_future(
            db.write(lambda conn: add_installation(conn, external_id=str(number % 40)))
        )

    outcomes = await asyncio.gather(*[one(number) for number in range(80)], return_exceptions=True)
    failed = [each for each in outcomes if isinstance(each, Exception)]
    assert {type(each) for each in failed} == {IntegrityError}
    assert (len(failed), await db.read(_count)) == (40, 40)


async def test_more_writes_than_one_commit_takes_all_arrive(db: Database) -> None:
    numbers = range(SHARED_COMMIT + 44)
    await asyncio.gather(
        *(db.write(partial(add_installation, external_id=str(number))) for number in numbers)
    )
    assert await db.read(_count) == len(numbers)


async def test_a_read_changes_nothing(db: Database) -> None:
    try:
        await db.read(add_installation)
    except DBAPIError:
        assert db.dialect == "sqlite"
    assert await db.read(_count) == 0


async def test_a_write_that_nobody_waits_for_does_not_stop_the_store(db: Database) -> None:
    for number in range(20):
        task = asyncio.ensure_future(db.write(partial(add_installation, external_id=str(number))))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await db.write(lambda conn: add_installation(conn, external_id="last"))
    assert await db.read(_count) >= 1


async def test_a_closed_store_may_be_closed_again(database_url: str) -> None:
    db = open_database(database_url)
    await db.close()
    await db.close()


async def test_foreign_keys_hold(db: Database) -> None:
    from app.db.tables import audit

    row = {"installation_id": 99, "seq": 1, "at": NOW, "actor": "", "action": "", "detail": {}}
    with pytest.raises(IntegrityError):
        await db.write(lambda conn: conn.execute(insert(audit).values(row)))


async def test_moments_come_back_exact_and_in_utc(db: Database) -> None:
    there = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    await db.write(lambda conn: add_installation(conn, created_at=there))
    found = await db.read(lambda conn: conn.scalar(select(installation.c.created_at)))
    assert found == there
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001


@given(st.datetimes(timezones=st.just(UTC)))
def test_micros_and_moments_are_the_same_thing(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_another_kind_of_database_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL, not in mysql"):
        open_database("mysql://host/name")


async def test_sqlite_is_durable_and_takes_no_risk_with_an_old_engine(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/deep/below/stepgate.db")
    assert isinstance(db, SqliteDatabase)

    def settings(conn: Connection) -> tuple[str, int, int]:
        return (
            str(conn.exec_driver_sql("PRAGMA journal_mode").scalar()),
            int(conn.exec_driver_sql("PRAGMA synchronous").scalar() or 0),
            int(conn.exec_driver_sql("PRAGMA foreign_keys").scalar() or 0),
        )

    is_safe = sqlite_driver().sqlite_version_info >= SAFE_VERSION
    assert await db.write(settings) == ("wal" if is_safe else "delete", 2, 1)
    await db.close()


async def test_a_lease_is_one_s_own_until_it_ends(db: Database) -> None:
    def hold(owner: str, at: datetime) -> "asyncio.Future[int | None]":
        return asyncio.ensure_future(db.write(lambda conn: hold_lease(conn, "tick", owner, at, LENGTH)))

    half = NOW + LENGTH / 2
    assert await hold("one", NOW) == 1
    assert await hold("two", NOW) is None
    assert await hold("one", half) == 1
    assert await hold("two", NOW + LENGTH) is None
    assert await hold("two", half + LENGTH) == 2
    assert await hold("one", half + LENGTH) is None
    assert await db.read(lambda conn: lease_owner(conn, "tick")) == "two"


async def test_a_dropped_lease_is_free_at_once_and_only_its_owner_can_drop_it(db: Database) -> None:
    await db.write(lambda conn: hold_lease(conn, "tick", "one", NOW, LENGTH))
    await db.write(lambda conn: drop_lease(conn, "tick", "two"))
    assert await db.write(lambda conn: hold_lease(conn, "tick", "two", NOW, LENGTH)) is None
    await db.write(lambda conn: drop_lease(conn, "tick", "one"))
    assert await db.write(lambda conn: hold_lease(conn, "tick", "two", NOW, LENGTH)) is not None


async def test_of_many_who_want_a_lease_at_once_one_gets_it(db: Database) -> None:
    owners = [str(number) for number in range(8)]
    held = await asyncio.gather(
        *(db.write(partial(hold_lease, name="tick", owner=owner, now=NOW, length=LENGTH)) for owner in owners)
    )
    assert sorted(fence for fence in held if fence) == [1]
