"""Where reading a deal's log goes on: the newest second seen, and whose notes were read to there."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from app.crm.adapters.amocrm.records import Holder

OVERLAP = 15 * 60
"""The log may show lines late; how late, nobody promises. Lines are known by their ids."""

MOST_HOLDERS = 10
"""Of a deal with more contacts than this the first are read; the cursor must fit its column."""

MARK_BYTES = 2


@dataclass(frozen=True, slots=True)
class LogCursor:
    """`seconds` is unix time (0: from the beginning); a holder whose mark is missing was never read."""

    seconds: int = 0
    marks: frozenset[str] = frozenset()

    @property
    def since(self) -> int:
        """The first second to ask for."""
        return max(0, self.seconds - OVERLAP)

    def knows(self, holder: Holder) -> bool:
        """True when what that contact did was read up to here."""
        return _mark(holder) in self.marks

    def after(self, newest: float, holders: Iterable[Holder]) -> "LogCursor":
        """The cursor after a read that saw lines up to `newest`."""
        return LogCursor(max(self.seconds, int(newest)), frozenset(map(_mark, holders)))

    def __str__(self) -> str:
        return f"{self.seconds};{','.join(sorted(self.marks))}"

    @classmethod
    def parse(cls, text: str) -> "LogCursor":
        """A cursor of `str()`; anything else begins anew, which is slow and harmless."""
        seconds, _, marks = text.partition(";")
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
            return cls()
        return cls(int(seconds), frozenset(mark for mark in marks.split(",") if mark))


def reaching_all(wanted: Iterable[tuple[LogCursor, Iterable[Holder]]]) -> LogCursor:
    """One cursor to read several deals by, each with its holders: the oldest of theirs.

    It knows a holder only if every deal that he belongs to does.
    """
    some = [(cursor, tuple(holders)) for cursor, holders in wanted]
    unread = {_mark(holder) for cursor, holders in some for holder in holders if not cursor.knows(holder)}
    marks = frozenset[str]().union(*(cursor.marks for cursor, _ in some)) - unread
    return LogCursor(min(cursor.seconds for cursor, _ in some), marks)


def _mark(holder: Holder) -> str:
    """Short enough for ten to fit; two that look alike only cost a later look at old notes."""
    return hashlib.blake2b(str(holder).encode(), digest_size=MARK_BYTES).hexdigest()
