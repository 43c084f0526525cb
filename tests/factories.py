"""Rows and values that tests need over and over, each with a sensible default."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from app.db.tables import installation

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""The moment at which most tests happen: a Monday morning."""
LEASE = timedelta(seconds=60)


def add_installation(conn: Connection, **values: Any) -> int:
    """Store an installation and give its id."""
    row = {
        "crm": "fake",
        "external_id": "1001",
        "host": "first.crm.test",
        "title": "First",
        "settings": {"language": "ru", "timezone": "Europe/Moscow", "writes_off": False},
        "created_at": NOW,
        **values,
    }
    return int(conn.execute(insert(installation).values(row).returning(installation.c.id)).scalar_one())


class TestClock:
    """A clock that stands still until told otherwise; `sleep` moves it."""

    __test__ = False

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._started = now

    def now(self) -> datetime:
        """The moment it shows."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return (self._now - self._started).total_seconds()

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Move on without waiting."""
        self.advance(seconds)
