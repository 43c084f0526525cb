"""Insert-or-update in the words of either store.

Statements are built once for each shape: putting one together costs more than running it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(conn: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return _insert(conn.dialect.name, table)


def upsert(conn: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Put `values` into the row of `key`, whether it is there yet or not. Values are plain, no SQL."""
    conn.execute(_upsert(conn.dialect.name, table, tuple(key), tuple(values)), {**key, **values})


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are."""
    if rows:
        conn.execute(_insert_new(conn.dialect.name, table), [dict(row) for row in rows])


def _insert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    told = {name: statement.excluded[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=list(key), set_=told)


@cache
def _insert_new(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()
