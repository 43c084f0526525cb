"""The two limits of the API: requests per second, and working time per method.

https://apidocs.bitrix24.com/limits.html
"""

from collections import deque

from app.sandbox.bitrix24.state import PortalState

WINDOW_MINUTES = 10
UNCOUNTED_SECONDS = 0.1


class Limiter:
    """A leaky bucket per caller's address, and ten one-minute sums per application and method."""

    def __init__(self, portal: PortalState) -> None:
        self._portal = portal
        self._levels: dict[str, tuple[float, float]] = {}
        self._worked: dict[tuple[str, str], deque[tuple[int, float]]] = {}
        self.refused_total = 0

    def allows(self, address: str) -> bool:
        """Count one request; False when the bucket is full."""
        faults, now = self._portal.faults, self._portal.now()
        if not faults.rate_limit:
            return True
        level, before = self._levels.get(address, (0.0, now))
        level = max(0.0, level - (now - before) * faults.rate_per_second)
        fits = level + 1 <= faults.rate_ceiling
        self._levels[address] = (level + 1 if fits else level, now)
        self.refused_total += 0 if fits else 1
        return fits

    def is_blocked(self, client_id: str, method: str) -> bool:
        """Whether a method has used up its working time."""
        faults = self._portal.faults
        return faults.operating_limit and self.operating(client_id, method) > faults.operating_ceiling

    def work(self, client_id: str, method: str, seconds: float) -> None:
        """Add the working time of one call; short ones are not counted."""
        if seconds < UNCOUNTED_SECONDS:
            return
        minute, sums = int(self._portal.now() // 60), self._sums(client_id, method)
        if sums and sums[-1][0] == minute:
            sums[-1] = (minute, sums[-1][1] + seconds)
        else:
            sums.append((minute, seconds))

    def operating(self, client_id: str, method: str) -> float:
        """Working time within the window, seconds."""
        return sum(seconds for _, seconds in self._sums(client_id, method))

    def resets_at(self, client_id: str, method: str) -> int:
        """When the oldest minute drops out of the window, unix seconds."""
        sums = self._sums(client_id, method)
        first = sums[0][0] if sums else int(self._portal.now() // 60)
        return (first + WINDOW_MINUTES) * 60

    def _sums(self, client_id: str, method: str) -> deque[tuple[int, float]]:
        sums = self._worked.setdefault((client_id, method), deque())
        edge = int(self._portal.now() // 60) - WINDOW_MINUTES
        while sums and sums[0][0] <= edge:
            sums.popleft()
        return sums
