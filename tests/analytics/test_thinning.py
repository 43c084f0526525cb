from collections import Counter
from datetime import date

import pytest

from app.analytics.queries import whole_months
from app.analytics.thinning import HIGHEST, levels_for, thinning_of


def test_each_level_halves_what_is_left() -> None:
    counts = Counter(thinning_of(str(number)) for number in range(40_000))
    for level in range(5):
        left = sum(count for thinning, count in counts.items() if thinning >= level)
        assert left == pytest.approx(40_000 / 2**level, rel=0.05)
    assert max(counts) <= HIGHEST


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 4000, 4001, 1_000_000])
def test_a_sample_is_everything_or_between_half_of_enough_and_enough(count: int) -> None:
    lowest = levels_for(count, 2000).start
    assert count / 2**lowest <= 2000
    assert lowest == 0 or count / 2**lowest > 1000


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), (date(2026, 1, 1), date(2026, 1, 31))),
        (date(2026, 1, 1), date(2026, 1, 30), None),
        (date(2026, 1, 2), date(2026, 2, 27), None),
        (date(2025, 12, 31), date(2026, 3, 1), (date(2026, 1, 1), date(2026, 2, 28))),
        (date(2024, 1, 31), date(2024, 2, 29), (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2026, 5, 5), date(2026, 5, 5), None),
    ],
)
def test_whole_months_are_told_from_the_days_around_them(
    first: date, last: date, expected: tuple[date, date] | None
) -> None:
    assert whole_months(first, last) == expected
