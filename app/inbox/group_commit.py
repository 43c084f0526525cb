"""Group commit: requests that arrive while a commit is under way share the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from prometheus_client import Histogram
from sqlalchemy.exc import DataError, IntegrityError

from app.errors import Overloaded

T = TypeVar("T")
QUEUE_LIMIT = 2000
SHARED = 256
SIZES = Histogram(
    "stepgate_hook_group_size",
    "Deliveries that shared a commit",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)


class GroupCommit(Generic[T]):
    """Collects items and stores them together; who added one waits until it is durable."""

    def __init__(
        self,
        store: Callable[[Sequence[T]], Awaitable[None]],
        *,
        queue_limit: int = QUEUE_LIMIT,
        shared: int = SHARED,
        flights: int = 1,
    ) -> None:
        """`flights` is how many commits may be under way at once."""
        self._store = store
        self._queue_limit = queue_limit
        self._shared = shared
        self._flights = flights
        self._waiting: deque[tuple[T, asyncio.Future[None]]] = deque()
        self._draining = 0
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False

    def add(self, item: T) -> asyncio.Future[None]:
        """Queue `item`; the future is done once it is durable. Raises Overloaded."""
        if self._closing or len(self._waiting) >= self._queue_limit:
            raise Overloaded
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._draining < self._flights:
            self._draining += 1
            task = asyncio.create_task(self._drain())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return done

    async def close(self) -> None:
        """Take nothing more and finish what waits."""
        self._closing = True
        while self._running:
            await asyncio.gather(*self._running)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._shared, len(self._waiting)))]
                SIZES.observe(len(batch))
                await self._commit(batch)
        finally:
            # At once, not when the task is collected: what is added in between needs a new task.
            self._draining -= 1

    async def _commit(self, batch: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            await self._store([item for item, _ in batch])
        except (IntegrityError, DataError) as error:
            if len(batch) == 1:
                _finish(batch, error)
                return
            # One bad row must not take the others with it.
            for each in batch:
                await self._commit([each])
        except Exception as error:  # noqa: BLE001  every waiting request has to hear of it
            _finish(batch, error)
        else:
            _finish(batch, None)


def _finish(batch: Sequence[tuple[T, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
