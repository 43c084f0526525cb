"""Counts of deals per step into a funnel report: rates with denominators and intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

CONFIDENCE = 1.959963984540054
"""The normal quantile of a two-sided 95% interval."""

LEAST_SAMPLE = 5
"""Below this denominator a rate says nothing; the step is still counted."""

LEAST_FOR_BOTTLENECK = 20


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many deals took a step: `done` in the chosen order, `claimed` by the seller's status."""

    key: str
    title: str
    done: int
    claimed: int | None
    median_seconds: float | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a report.

    `entered` is the denominator of `step_rate`: deals that took the nearest step before that is not
    optional (all deals of the segment for the first). Nobody is dropped at an optional step. `rate`
    is of `rate_of`, all deals of the segment. A rate is None when its denominator is too small or
    when more deals took this step than the one before, which happens when order does not matter.
    Intervals are 95% Wilson intervals as shares.
    """

    key: str
    title: str
    position: int
    done: int
    claimed: int | None
    entered: int
    dropped: int
    step_rate: float | None
    step_interval: tuple[float, float] | None
    rate: float | None
    rate_of: int
    median_seconds: float | None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """A segment's funnel over `deals` deals."""

    segment_key: str
    title: str
    deals: int
    steps: tuple[FunnelStep, ...]

    @property
    def bottleneck(self) -> FunnelStep | None:
        """The step that most deals stop at, when enough deals reached it; None otherwise."""
        candidates = [
            step for step in self.steps if step.entered >= LEAST_FOR_BOTTLENECK and step.dropped > 0
        ]
        return max(candidates, key=lambda step: (step.dropped, -step.position), default=None)


def wilson_interval(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95% Wilson score interval of a share; None without trials or when it is no share.

    >>> wilson_interval(0, 0) is None
    True
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    share, z2 = successes / trials, CONFIDENCE**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = CONFIDENCE * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return low, high


def funnel_report(segment_key: str, title: str, deals: int, counts: Sequence[StepCount]) -> FunnelReport:
    """Turn counts, in the client's order, into a report."""
    steps = []
    entered = deals
    for position, count in enumerate(counts):
        steps.append(_step(count, position, entered, deals))
        entered = entered if count.is_optional else count.done
    return FunnelReport(segment_key, title, deals, tuple(steps))


def _step(count: StepCount, position: int, entered: int, deals: int) -> FunnelStep:
    return FunnelStep(
        key=count.key,
        title=count.title,
        position=position,
        done=count.done,
        claimed=count.claimed,
        entered=entered,
        dropped=0 if count.is_optional else max(0, entered - count.done),
        step_rate=_share(count.done, entered),
        step_interval=wilson_interval(count.done, entered) if entered >= LEAST_SAMPLE else None,
        rate=_share(count.done, deals),
        rate_of=deals,
        median_seconds=count.median_seconds,
        is_optional=count.is_optional,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole >= LEAST_SAMPLE and part <= whole else None
