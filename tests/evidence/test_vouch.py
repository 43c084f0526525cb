"""A manager's word gets the moment that he means, in the account's own zone."""

from datetime import UTC, date, datetime

import pytest

from app.evidence.vouch import moment_of

LATE = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
"""Half past one on the 3rd in Moscow."""


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 11, 3), "Europe/Moscow", LATE),
        (date(2026, 11, 2), "Europe/Moscow", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        (date(2026, 11, 2), "UTC", LATE),
        (date(2026, 11, 1), "Asia/Vladivostok", datetime(2026, 11, 1, 2, tzinfo=UTC)),
        (date(2026, 11, 2), "America/New_York", LATE),
    ],
)
def test_today_is_now_and_an_earlier_day_is_its_noon(day: date, zone: str, expected: datetime) -> None:
    assert moment_of(day, zone, LATE) == expected
