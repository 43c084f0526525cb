"""The past is read page by page, resumed where it stopped, and never written back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select

from app.backfill.progress import BackfillState, Progress, queue_backfill, read_progress
from app.backfill.run import HELD_FOR, Backfill, Step
from app.crm.errors import RateLimited, Unsupported
from app.crm.port import CrmClient, DealLog, Page
from app.db.engine import Database
from app.db.tables import outbox, stage_move
from tests.analytics.conftest import History
from tests.crm.fake.client import FakeClient
from tests.crm.fake.world import FakeCrm
from tests.factories import NOW, TestClock

T = TypeVar("T")
DEALS = 130


@dataclass
class Past(FakeClient):
    """A CRM that shows its past in pages of `size` deals and may fail on the way."""

    size: int = 60
    asked: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """The next page."""
        self.asked.append(cursor)
        if self.trouble:
            raise self.trouble.pop()
        start = int(cursor or 0)
        end = min(start + self.size, DEALS)
        logs = tuple(History(str(number), stages=[("talk", 1)]).log() for number in range(start, end))
        return Page(logs, str(end) if end < DEALS else "", end, DEALS)


class StillClock(TestClock):
    """A clock that lets others work instead of moving on: no lease ever ends."""

    async def sleep(self, seconds: float) -> None:
        """Give way."""
        await asyncio.sleep(0)


@dataclass
class Reading:
    """A backfill with its CRM; `ended` counts how often the end was told."""

    backfill: Backfill
    past: Past
    ended: list[int]


@pytest.fixture
async def reading(db: Database, installation_id: int) -> Reading:
    past, ended = Past(FakeCrm(TestClock())), []

    async def open_client(_: int) -> CrmClient:
        return past

    def at_end(_: Connection, tenant: int, __: datetime) -> None:
        ended.append(tenant)

    await db.write(lambda conn: queue_backfill(conn, installation_id, 180, NOW))
    return Reading(Backfill(db, open_client, TestClock(), at_end), past, ended)


async def count(db: Database, installation_id: int) -> int:
    query = (
        select(func.count()).select_from(stage_move).where(stage_move.c.installation_id == installation_id)
    )
    return int(await db.read(lambda conn: conn.execute(query).scalar_one()))


async def progress(db: Database, installation_id: int) -> Progress:
    found = await db.read(lambda conn: read_progress(conn, installation_id))
    assert found is not None
    return found


async def test_all_pages_are_recorded_and_the_end_is_told_once(
    db: Database, installation_id: int, reading: Reading
) -> None:
    told: list[int] = []
    outcome = await reading.backfill.run(installation_id, lambda now: told.append(now.done))
    assert outcome is not None
    assert (outcome.state, outcome.done, outcome.total) == (BackfillState.DONE, DEALS, DEALS)
    assert told == [60, 120]
    assert await count(db, installation_id) == DEALS
    assert reading.ended == [installation_id]


async def test_it_goes_on_where_it_stopped(db: Database, installation_id: int, reading: Reading) -> None:
    await reading.backfill.step(installation_id)
    reading.past.trouble.append(RateLimited(5))
    with pytest.raises(RateLimited):
        await reading.backfill.step(installation_id)
    await reading.backfill.run(installation_id)
    assert reading.past.asked == ["", "60", "60", "120"]
    assert await count(db, installation_id) == DEALS


async def test_reading_twice_doubles_nothing(db: Database, installation_id: int, reading: Reading) -> None:
    await reading.backfill.run(installation_id)
    await db.write(lambda conn: queue_backfill(conn, installation_id, 180, NOW))
    await reading.backfill.run(installation_id)
    assert await count(db, installation_id) == DEALS


async def test_a_crm_that_refuses_ends_it_with_the_reason(
    db: Database, installation_id: int, reading: Reading
) -> None:
    reading.past.trouble.append(Unsupported())
    assert await reading.backfill.step(installation_id) is Step.END
    ended = await progress(db, installation_id)
    assert (ended.state, ended.last_error) == (BackfillState.FAILED, "Unsupported")
    assert reading.ended == []


async def test_it_asks_as_far_back_as_it_was_told(
    db: Database, installation_id: int, reading: Reading
) -> None:
    assert (await progress(db, installation_id)).since == NOW - timedelta(days=180)


async def test_nothing_is_written_to_the_crm(db: Database, installation_id: int, reading: Reading) -> None:
    await reading.backfill.run(installation_id)
    assert await db.read(lambda conn: conn.scalar(select(func.count()).select_from(outbox))) == 0


async def test_one_asked_for_while_another_ends_is_not_taken_for_done(
    db: Database, installation_id: int, reading: Reading
) -> None:
    reading.past.size = DEALS
    later = NOW + timedelta(minutes=1)

    async def asked_meanwhile() -> None:
        await db.write(lambda conn: queue_backfill(conn, installation_id, 7300, later))

    original = reading.past.history

    async def history(since: datetime, cursor: str) -> Page[DealLog]:
        page = await original(since, cursor)
        if len(reading.past.asked) == 1:
            await asked_meanwhile()
        return page

    reading.past.history = history  # type: ignore[method-assign]
    await reading.backfill.step(installation_id)
    progress = await db.read(lambda conn: read_progress(conn, installation_id))
    assert progress is not None
    assert (progress.state, progress.cursor, reading.ended) == (BackfillState.WAITING, "", [])
    await reading.backfill.run(installation_id)
    assert reading.ended == [installation_id]


async def test_only_one_of_several_readers_reads_and_the_others_tell_its_progress(
    db: Database, installation_id: int, reading: Reading
) -> None:
    clock = StillClock()
    first = Backfill(db, reading.backfill.open_client, clock, reading.backfill.at_end)
    second = Backfill(db, reading.backfill.open_client, clock, reading.backfill.at_end)
    assert await first.step(installation_id) is Step.MORE
    assert await second.step(installation_id) is Step.HELD
    assert reading.past.asked == [""]
    told: list[int] = []

    def tell(now: Progress) -> None:
        told.append(now.done)

    await asyncio.gather(second.run(installation_id, tell), first.run(installation_id))
    assert told[0] >= 60
    assert told == sorted(told)
    assert reading.past.asked == ["", "60", "120"]
    assert reading.ended == [installation_id]


class Slow:
    """A database whose next write comes only after `before`."""

    def __init__(self, db: Database, before: Callable[[], Awaitable[object]]) -> None:
        self.dialect, self.name, self.read, self.close = db.dialect, db.name, db.read, db.close
        self._db, self._before = db, [before]

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do what comes before, once, then write."""
        while self._before:
            await self._before.pop()()
        return await self._db.write(work)


