"""The days that a report is about."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.errors import BadRequest

DEFAULT_DAYS = 180
LONGEST_DAYS = 3660
"""Ten years. Whole months are read as sums of a month, so a long period costs little more."""
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


def period_of(first: date | None, last: date | None, now: datetime, zone: str) -> tuple[date, date]:
    """First and last day, inclusive, in the account's zone. Raises BadRequest."""
    last = last or now.astimezone(ZoneInfo(zone)).date()
    if not all(EARLIEST <= day <= LATEST for day in (first or last, last)):
        raise BadRequest(f"Days from {EARLIEST} to {LATEST} can be asked for.", code="period_unlikely")
    first = first or last - timedelta(days=DEFAULT_DAYS)
    if first > last:
        raise BadRequest("The period ends before it begins.", code="period_reversed")
    if (last - first).days > LONGEST_DAYS:
        raise BadRequest("The period is longer than ten years.", code="period_too_long")
    return first, last


def moments_of(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """When the first day begins and when the last one is over, in the zone."""
    days = first, last + timedelta(days=1)
    begins, ends = (datetime.combine(day, time(), ZoneInfo(zone)) for day in days)
    return begins, ends
