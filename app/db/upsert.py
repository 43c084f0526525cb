"""Insert-or-update in the words of either store.

Statements are built once for each shape: putting one together costs more than running it. Several rows
go into one statement as one JSON value: the store takes it apart faster than a driver binds rows.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import LargeBinary

from app.db.types import Instant, to_micros


def insert_into(conn: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return _insert(conn.dialect.name, table)


def upsert(conn: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Put `values` into the row of `key`, whether it is there yet or not. Values are plain, no SQL."""
    conn.execute(_upsert(conn.dialect.name, table, tuple(key), tuple(values)), {**key, **values})


def insert_new(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], returning: tuple[str, ...] = ()
) -> set[tuple[Any, ...]]:
    """Insert the rows whose key is not there yet; the others stay as they are.

    All rows name the same columns. Gives the `returning` columns of those that were inserted.
    """
    if not rows:
        return set()
    sql = _many(conn.dialect.name, table, tuple(rows[0]), (), (), returning)
    result = _run(conn, sql, table, rows)
    return {tuple(row) for row in result} if returning else set()


def upsert_all(conn: Connection, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """`upsert` of several rows at once; each key comes once."""
    if rows:
        columns = tuple(rows[0])
        told = tuple(name for name in columns if name not in key)
        _run(conn, _many(conn.dialect.name, table, columns, tuple(key), told, ()), table, rows)


def add_all(
    conn: Connection,
    table: Table,
    key: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Add the numbers of each row to the row of its key, which begins at zero; each key comes once."""
    if rows:
        columns = tuple(rows[0])
        added = tuple(f"+{name}" for name in columns if name not in key)
        _run(conn, _many(conn.dialect.name, table, columns, tuple(key), added, ()), table, rows)


def update_all(conn: Connection, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the values of each row into the row of its key where there is one; each key comes once."""
    if rows:
        _run(conn, _update_many(conn.dialect.name, table, tuple(rows[0]), tuple(key)), table, rows)


def _run(conn: Connection, sql: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> Any:
    moments = [name for name in rows[0] if isinstance(table.c[name].type, Instant)]
    plain = [dict(row) for row in rows]
    for row in plain:
        for name in moments:
            if row[name] is not None:
                row[name] = to_micros(row[name])
    return conn.exec_driver_sql(sql, (json.dumps(plain, ensure_ascii=False),))


def _insert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    told = {name: statement.excluded[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=list(key), set_=told)


@cache
def _many(
    dialect: str,
    table: Table,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    told: tuple[str, ...],
    returning: tuple[str, ...],
) -> str:
    """INSERT … SELECT out of one JSON value; `+name` in `told` adds instead of replacing."""
    if any(isinstance(table.c[name].type, LargeBinary) for name in columns):
        raise ValueError(f"bytes do not go into JSON: {table.name}")
    names = ", ".join(f'"{name}"' for name in columns)
    if dialect == "postgresql":
        source = f"SELECT {names} FROM json_populate_recordset(NULL::{table.name}, $1::json)"  # noqa: S608  our own names
    else:
        taken = ", ".join(f"json_extract(value, '$.{name}')" for name in columns)
        source = f"SELECT {taken} FROM json_each(?) WHERE true"  # noqa: S608  our own names
    action = (
        f"({', '.join(key)}) DO UPDATE SET {', '.join(map(_change(table), told))}" if told else "DO NOTHING"
    )
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    return f"INSERT INTO {table.name} ({names}) {source} ON CONFLICT {action}{back}"


@cache
def _update_many(dialect: str, table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    told = ", ".join(f'"{name}" = new."{name}"' for name in columns if name not in key)
    same = " AND ".join(f'{table.name}."{name}" = new."{name}"' for name in key)
    if dialect == "postgresql":
        source = f"json_populate_recordset(NULL::{table.name}, $1::json)"
    else:
        taken = ", ".join(f"json_extract(value, '$.{name}') AS \"{name}\"" for name in columns)
        source = f"(SELECT {taken} FROM json_each(?))"  # noqa: S608  our own names
    return f"UPDATE {table.name} SET {told} FROM {source} AS new WHERE {same}"  # noqa: S608  our own names


def _change(table: Table) -> Any:
    def change(told: str) -> str:
        name = told.removeprefix("+")
        before = f'{table.name}."{name}" + ' if told.startswith("+") else ""
        return f'"{name}" = {before}excluded."{name}"'

    return change