async def test_who_comes_when_another_has_just_finished_reads_nothing(
    db: Database, installation_id: int, reading: Reading
) -> None:
    first = reading.backfill
    slow = Slow(db, lambda: first.run(installation_id))
    late = Backfill(slow, first.open_client, StillClock(), first.at_end)
    assert await late.step(installation_id) is Step.END
    assert reading.past.asked == ["", "60", "120"]
    assert reading.ended == [installation_id]


async def test_a_reader_that_died_is_followed_by_another(
    db: Database, installation_id: int, reading: Reading
) -> None:
    await reading.backfill.step(installation_id)
    clock = TestClock(NOW + HELD_FOR + timedelta(seconds=1))
    other = Backfill(db, reading.backfill.open_client, clock, reading.backfill.at_end)
    outcome = await other.run(installation_id)
    assert outcome is not None
    assert (outcome.done, reading.past.asked) == (DEALS, ["", "60", "120"])


async def test_the_counts_are_of_deals_in_the_ledger_from_the_first_page_to_the_last(
    db: Database, installation_id: int, reading: Reading
) -> None:
    told: list[tuple[int, int]] = []
    await reading.backfill.run(installation_id, lambda now: told.append((now.done, now.total)))
    assert told == [(60, DEALS), (120, DEALS)]
    await db.write(lambda conn: queue_backfill(conn, installation_id, 30, NOW))
    fresh = await progress(db, installation_id)
    assert (fresh.done, fresh.total, fresh.state) == (0, 0, BackfillState.WAITING)


async def test_a_deal_told_in_several_parts_of_a_page_keeps_them_all(
    db: Database, installation_id: int, reading: Reading
) -> None:
    parts = [History("1", stages=[(stage, hours)]).log() for stage, hours in (("talk", 1), ("won", 2))]

    async def history(since: datetime, cursor: str) -> Page[DealLog]:
        return Page((*parts, History("2", stages=[("talk", 1)]).log()), "", 2, 2)

    reading.past.history = history  # type: ignore[method-assign]
    await reading.backfill.run(installation_id)
    assert await count(db, installation_id) == 3
