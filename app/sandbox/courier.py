"""A queue of requests by a simulated server, each sent when it is due."""

import asyncio
import heapq
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from app.sandbox.clock import Clock, RealClock


@dataclass(order=True)
class Due:
    """Something that is to be sent at `due`, unix seconds; `order` decides among equals."""

    due: float
    order: int


D = TypeVar("D", bound=Due)


class Courier(ABC, Generic[D]):
    """Sends what was queued. A subclass says what sending is, and what must not go yet or at all.

    `http` is closed here only when it was made here; `seconds` is then its longest wait.
    """

    def __init__(self, clock: Clock, http: httpx.AsyncClient | None, seconds: float) -> None:
        self._clock, self._http, self._seconds = clock, http, seconds
        self._own_http = False
        self._queue: list[D] = []
        self._order = 0
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def _send(self, attempt: D) -> None:
        """Make the request and see to what follows from its answer."""

    @abstractmethod
    def _may_go(self, attempt: D, now: float) -> bool:
        """False when it is not to be sent now; one that is to be sent later is put back here."""

    def _next_order(self) -> int:
        self._order += 1
        return self._order

    def _put(self, attempt: D) -> None:
        heapq.heappush(self._queue, attempt)
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Requests that are queued for now or later."""
        return len(self._queue)

    def next_due(self) -> float | None:
        """When the next queued request is due, unix seconds."""
        return self._queue[0].due if self._queue else None

    async def drain(self) -> int:
        """Send everything that is due by the clock; answers how many requests were made."""
        done = 0
        while True:
            due = self._take_due()
            if not due and not self._running:
                return done
            done += len(due)
            await asyncio.gather(*(self._send(attempt) for attempt in due), *self._running)

    def _take_due(self) -> list[D]:
        due: list[D] = []
        now = self._clock.now()
        while self._queue and self._queue[0].due <= now:
            attempt = heapq.heappop(self._queue)
            if self._may_go(attempt, now):
                due.append(attempt)
        return due

    def http(self) -> httpx.AsyncClient:
        """The client for everything that the simulated server sends."""
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self._seconds)
            self._own_http = True
        return self._http

    def start(self) -> None:
        """Deliver in the background from now on (real time only; tests with their own clock drain)."""
        if self._pump is None and isinstance(self._clock, RealClock):
            self._pump = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            for attempt in self._take_due():
                task = asyncio.create_task(self._send(attempt))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            self._wake.clear()
            due = self.next_due()
            pause = 60.0 if due is None else max(0.0, due - self._clock.now())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def stop(self) -> None:
        """End the background delivery and close what was opened here."""
        tasks = [*self._running, *([self._pump] if self._pump else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pump = None
        if self._own_http and self._http is not None:
            await self._http.aclose()
            self._http, self._own_http = None, False
