"""When to try again: a value computed by a pure function."""

from datetime import timedelta

FIRST = 2.0
LEAST = 0.5
LONGEST = 600.0
"""Seconds. Ten minutes keep a CRM that comes back from being overrun by all that waited."""


def retry_after(tries: int, luck: float, *, told: float = 0.0) -> timedelta:
    """How long to wait before the next attempt after `tries` failures (1 for the first).

    Doubles from 2 s to 10 min. `luck` in [0, 1) picks a moment within the wait ("full jitter"), so
    that what failed together does not come back together. Never earlier than the CRM `told` (seconds),
    and never at once.
    """
    wait = min(LONGEST, FIRST * 2 ** min(max(tries, 1) - 1, 20)) * luck
    return timedelta(seconds=max(LEAST, told + wait))
