"""Identifiers: event ids that sort by time, and plain counters for entities."""

import random

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 40


class EventIds:
    """Makes 26-character lower-case ULIDs that carry the milliseconds of the event.

    Real ids decode as ULIDs (one capture); two ids of the same millisecond keep the order
    in which they were made, because the upper half of the tail is a counter.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._made = 0

    def make(self, at: float) -> str:
        """The next id for an event at unix second `at`."""
        self._made += 1
        tail = (self._made << _RANDOM_BITS) | self._rng.getrandbits(_RANDOM_BITS)
        return _encode(whole_milliseconds(at), 10) + _encode(tail, 16)


def whole_milliseconds(at: float) -> int:
    """Unix milliseconds of `at`, cut and not rounded, so that the second stays the same."""
    return round(at * 1_000_000) // 1000


def milliseconds(event_id: str) -> int:
    """The unix milliseconds that an event id carries."""
    value = 0
    for character in event_id[:10]:
        value = value * 32 + _ALPHABET.index(character)
    return value


def _encode(value: int, length: int) -> str:
    characters = [""] * length
    for position in range(length - 1, -1, -1):
        value, digit = divmod(value, 32)
        characters[position] = _ALPHABET[digit]
    return "".join(characters)


class Counter:
    """Hands out growing integer ids with small gaps, as a shared production counter does."""

    def __init__(self, start: int, step: int = 2) -> None:
        self._next = start
        self._step = step

    def take(self) -> int:
        """The next free id."""
        value = self._next
        self._next += self._step
        return value

    def reserve(self, value: int) -> int:
        """Accept an id chosen by the caller and never hand it out again."""
        if value >= self._next:
            self._next = value + self._step
        return value
