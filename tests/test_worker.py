import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.clock import SystemClock
from app.db.engine import Database
from app.db.lease import lease_owner
from app.worker import LEADER, LEADER_LEASE, Tick, Worker
from tests.factories import TestClock


class Work:
    """Lanes to be done; counts who did one."""

    def __init__(self, amount: int = 0) -> None:
        self.left = amount
        self.done: list[str] = []
        self.asked = asyncio.Event()
        self.finished = asyncio.Event()
        self.trouble: list[Exception] = []

    async def run_once(self, owner: str) -> bool:
        self.asked.set()
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble.pop()
        if not self.left:
            return False
        self.left -= 1
        self.done.append(owner)
        if not self.left:
            self.finished.set()
        return True


async def test_lanes_are_done_by_several_tasks_of_different_names(db: Database) -> None:
    work = Work(40)
    worker = Worker(db, work, [], SystemClock(), lanes=3, name="w")
    worker.start()
    await work.finished.wait()
    await worker.stop()
    assert len(work.done) == 40
    assert set(work.done) == {"w:0", "w:1", "w:2"}


async def test_a_ring_wakes_a_sleeping_worker(db: Database) -> None:
    work = Work()
    worker = Worker(db, work, [], SystemClock(), lanes=1)
    worker.start()
    await work.asked.wait()
    work.left = 1
    worker.wake()
    await work.finished.wait()
    await worker.stop()


async def test_a_worker_survives_a_database_that_is_away(db: Database) -> None:
    work = Work(1)
    work.trouble = [OperationalError("SELECT", {}, Exception("away")), ConnectionRefusedError()]
    worker = Worker(db, work, [], TestClock(), lanes=1)
    worker.start()
    await work.finished.wait()
    await worker.stop()
    assert work.trouble == []


async def test_stopping_waits_for_what_runs_and_starts_nothing_new(db: Database) -> None:
    started, go_on, ended = asyncio.Event(), asyncio.Event(), []

    class Long:
        async def run_once(self, owner: str) -> bool:
            started.set()
            await go_on.wait()
            ended.append(owner)
            return True

    worker = Worker(db, Long(), [], SystemClock(), lanes=1, name="w")
    worker.start()
    await started.wait()
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert ended == ["w:0"]


async def test_stopping_breaks_off_what_does_not_end(db: Database) -> None:
    started = asyncio.Event()

    class Endless:
        async def run_once(self, owner: str) -> bool:
            started.set()
            await asyncio.Event().wait()
            return True

    worker = Worker(db, Endless(), [], SystemClock(), lanes=1)
    worker.start()
    await started.wait()
    await worker.stop(grace=0)


async def test_a_worker_that_was_not_started_can_be_stopped(db: Database) -> None:
    await Worker(db, Work(), [], SystemClock(), lanes=1).stop()


async def test_ticks_run_in_one_process_of_two(db: Database) -> None:
    ran: list[str] = []
    clock = TestClock()

    def worker(name: str) -> tuple[Worker, Tick]:
        async def run() -> None:
            ran.append(name)

        return Worker(db, Work(), [], clock, lanes=0, name=name), Tick("t", timedelta(seconds=1), run)

    (first, tick_of_first), (second, tick_of_second) = worker("first"), worker("second")
    for _ in range(5):
        await first.run_tick(tick_of_first)
        await second.run_tick(tick_of_second)
    assert ran == ["first"] * 5
    clock.advance(LEADER_LEASE.total_seconds())
    await second.run_tick(tick_of_second)
    await first.run_tick(tick_of_first)
    assert ran == ["first"] * 5 + ["second"]


async def test_a_leader_that_stops_leaves_the_lead_at_once(db: Database) -> None:
    clock = TestClock()
    first, second = (Worker(db, Work(), [], clock, lanes=0, name=name) for name in ("first", "second"))
    ran = asyncio.Event()

    async def run() -> None:
        ran.set()

    tick = Tick("t", timedelta(seconds=1), run)
    await first.run_tick(tick)
    await first.stop()
    await second.run_tick(tick)
    assert await db.read(lambda conn: lease_owner(conn, LEADER)) == "second"


async def test_a_failing_tick_is_survived(db: Database) -> None:
    async def fail() -> None:
        raise LookupError("on purpose")

    worker = Worker(db, Work(), [], TestClock(), lanes=0)
    await worker.run_tick(Tick("t", timedelta(seconds=1), fail))


async def test_every_tick_runs_soon_after_the_start(db: Database) -> None:
    ran = [asyncio.Event(), asyncio.Event()]

    def tick(number: int) -> Tick:
        async def run() -> None:
            ran[number].set()

        return Tick(f"t{number}", timedelta(hours=1), run)

    worker = Worker(db, Work(), [tick(0), tick(1)], SystemClock(), lanes=0)
    worker.start()
    await asyncio.gather(*(each.wait() for each in ran))
    await worker.stop()


@pytest.mark.parametrize("lanes", [0, 4])
async def test_a_worker_without_work_stops_at_once(db: Database, lanes: int) -> None:
    worker = Worker(db, Work(), [], SystemClock(), lanes=lanes)
    worker.start()
    await worker.stop()
