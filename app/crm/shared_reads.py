"""What is asked for at the same time is read in the same calls: a CRM allows few of them a second."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited, Unavailable
from app.together import Together

OF_ALL = (AuthExpired, Blocked, PaymentRequired, RateLimited, Unavailable)
"""Errors of the account, not of one record: asking for each alone would not help."""

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SharedReads(Generic[K, T]):
    """Reads by keys, `most` at a time; whoever asks while a round is under way joins the next one."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Sequence[T]]], most: int) -> None:
        self._read = read
        self._rounds: Together[K, T] = Together(self._round, most)

    async def get(self, key: K) -> T:
        """What that key stands for. Raises what reading it alone would raise."""
        return await self._rounds(key)

    async def _round(self, keys: Sequence[K]) -> Sequence[T | Exception]:
        found = await self._found(list(dict.fromkeys(keys)))
        return [found[key] for key in keys]

    async def _found(self, keys: Sequence[K]) -> Mapping[K, T | Exception]:
        if not keys:
            return {}
        try:
            return dict(zip(keys, await self._read(keys), strict=True))
        except CrmError as error:
            if len(keys) == 1 or isinstance(error, OF_ALL):
                return dict.fromkeys(keys, error)
        return {key: (await self._found([key]))[key] for key in keys}
