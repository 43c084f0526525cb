"""What happens to a simulated CRM's requests on their way: lost, doubled, late, out of turn."""

import random
from dataclasses import dataclass

from app.sandbox.switches import Switches


@dataclass
class Journey(Switches):
    """The switches of the way. Rates are chances from 0 to 1, times are seconds."""

    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    reorder_rate: float = 0.0
    reorder_seconds: float = 30.0
    delay_min: float = 0.0
    delay_max: float = 0.0


def arrivals(way: Journey, rng: random.Random) -> list[float]:
    """How many seconds late each copy of one request arrives; none when it is lost."""
    if _happens(way.drop_rate, rng):
        return []
    copies = 2 if _happens(way.duplicate_rate, rng) else 1
    return [_late_by(way, rng) for _ in range(copies)]


def _late_by(way: Journey, rng: random.Random) -> float:
    late = rng.uniform(way.delay_min, max(way.delay_min, way.delay_max))
    return late + (rng.uniform(0, way.reorder_seconds) if _happens(way.reorder_rate, rng) else 0.0)


def _happens(rate: float, rng: random.Random) -> bool:
    return rate > 0 and rng.random() < rate
