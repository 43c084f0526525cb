"""Where reading a deal's log goes on: the newest second seen, and whose logs were read to there."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.crm.adapters.amocrm.records import Holder

OVERLAP = 15 * 60
"""The log may show lines late; how late, nobody promises. Lines are known by their ids."""


@dataclass(frozen=True, slots=True)
class LogCursor:
    """`seconds` is unix time (0: from the beginning). A holder that is not named was never read."""

    seconds: int = 0
    holders: frozenset[str] = frozenset()

    @property
    def since(self) -> int:
        """The first second to ask for."""
        return max(0, self.seconds - OVERLAP)

    def knows(self, holder: Holder) -> bool:
        """True when what that contact did was read up to here."""
        return str(holder) in self.holders

    def after(self, newest: float, holders: Iterable[Holder]) -> "LogCursor":
        """The cursor after a read that saw lines up to `newest`."""
        return LogCursor(max(self.seconds, int(newest)), frozenset(map(str, holders)))

    def __str__(self) -> str:
        return f"{self.seconds};{','.join(sorted(self.holders))}"

    @classmethod
    def parse(cls, text: str) -> "LogCursor":
        """A cursor of `str()`; anything else begins anew, which is slow and harmless."""
        seconds, _, holders = text.partition(";")
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
            return cls()
        return cls(int(seconds), frozenset(holder for holder in holders.split(",") if holder))
