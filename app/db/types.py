"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Identity = BigInteger().with_variant(Integer(), "sqlite")
"""A generated 64-bit key; SQLite generates only for INTEGER."""

Document = JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document."""


class Instant(TypeDecorator[datetime]):
    """An aware moment kept as integer microseconds since 1970 in UTC: exact, ordered, comparable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuses a naive datetime: its zone would be a guess."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Gives an aware datetime in UTC."""
        return None if value is None else from_micros(int(value))


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The moment that `to_micros` counted."""
    return EPOCH + timedelta(microseconds=micros)
