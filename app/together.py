"""Those who come while a round is under way share the next one: one transaction instead of many."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

A = TypeVar("A")
R = TypeVar("R")
Round = Callable[[Sequence[A]], Awaitable[Sequence[R | Exception]]]
"""Does the work of several; the answers in their order, an exception for whom it failed."""


class Gathering(Protocol):
    """Makes a function for one out of a function for several."""

    def __call__(self, work: Round[A, R], most: int) -> Callable[[A], Awaitable[R]]:
        """`work` gets at most so many at once."""


class Together(Generic[A, R]):
    """Rounds one after the other; nobody waits for company, only for the round before."""

    def __init__(self, work: Round[A, R], most: int) -> None:
        self._work, self._most = work, most
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._rounds: asyncio.Task[None] | None = None

    async def __call__(self, item: A) -> R:
        """Take part in the next round. Raises what the round has for this one, or what broke it."""
        mine: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, mine))
        if self._rounds is None:
            self._rounds = asyncio.create_task(self._serve())
        return await mine

    async def _serve(self) -> None:
        try:
            while self._waiting:
                part, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._round([each for each in part if not each[1].cancelled()])
        finally:
            self._rounds = None
            for _, mine in self._waiting:
                mine.cancel()
            self._waiting = []

    async def _round(self, part: Sequence[tuple[A, asyncio.Future[R]]]) -> None:
        answers: Sequence[R | BaseException]
        try:
            answers = await self._work([item for item, _ in part])
        except BaseException as error:  # noqa: BLE001  handed on to everyone who waits for this round
            answers = [error] * len(part)
        for (_, mine), answer in zip(part, answers, strict=True):
            if mine.done():
                continue
            if isinstance(answer, BaseException):
                mine.set_exception(answer)
            else:
                mine.set_result(answer)
