"""Coroutines in virtual time: a heap of moments instead of an event loop, so a seed is a history."""

import heapq
from collections.abc import Awaitable, Callable, Coroutine, Generator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.factories import NOW


class SimulatedCrash(BaseException):
    """The process died here; like a kill it passes every `except Exception`."""


class _Wait(Awaitable[None]):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __await__(self) -> Generator[float, None, None]:
        yield self.seconds


class Task:
    """A running coroutine; `wake` is the number of the appointment that counts."""

    def __init__(self, name: str, body: Coroutine[Any, Any, None], ended: Callable[[str], None]) -> None:
        self.name, self.body, self.ended, self.wake = name, body, ended, 0


class VirtualTime:
    """Clock and scheduler in one. Nothing happens between two appointments."""

    def __init__(self) -> None:
        self._now = 0.0
        self._numbers = count(1)
        self._heap: list[tuple[float, int, Task | None, Callable[[], None] | None]] = []

    def now(self) -> datetime:
        """The moment, in whole microseconds as a database keeps it."""
        return NOW + timedelta(microseconds=round(self._now * 1_000_000))

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Let the others go on."""
        await _Wait(seconds)

    def call_in(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._heap, (self._now + seconds, next(self._numbers), None, action))

    def start(
        self, name: str, body: Coroutine[Any, Any, None], ended: Callable[[str], None], after: float = 0
    ) -> Task:
        """Begin a coroutine; `ended` is told its name when it crashes."""
        task = Task(name, body, ended)
        self._appoint(task, after)
        return task

    def wake(self, task: Task, seconds: float) -> None:
        """Let a sleeping task go on earlier."""
        self._appoint(task, seconds)

    def stop(self, task: Task) -> None:
        """End a coroutine that sleeps: its process is gone."""
        task.wake = 0
        task.body.close()

    def run_until(self, end: float) -> None:
        """Keep all appointments up to `end` seconds."""
        while self._heap and self._heap[0][0] <= end:
            moment, number, task, action = heapq.heappop(self._heap)
            if task is not None and task.wake != number:
                continue
            self._now = max(self._now, moment)
            if task is not None:
                self._step(task)
            elif action is not None:
                action()
        self._now = max(self._now, end)

    def close(self) -> None:
        """End what still sleeps."""
        for _, _, task, _ in self._heap:
            if task is not None:
                task.body.close()

    def _appoint(self, task: Task, seconds: float) -> None:
        task.wake = next(self._numbers)
        heapq.heappush(self._heap, (self._now + seconds, task.wake, task, None))

    def _step(self, task: Task) -> None:
        try:
            self._appoint(task, task.body.send(None))
        except StopIteration:
            return
        except SimulatedCrash:
            task.ended(task.name)
