"""Deals that are asked for at the same time are read in the same batches.

Eight deals cost as many calls as one, and a portal allows two a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited, Unavailable
from app.crm.port import DealLog

MOST = 8
"""Six commands for each make one batch of 48."""

OF_ALL = (AuthExpired, Blocked, PaymentRequired, RateLimited, Unavailable)
"""Errors of the portal, not of one deal: asking for each deal alone would not help."""

Waiting = tuple[str, asyncio.Future[DealLog]]


@dataclass
class Together:
    """Reads logs; whoever asks while a batch is under way joins the next one."""

    read: Callable[[Sequence[str]], Awaitable[Sequence[DealLog]]]
    _waiting: list[Waiting] = field(default_factory=list)
    _runner: asyncio.Task[None] | None = None

    async def log(self, deal_id: str) -> DealLog:
        """The log of a deal. Raises what reading it alone would raise."""
        asked: asyncio.Future[DealLog] = asyncio.get_running_loop().create_future()
        self._waiting.append((deal_id, asked))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await asked

    async def _run(self) -> None:
        while self._waiting:
            part, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._serve([each for each in part if not each[1].done()])

    async def _serve(self, part: Sequence[Waiting]) -> None:
        ids = list(dict.fromkeys(deal_id for deal_id, _ in part))
        if not ids:
            return
        try:
            logs = dict(zip(ids, await self.read(ids), strict=True))
        except Exception as error:  # noqa: BLE001  handed to those who asked
            if len(ids) > 1 and isinstance(error, CrmError) and not isinstance(error, OF_ALL):
                for deal_id in ids:
                    await self._serve([each for each in part if each[0] == deal_id])
            else:
                _tell(part, error)
            return
        for deal_id, asked in part:
            if not asked.done():
                asked.set_result(logs[deal_id])


def _tell(part: Sequence[Waiting], error: Exception) -> None:
    for _, asked in part:
        if not asked.done():
            asked.set_exception(error)
