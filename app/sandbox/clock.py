"""Where the sandbox gets its time from: the machine, or a test that drives it by hand."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch, and a way to wait."""

    def now(self) -> float:
        """The current moment in unix seconds with a fraction."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let that many seconds of this clock pass."""
        ...


class RealClock:
    """The machine's time."""

    def now(self) -> float:
        """The current moment in unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """A clock that only moves when told to; `sleep` moves it, so nothing ever waits."""

    def __init__(self, start: float = 1_780_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """The moment that the test has set."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time forward by `seconds`."""
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Jump over the wait and give other tasks their turn."""
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)
