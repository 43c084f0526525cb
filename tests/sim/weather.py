"""How bad it is in one history, drawn from its seed."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is, drawn from the seed."""

    hooks_lost: float
    hooks_doubled: float
    hook_delay: float
    longest_lag: float
    faults: float
    crashes: float
    sleeps: float
    tells_authors: bool
    shares_user: bool
    signs: bool
    grace_minutes: int
    modes: tuple[str, str]

    @classmethod
    def of(cls, dice: Random) -> "Weather":
        """Some seeds are calm in one way or another."""
        return cls(
            hooks_lost=dice.choice((0, 0.2, 0.5)),
            hooks_doubled=dice.choice((0, 0.3)),
            hook_delay=dice.choice((0.2, 5, 40)),
            longest_lag=dice.choice((0, 1, 4)),
            faults=dice.choice((0, 0.05, 0.25)),
            crashes=dice.choice((0, 0.03, 0.1)),
            sleeps=dice.choice((0, 0.01, 0.04)),
            tells_authors=dice.random() < 0.7,
            shares_user=dice.random() < 0.2,
            signs=dice.random() < 0.7,
            grace_minutes=dice.choice((0, 0, 0, 2, 10)),
            modes=(
                dice.choice(("enforce", "enforce", "enforce", "warn")),
                dice.choice(("enforce", "enforce", "warn", "shadow")),
            ),
        )
