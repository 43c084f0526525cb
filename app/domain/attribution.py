"""Which deal a call or letter was about when it hangs on a contact alone: on one deal or on none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

BEFORE_CREATION = timedelta(hours=1)
"""The client calls first, the deal is made a little later."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a deal was open; `closed_at` is None while it is."""

    deal_id: str
    created_at: datetime
    closed_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """True when the deal was open then."""
        return self.created_at <= at and (self.closed_at is None or at <= self.closed_at)

    def follows(self, at: datetime) -> bool:
        """True when the deal came into being soon after."""
        return self.created_at - BEFORE_CREATION <= at < self.created_at


def deal_at(lives: Iterable[Lifetime], at: datetime) -> str:
    """The one deal that was open then, or when none was, the one made soon after; empty when none or
    several come into question, for nobody can tell.
    """
    known = list(lives)
    likely = {life.deal_id for life in known if life.holds(at)}
    likely = likely or {life.deal_id for life in known if life.follows(at)}
    return likely.pop() if len(likely) == 1 else ""
