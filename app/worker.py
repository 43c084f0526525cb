"""The worker: tasks that do lanes, and ticks that keep house. In the web process or on its own."""

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from app.clock import Clock
from app.db.engine import Database
from app.db.lease import drop_lease, hold_lease
from app.db.orphans import free_orphans
from app.errors import Overloaded
from app.observability import get_logger

LEADER = "scheduler"
LEADER_LEASE = timedelta(seconds=15)
LEADER_TICK = timedelta(seconds=5)
IDLE_FIRST = 0.05
IDLE_MOST = 1.0
GRACE_SECONDS = 20.0
_log = get_logger("worker")


class LaneProcessor(Protocol):
    """Does the work of one lane."""

    async def run_once(self, owner: str) -> bool:
        """Claim a lane and do its work; False when none is ready."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to be done now and then, by one process of all. A late tick is done once, not often."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


class Worker:
    """`lanes` tasks that do lanes and a scheduler for `ticks`."""

    def __init__(
        self,
        db: Database,
        processor: LaneProcessor,
        ticks: Sequence[Tick],
        clock: Clock,
        *,
        lanes: int,
        name: str = "",
    ) -> None:
        self._db, self._processor, self._ticks, self._clock = db, processor, ticks, clock
        self._lanes = lanes
        self.name = name or db.name
        self._tasks: list[asyncio.Task[None]] = []
        self._asleep: deque[asyncio.Future[None]] = deque()
        self._rings = 0
        self._is_stopping = False
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def take_over(self) -> None:
        """Free the lanes that a life before this one had in work when it was killed."""
        now = self._clock.now()
        if freed := await self._db.write(lambda conn: free_orphans(conn, now)):
            _log.warning("lanes of the dead freed", count=freed, owner=self.name)

    def start(self) -> None:
        """Begin; needs a running loop."""
        for number in range(self._lanes):
            self._tasks.append(asyncio.create_task(self._serve(f"{self.name}:{number}")))
        for tick in [Tick("leader", LEADER_TICK, _nothing), *self._ticks]:
            self._scheduler.add_job(
                self.run_tick,
                IntervalTrigger(seconds=int(tick.every.total_seconds()), timezone=UTC),
                args=[tick],
                id=tick.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    def wake(self) -> None:
        """There is work: wake one task that sleeps. A busy one will look again by itself."""
        self._rings += 1
        while self._asleep:
            sleeper = self._asleep.popleft()
            if not sleeper.done():
                sleeper.set_result(None)
                return

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Claim nothing more, let what runs finish for `grace` seconds, then break off."""
        self._is_stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for _ in self._tasks:
            self.wake()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._db.write(lambda conn: drop_lease(conn, LEADER, self.name))
        except (SQLAlchemyError, OSError, Overloaded) as error:
            _log.warning("leadership not given up", owner=self.name, exc_info=error)

    async def run_tick(self, tick: Tick) -> None:
        """Do the tick if this process is the leader."""
        try:
            if await self._is_leader():
                await tick.run()
        except Exception as error:  # noqa: BLE001  the last guard: the next tick must come
            _log.error("tick failed", tick=tick.name, owner=self.name, exc_info=error)

    async def _is_leader(self) -> bool:
        now = self._clock.now()
        fence = await self._db.write(lambda conn: hold_lease(conn, LEADER, self.name, now, LEADER_LEASE))
        return fence is not None

    async def _serve(self, owner: str) -> None:
        idle = IDLE_FIRST
        while not self._is_stopping:
            heard = self._rings
            if await self._try_once(owner):
                idle = IDLE_FIRST
                self.wake()
            elif heard == self._rings and not self._is_stopping:
                await self._sleep(idle)
                idle = min(IDLE_MOST, idle * 2)

    async def _try_once(self, owner: str) -> bool:
        try:
            return await self._processor.run_once(owner)
        except (SQLAlchemyError, OSError, Overloaded) as error:
            _log.error("lanes cannot be reached", owner=owner, exc_info=error)
            await self._clock.sleep(IDLE_MOST)
            return False

    async def _sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asleep.append(sleeper)
        await asyncio.wait([sleeper], timeout=seconds)
        if not sleeper.done():
            sleeper.cancel()


async def run_until_signal(worker: Worker) -> None:
    """Run a worker of its own process until SIGTERM or SIGINT, then let it finish."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, asked.set)
    await worker.take_over()
    worker.start()
    _log.info("worker started", owner=worker.name)
    await asked.wait()
    await worker.stop()
    _log.info("worker stopped", owner=worker.name)


async def _nothing() -> None:
    """Being asked is enough: it prolongs the leader's lease."""
