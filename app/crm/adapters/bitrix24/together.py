"""What is asked for at the same time is read in the same batches.

Eight deals cost as many calls as one, and a portal allows two a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited, Unavailable

DEALS, RECORDS = 8, 50
"""Six commands for each deal make one batch of 48; a record takes one."""

OF_ALL = (AuthExpired, Blocked, PaymentRequired, RateLimited, Unavailable)
"""Errors of the portal, not of one deal: asking for each deal alone would not help."""

T = TypeVar("T")


@dataclass
class Together(Generic[T]):
    """Reads by ids, `most` at a time; whoever asks while a batch is under way joins the next one."""

    read: Callable[[Sequence[str]], Awaitable[Sequence[T]]]
    most: int
    _waiting: list[tuple[str, asyncio.Future[T]]] = field(default_factory=list)
    _runner: asyncio.Task[None] | None = None

    async def get(self, key: str) -> T:
        """What that id stands for. Raises what reading it alone would raise."""
        asked: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, asked))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await asked

    async def _run(self) -> None:
        while self._waiting:
            part, self._waiting = self._waiting[: self.most], self._waiting[self.most :]
            await self._serve([each for each in part if not each[1].done()])

    async def _serve(self, part: Sequence[tuple[str, asyncio.Future[T]]]) -> None:
        ids = list(dict.fromkeys(key for key, _ in part))
        if not ids:
            return
        try:
            found = dict(zip(ids, await self.read(ids), strict=True))
        except Exception as error:  # noqa: BLE001  handed to those who asked
            if len(ids) > 1 and isinstance(error, CrmError) and not isinstance(error, OF_ALL):
                for key in ids:
                    await self._serve([each for each in part if each[0] == key])
            else:
                _tell(part, error)
            return
        for key, asked in part:
            if not asked.done():
                asked.set_result(found[key])


def _tell(part: Sequence[tuple[str, asyncio.Future[T]]], error: Exception) -> None:
    for _, asked in part:
        if not asked.done():
            asked.set_exception(error)
