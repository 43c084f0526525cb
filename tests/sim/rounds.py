"""Tasks of one simulated process that share transactions, in virtual time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.sim.virtual_time import VirtualTime

STEP = 0.01
"""Seconds between two looks whether the round is over."""

PATIENCE = 0.4
"""How long one waits for company; a real process would not, but here it makes big rounds."""
Work = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


@dataclass(eq=False)
class _Ticket:
    item: Any
    is_served: bool = False
    answer: Any = None


class Rounds:
    """Who comes within a moment, or while a round is under way, shares the next round."""

    def __init__(self, time: VirtualTime, work: Work, most: int) -> None:
        self._time, self._work, self._most = time, work, most
        self._waiting: list[_Ticket] = []
        self._is_busy = False

    async def __call__(self, item: Any) -> Any:
        """The answer for this one; raises what the round has for it, or what broke the round."""
        mine = _Ticket(item)
        self._waiting.append(mine)
        await self._time.sleep(PATIENCE)
        while not mine.is_served:
            if self._is_busy:
                await self._time.sleep(STEP)
            else:
                await self._round()
        if isinstance(mine.answer, Exception):
            raise mine.answer
        return mine.answer

    async def _round(self) -> None:
        """Whoever finds nobody at it does it for all who wait; a crash leaves no one to be told."""
        self._is_busy = True
        part, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        answers: Sequence[Any]
        try:
            answers = await self._work([ticket.item for ticket in part])
        except Exception as error:  # noqa: BLE001  handed on to everyone who waits for this round
            answers = [error] * len(part)
        for ticket, answer in zip(part, answers, strict=True):
            ticket.is_served, ticket.answer = True, answer
        self._is_busy = False
