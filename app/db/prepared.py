"""Queries that are built once and run often, with the values that they are given each time.

Putting a query together costs several times what SQLite takes to answer it, and a lane's run asks
a dozen of them.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    FromClause,
    String,
    Table,
    and_,
    bindparam,
    column,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Prepared:
    """A statement made by `build` when it is first run; `run` fills in the named values."""

    def __init__(self, build: Callable[[], Executable]) -> None:
        self.__doc__ = build.__doc__
        self._build = build
        self._statement: Executable | None = None

    def run(self, conn: Connection, **values: Any) -> CursorResult[Any]:
        """Execute it with these values in place of `value(name)`."""
        if self._statement is None:
            self._statement = self._build()
        return conn.execute(self._statement, values)


def prepared(build: Callable[[], Executable]) -> Prepared:
    """A decorator for a function without arguments that gives a statement."""
    return Prepared(build)


def value(name: str, *, several: bool = False) -> BindParameter[Any]:
    """A place for a value; with `several` for a list of them, as in `column.in_(value("ids", …))`."""
    return bindparam(name, expanding=several)


class _Wanted(FunctionElement[Any]):
    """The keys of a query about several deals: rows of (tenant, id) out of one JSON value.

    One value whatever their number: the statement stays the same text, so it is put together by us and
    planned by the store only once. Joined, not `IN`: SQLite would look up a pair by its first half only.
    """

    name = "wanted"
    inherit_cache = True


@compiles(_Wanted, "sqlite")
def _wanted_sqlite(element: _Wanted, compiler: SQLCompiler, **options: Any) -> str:
    keys = compiler.process(element.clauses, **options)
    columns = "json_extract(value, '$[0]') AS tenant, json_extract(value, '$[1]') AS id"
    return f"(SELECT {columns} FROM json_each({keys}))"  # noqa: S608  our own names


@compiles(_Wanted, "postgresql")
def _wanted_postgresql(element: _Wanted, compiler: SQLCompiler, **options: Any) -> str:
    keys = compiler.process(element.clauses, **options)
    each = f"json_array_elements(CAST({keys} AS json)) AS key"
    return f"(SELECT CAST(key->>0 AS bigint) AS tenant, key->>1 AS id FROM {each})"  # noqa: S608  our own names


def wanted(table: Table, tenant: Column[Any], identity: Column[Any]) -> FromClause:
    """`table` with only the rows whose (tenant, identity) is among `keys=keys_of(…)`."""
    keys = _Wanted(bindparam("keys", type_=String())).table_valued(column("tenant"), column("id")).alias("w")
    same: ColumnElement[bool] = and_(tenant == keys.c.tenant, identity == keys.c.id)
    return keys.join(table, same)


def keys_of(pairs: Iterable[tuple[int, str]]) -> str:
    """The value of `keys` for a statement with `wanted`."""
    return json.dumps([list(pair) for pair in pairs])
