"""The rate of calls: never above the account's limit, and what can wait waits first."""

import asyncio
from datetime import timedelta

import pytest

from app.crm.errors import RateLimited
from app.db.engine import Database
from app.installations.rate import RateLimiter, pause, take
from tests.factories import NOW, TestClock

PER_SECOND = 5.0


async def ask(db: Database, installation_id: int, priority: int, after: float = 0.0) -> float:
    return await db.write(
        lambda conn: take(
            conn,
            installation_id,
            per_second=PER_SECOND,
            priority=priority,
            now=NOW + timedelta(seconds=after),
        )
    )


VENDOR_LIMIT = 7


async def test_no_second_holds_more_calls_than_the_vendor_allows(db: Database, installation_id: int) -> None:
    granted = [step / 50 for step in range(150) if await ask(db, installation_id, 0, after=step / 50) == 0.0]
    busiest = max(sum(start <= moment < start + 1 for moment in granted) for start in granted)
    assert busiest <= VENDOR_LIMIT
    assert len(granted) >= 3 * PER_SECOND


async def test_what_can_wait_waits_longer(db: Database, installation_id: int) -> None:
    assert await ask(db, installation_id, 0) == 0.0
    assert await ask(db, installation_id, 0) == pytest.approx(0.1)
    assert await ask(db, installation_id, 4) == pytest.approx(0.15)
    assert await ask(db, installation_id, 4, after=0.12) > 0
    assert await ask(db, installation_id, 0, after=0.12) == 0.0


async def test_a_long_queue_of_hooks_does_not_shut_out_who_opens_a_card(
    db: Database, installation_id: int
) -> None:
    granted = {1: 0, 2: 0}
    for step in range(300):
        for priority in (1, 2) if step % 3 else (2, 1):
            granted[priority] += await ask(db, installation_id, priority, after=step / 100) == 0.0
    assert min(granted.values()) >= 2
    assert sum(granted.values()) >= 2 * PER_SECOND


async def test_a_minute_of_calls_stays_within_the_limit(db: Database, installation_id: int) -> None:
    clock = TestClock()
    limiter = RateLimiter(db, clock)
    for _ in range(100):
        await limiter.admit(installation_id, PER_SECOND, 0)
    assert 19.6 <= clock.monotonic() <= 20.2


async def test_tasks_that_ask_together_share_one_bucket(db: Database, installation_id: int) -> None:
    results = await asyncio.gather(*(ask(db, installation_id, 0) for _ in range(20)))
    assert sum(wait == 0.0 for wait in results) == 1


async def test_a_punished_account_is_left_alone(db: Database, installation_id: int) -> None:
    clock = TestClock()
    limiter = RateLimiter(db, clock)
    await limiter.punish(installation_id, 300, "too_many")
    with pytest.raises(RateLimited) as refused:
        await limiter.admit(installation_id, PER_SECOND, 0)
    assert refused.value.retry_after == pytest.approx(300)
    clock.advance(301)
    await limiter.admit(installation_id, PER_SECOND, 0)


async def test_a_shorter_pause_does_not_shorten_a_longer_one(db: Database, installation_id: int) -> None:
    for seconds in (300, 5):
        until = NOW + timedelta(seconds=seconds)
        await db.write(lambda conn, until=until: pause(conn, installation_id, until, "x", NOW))  # type: ignore[misc]
    assert await ask(db, installation_id, 0) == pytest.approx(300)


class Busy(TestClock):
    """Hooks call every other second, whoever waits meanwhile."""

    def __init__(self, db: Database, installation_id: int) -> None:
        super().__init__()
        self.db, self.installation_id, self.hooks = db, installation_id, 0

    async def sleep(self, seconds: float) -> None:
        """Move on; hooks take their calls on the way."""
        self.advance(seconds)
        while 2.0 * self.hooks < self.monotonic():
            await self.db.write(
                lambda conn: take(
                    conn,
                    self.installation_id,
                    per_second=1.6,
                    saved_calls=25.0,
                    priority=1,
                    now=self.now(),
                )
            )
            self.hooks += 1


async def test_the_past_of_a_busy_account_waits_for_its_turn(db: Database, installation_id: int) -> None:
    clock = Busy(db, installation_id)
    limiter = RateLimiter(db, clock)
    for _ in range(25):
        await limiter.admit(installation_id, 1.6, 0, 25.0)
    for _ in range(4):
        await limiter.admit(installation_id, 1.6, 4, 25.0)
    assert clock.hooks >= 5


async def test_a_clock_that_goes_back_grants_nothing_extra(db: Database, installation_id: int) -> None:
    for _ in range(5):
        await ask(db, installation_id, 0, after=100)
    assert await ask(db, installation_id, 0, after=0) > 0
