"""Pages that wait for news: how many may, and how often they look while they are many."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Overloaded

MOST_OF_ACCOUNT = 500
MOST = 2_000
LOOKS_EVERY = 0.4
LOOKS_PER_SECOND = 250
"""What all waiting pages together may ask of the database."""


class WaitingRoom:
    """The waiting pages of a process. One account cannot take all places."""

    def __init__(self, *, most: int = MOST, most_of_account: int = MOST_OF_ACCOUNT) -> None:
        self._most, self._most_of_account = most, most_of_account
        self._by_account: Counter[int] = Counter()
        self._count = 0

    @contextmanager
    def place(self, installation_id: int) -> Iterator[None]:
        """A place to wait in. Raises Overloaded when all are taken."""
        if self._count >= self._most or self._by_account[installation_id] >= self._most_of_account:
            raise Overloaded
        self._count += 1
        self._by_account[installation_id] += 1
        try:
            yield
        finally:
            self._count -= 1
            self._by_account[installation_id] -= 1
            if not self._by_account[installation_id]:
                del self._by_account[installation_id]

    @property
    def pause(self) -> float:
        """Seconds between two looks of a page: the more pages wait, the longer."""
        return max(LOOKS_EVERY, self._count / LOOKS_PER_SECOND)
