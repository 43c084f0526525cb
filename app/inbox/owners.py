"""Whose hook address this is: a look-up with a short memory."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from app.clock import Clock
from app.crm.port import Account

V = TypeVar("V")
TTL = 5.0
REMEMBERED = 20_000
FORGOTTEN = 2_000


@dataclass(frozen=True, slots=True)
class Owner:
    """The installation of a hook address."""

    account: Account


class Owners:
    """Remembers look-ups for some seconds; a wrong key is remembered too, in a bounded space."""

    def __init__(self, find: Callable[[str, str], Awaitable[Owner | None]], clock: Clock) -> None:
        """`find` looks (crm, key) up in the database; None when the address is nobody's."""
        self._find = find
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, Owner]] = OrderedDict()
        self._unknown: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._asked: dict[tuple[str, str], asyncio.Task[Owner | None]] = {}

    async def of(self, crm: str, key: str) -> Owner | None:
        """The owner of the address, at most five seconds old."""
        address, now = (crm, key), self._clock.monotonic()
        known = self._known.get(address)
        if known and known[0] > now:
            return known[1]
        if self._unknown.get(address, now) > now:
            return None
        asked = self._asked.get(address)
        if asked is None:
            # Many deliveries of one account come at once: all wait for the same look.
            asked = self._asked[address] = asyncio.create_task(self._look(address))
            asked.add_done_callback(lambda _: self._asked.pop(address))
        return await asyncio.shield(asked)

    async def _look(self, address: tuple[str, str]) -> Owner | None:
        found = await self._find(*address)
        until = self._clock.monotonic() + TTL
        if found is None:
            self._known.pop(address, None)
            _remember(self._unknown, address, until, FORGOTTEN)
        else:
            _remember(self._known, address, (until, found), REMEMBERED)
        return found


def _remember(
    memory: OrderedDict[tuple[str, str], V], address: tuple[str, str], value: V, limit: int
) -> None:
    memory[address] = value
    memory.move_to_end(address)
    if len(memory) > limit:
        memory.popitem(last=False)
