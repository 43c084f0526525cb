import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from app.domain.conversion import StepCount, funnel_report, wilson_interval


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_the_one_that_statisticians_compute(shares: tuple[int, int]) -> None:
    successes, trials = shares
    expected = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    found = wilson_interval(successes, trials)
    assert found is not None
    assert math.isclose(found[0], expected.low, abs_tol=1e-9)
    assert math.isclose(found[1], expected.high, abs_tol=1e-9)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_no_interval(successes: int, trials: int) -> None:
    assert wilson_interval(successes, trials) is None


def test_every_rate_names_its_denominator() -> None:
    counts = [StepCount("asked", "Asked", 210, 210), StepCount("answered", "Answered", 181, 205)]
    report = funnel_report("all", "All", 210, [*counts, StepCount("paid", "Paid", 38, 60)])
    asked, answered, paid = report.steps
    assert (asked.entered, asked.step_rate, asked.rate) == (210, 1.0, 1.0)
    assert (answered.entered, answered.dropped) == (210, 29)
    assert paid.entered == 181
    assert paid.step_rate == pytest.approx(38 / 181)
    assert paid.rate == pytest.approx(38 / 210)
    assert paid.rate_of == 210


def test_the_bottleneck_is_where_most_deals_stop() -> None:
    counts = [StepCount("a", "A", 100, None), StepCount("b", "B", 40, None), StepCount("c", "C", 30, None)]
    bottleneck = funnel_report("all", "All", 110, counts).bottleneck
    assert bottleneck is not None
    assert (bottleneck.key, bottleneck.dropped) == ("b", 60)


def test_a_handful_of_deals_gives_no_rate_and_no_bottleneck() -> None:
    report = funnel_report("all", "All", 4, [StepCount("a", "A", 3, None), StepCount("b", "B", 1, None)])
    assert report.bottleneck is None
    assert [step.step_rate for step in report.steps] == [None, None]
    assert [step.done for step in report.steps] == [3, 1]


def test_more_deals_than_at_the_step_before_is_no_rate() -> None:
    report = funnel_report(
        "all", "All", 1434, [StepCount("a", "A", 1300, None), StepCount("b", "B", 1309, None)]
    )
    assert report.steps[1].step_rate is None
    assert report.steps[1].step_interval is None
    assert report.steps[1].dropped == 0
    assert report.steps[1].rate == pytest.approx(1309 / 1434)


def test_nobody_stops_at_an_optional_step() -> None:
    steps = [
        StepCount("a", "A", 50, None),
        StepCount("b", "B", 20, None, is_optional=True),
        StepCount("c", "C", 30, None),
    ]
    report = funnel_report("all", "All", 60, steps)
    _, optional, last = report.steps
    assert (optional.entered, optional.dropped, optional.is_optional) == (50, 0, True)
    assert (last.entered, last.dropped) == (50, 20)
    assert report.bottleneck == last
