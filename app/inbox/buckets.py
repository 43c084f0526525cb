"""Token buckets in memory: brakes per address and per account at the door."""

from collections import OrderedDict
from collections.abc import Hashable

from app.clock import Clock

REMEMBERED = 10_000


class Buckets:
    """One bucket per key, full at first; the keys that were quiet longest are forgotten."""

    def __init__(self, clock: Clock, *, burst: float, per_second: float) -> None:
        self._clock = clock
        self._burst = burst
        self._per_second = per_second
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        """Take one token of `key`; False when its bucket is empty."""
        now = self._clock.monotonic()
        level, seen = self._levels.get(key, (self._burst, now))
        level = min(self._burst, level + (now - seen) * self._per_second)
        is_allowed = level >= 1
        self._levels[key] = (level - 1 if is_allowed else level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)
        return is_allowed
