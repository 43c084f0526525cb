"""A cheap load generator, to be run as a process of its own.

`python -m tests.load.generator PLAN` reads a plan (JSON) and prints what it saw (JSON). With a rate,
a request's time counts from when it should have been sent, so a slow server cannot hide.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

END = b"\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """`ports` are shared among `connections`; `rate` 0 means as fast as answers come. A request is
    (path, body); `seconds` of load after `warm_up` seconds that do not count.
    """

    ports: list[int]
    requests: list[tuple[str, str]]
    connections: int
    seconds: float
    warm_up: float = 0.5
    rate: float = 0.0


@dataclass
class Seen:
    """Answers by status, times in milliseconds, and how long it took."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Caller(asyncio.Protocol):
    """One connection with one request under way at most."""

    def __init__(self) -> None:
        self._answered: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        if END in self._head and self._answered:
            status, self._head = int(self._head[9:12]), b""
            self._answered.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_result(0)

    async def call(self, request: bytes) -> int:
        """Send and give the answer's status; 0 when the connection broke."""
        assert self._transport
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered


async def run(plan: Plan) -> Seen:
    """Carry the plan out."""
    loop = asyncio.get_running_loop()
    requests = cycle([_encode(path, body) for path, body in plan.requests])
    callers = []
    for number in range(plan.connections):
        port = plan.ports[number % len(plan.ports)]
        callers.append((await loop.create_connection(Caller, "127.0.0.1", port))[1])
    start = time.perf_counter() + plan.warm_up
    if plan.rate:
        return await _open_loop(plan, callers, requests, start)
    seen = Seen()
    end = start + plan.seconds
    await asyncio.gather(*(_closed_loop(caller, requests, seen, start, end) for caller in callers))
    seen.seconds = plan.seconds
    return seen


async def _closed_loop(
    caller: Caller, requests: Iterator[bytes], seen: Seen, start: float, end: float
) -> None:
    while (sent := time.perf_counter()) < end:
        status = await caller.call(next(requests))
        now = time.perf_counter()
        if start <= now < end:
            seen.statuses[status] += 1
            seen.milliseconds.append((now - sent) * 1000)


async def _open_loop(plan: Plan, callers: list[Caller], requests: Iterator[bytes], start: float) -> Seen:
    seen = Seen(seconds=plan.seconds)
    free: asyncio.Queue[Caller] = asyncio.Queue()
    for caller in callers:
        free.put_nowait(caller)

    async def one(due: float) -> None:
        caller = await free.get()
        status = await caller.call(next(requests))
        if due >= start:
            seen.statuses[status] += 1
            seen.milliseconds.append((time.perf_counter() - due) * 1000)
        free.put_nowait(caller)

    calls = []
    first = start - plan.warm_up
    for number in range(int((plan.warm_up + plan.seconds) * plan.rate)):
        due = first + number / plan.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        calls.append(asyncio.create_task(one(due)))
    await asyncio.gather(*calls)
    return seen


def _encode(path: str, body: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def main() -> None:
    """The command line."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    sys.stdout.write(json.dumps(vars(asyncio.run(run(plan)))))


if __name__ == "__main__":
    main()
