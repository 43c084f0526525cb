"""When people of the seeded account work and when its clients do. Times are unix seconds, days Moscow's."""

import random
from datetime import datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3))
HOUR = 3600.0
DAY = 24 * HOUR
OPENS, CLOSES = 9, 18
WAKES, SLEEPS = 8, 22
SATURDAY = 5


def working(moment: float, rng: random.Random) -> float:
    """The moment itself when the office is open, else the first hour of its next working day."""
    local = datetime.fromtimestamp(moment, MOSCOW)
    if local.weekday() < SATURDAY and OPENS <= local.hour < CLOSES:
        return moment
    day = local if local.hour < OPENS else local + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day.replace(hour=OPENS, minute=0, second=0, microsecond=0).timestamp() + rng.uniform(0, HOUR)


def awake(moment: float, rng: random.Random) -> float:
    """The moment itself by day, else the next morning: clients write at weekends, but not at night."""
    local = datetime.fromtimestamp(moment, MOSCOW)
    if WAKES <= local.hour < SLEEPS:
        return moment
    day = local if local.hour < WAKES else local + timedelta(days=1)
    return day.replace(hour=WAKES, minute=0, second=0, microsecond=0).timestamp() + rng.uniform(0, 2 * HOUR)
