"""Queries that are built once and run often, with the values that they are given each time.

Putting a query together costs several times what SQLite takes to answer it, and a lane's run asks
a dozen of them.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, Connection, CursorResult, Executable, bindparam


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
