"""The time that each method of a portal may use: 480 seconds in any ten minutes.

https://apidocs.bitrix24.com/limits.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.clock import Clock
from app.crm.adapters.bitrix24.wire import PAUSE_OF_METHOD, OperatingLimit, Timing

CEILING = 480.0
NEARLY = 0.9 * CEILING
"""The call that crosses the ceiling still ends, and blocks the next: better to stop short of it."""

LONGEST_REST = 600.0


@dataclass
class OperatingTime:
    """Which methods have to rest, and until when. A refusal says nothing, so the last answer has to do."""

    clock: Clock
    _until: dict[str, float] = field(default_factory=dict)
    _reset_at: dict[str, float] = field(default_factory=dict)

    def check(self, methods: Iterable[str]) -> None:
        """Raises OperatingLimit while one of the methods has to rest."""
        now = self.clock.now().timestamp()
        rest = max((self._until.get(method, 0.0) - now for method in methods), default=0.0)
        if rest > 0:
            raise OperatingLimit(min(rest, LONGEST_REST))

    def note(self, timings: Iterable[Timing]) -> None:
        """Remember what answers said."""
        for timing in timings:
            self._reset_at[timing.method] = timing.reset_at
            if timing.used >= NEARLY:
                self._until[timing.method] = timing.reset_at

    def refuse(self, methods: Iterable[str]) -> OperatingLimit:
        """Methods were refused: they rest until some of their time is free again."""
        now = self.clock.now().timestamp()
        until = now
        for method in methods:
            known = self._reset_at.get(method, 0.0)
            self._until[method] = known if known > now else now + PAUSE_OF_METHOD
            until = max(until, self._until[method])
        return OperatingLimit(min(until - now, LONGEST_REST))
