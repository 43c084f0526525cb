"""How long what comes may stand aside for what is more urgent. See `app.db.lane.ring`.

A forbidden move is undone within a quarter of an hour or not at all, so moves go first; thousands of
deals that an import or a mass change touches must not be in their way.
"""

from collections.abc import Iterable
from datetime import timedelta

from app.crm.events import DealTouched, InboundEvent
from app.db.lane import AT_ONCE
from app.db.lane_batch import LONGEST_PATIENCE

TOUCHED = timedelta(minutes=20)
"""Notes, calls, tasks, other fields."""

MASS = timedelta(hours=1)
"""Many deals in one delivery, whatever happened to them."""

SWEPT = LONGEST_PATIENCE
"""What a poll finds: hooks have told most of it already."""

MASS_FROM = 10
"""Deals of one delivery that nobody moves by hand one by one."""


def patience_of(events: Iterable[InboundEvent]) -> timedelta:
    """How long the lanes of one delivery may stand aside."""
    told = list(events)
    deals = [event for event in told if isinstance(event, DealTouched)]
    if len({event.deal_id for event in deals}) >= MASS_FROM:
        return MASS
    return AT_ONCE if any(event.moved for event in deals) else TOUCHED
