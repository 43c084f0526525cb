"""Lists: filter, order, selection and pages, the same for every kind of record."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Generic, TypeVar

from app.sandbox.bitrix24.rest.wire import PAGE, Answer, Call, Json, RestError, as_list, truth, whole

T = TypeVar("T")
Ordered = TypeVar("Ordered", float, str)
OPERATORS = ("!@", ">=", "<=", "!=", "!%", "=%", "%=", "><", "@", ">", "<", "=", "%", "!")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A field of a record. `kind`: integer, double, string, boolean, datetime, date, list."""

    name: str
    kind: str
    read: Callable[[T], object]


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """Columns by name. `is_strict` refuses unknown names in filters, else they are ignored.

    In `typed` tables answers hold numbers and nulls, in others everything is a string.
    """

    columns: dict[str, Column[T]]
    key: str
    is_strict: bool = False
    is_typed: bool = False
    offset: int = 3
    aliases: dict[str, str] | None = None

    def column(self, name: str) -> Column[T] | None:
        """A column by its name or by another spelling of it."""
        found = self.columns.get(name)
        if found is None and self.aliases:
            found = self.columns.get(self.aliases.get(name, ""))
        return found

    def row(self, record: T, select: Iterable[str] | None = None) -> Json:
        """A record as it is answered, with all columns or the selected ones."""
        names = self.columns if select is None else select
        return {name: self.written(self.columns[name], record) for name in names}

    def written(self, column: Column[T], record: T) -> object:
        """One value as it is answered."""
        value = column.read(record)
        if column.kind in {"datetime", "date"}:
            return self._moment(value, column.kind)
        if column.kind == "boolean" and isinstance(value, bool):
            return "Y" if value else "N"
        if self.is_typed:
            return int(value) if isinstance(value, float) and value.is_integer() else value
        return _worded(value)

    def _moment(self, value: object, kind: str) -> object:
        if not isinstance(value, int | float):
            return None if self.is_typed else ""
        moment = datetime.fromtimestamp(int(value), timezone(timedelta(hours=self.offset)))
        if kind == "date":
            moment = moment.replace(hour=0, minute=0, second=0)
        return moment.isoformat()

    def page(self, records: Sequence[T], call: Call, *, select: Sequence[str] | None = None) -> Answer:
        """One page of the records that the call's filter, order and start ask for.

        `records` stand in the order of the key column. Raises RestError (INVALID_ARG_VALUE).
        """
        matching = self.matching(records, call)
        ordered = self._ordered(matching, call.tree("order"))
        start = call.start
        begin = max(start, 0)
        if begin and call.portal.faults.shifting_pages:
            ordered = ordered[1:]  # a row before this page went away meanwhile: one is never shown
        rows = [self.row(record, select) for record in ordered[begin : begin + PAGE]]
        if start < 0:
            return Answer(rows)
        more = begin + PAGE if len(ordered) > begin + PAGE else None
        return Answer(rows, len(ordered), more)

    def matching(self, records: Sequence[T], call: Call) -> list[T]:
        """The records that pass the call's filter."""
        tests = []
        found = records
        for key, wanted in call.tree("filter").items():
            operator, name = split_key(key)
            column = self.column(name)
            if column is None:
                if name.upper() == "LOGIC":
                    continue
                self._unknown(name, "filter")
                continue
            if operator == ">" and column.name == self.key:
                found = self._after(found, column, wanted)
            else:
                tests.append(self._test(column, operator, wanted))
        return [record for record in found if all(test(record) for test in tests)]

    def _after(self, records: Sequence[T], column: Column[T], wanted: object) -> Sequence[T]:
        """Records with a greater key: they stand in its order, so nobody looks at the others."""
        edge = whole(wanted) or 0
        return records[bisect_right(records, edge, key=lambda record: whole(column.read(record)) or 0) :]

    def _unknown(self, name: str, where: str) -> None:
        if self.is_strict:
            text = f"Invalid {where}: field '{name}' is not allowed in {where}"
            raise RestError(400, "INVALID_ARG_VALUE", text)

    def _test(self, column: Column[T], operator: str, wanted: object) -> Callable[[T], bool]:
        if operator == "><":
            low, high = (*as_list(wanted), "", "")[:2]
            return lambda record: (
                self._holds(column, ">=", low, record) and self._holds(column, "<=", high, record)
            )
        if isinstance(wanted, list | dict) or operator in {"@", "!@"}:
            is_one_of = self._one_of(column, as_list(wanted))
            return (lambda record: not is_one_of(record)) if operator.startswith("!") else is_one_of
        return lambda record: self._holds(column, operator, wanted, record)

    def _one_of(self, column: Column[T], choices: Sequence[object]) -> Callable[[T], bool]:
        """Whether a value is among the choices, which are read once: there may be hundreds."""
        if column.kind == "date":
            return lambda record: any(self._holds(column, "=", one, record) for one in choices)
        known = {_typed(one, column.kind, self.offset) for one in choices}
        words = {_typed(one, "string", self.offset) for one in choices}
        is_nought_asked = column.kind == "integer" and None in words

        def test(record: T) -> bool:
            value = column.read(record)
            if isinstance(value, list):
                return any(_typed(item, "string", self.offset) in words for item in value)
            return _typed(value, column.kind, self.offset) in known or (is_nought_asked and value == 0)

        return test

    def _holds(self, column: Column[T], operator: str, wanted: object, record: T) -> bool:
        value = column.read(record)
        if isinstance(value, list):
            inside = any(_same(item, wanted, "string", self.offset) for item in value)
            return not inside if operator.startswith("!") else inside
        if operator in {"", "="}:
            return _same(value, wanted, column.kind, self.offset)
        if operator in {"!", "!="}:
            return not _same(value, wanted, column.kind, self.offset)
        if "%" in operator:
            inside = str(wanted).strip("%").casefold() in str(value or "").casefold()
            return not inside if operator.startswith("!") else inside
        return _compared(value, wanted, column.kind, operator, self.offset)

    def _ordered(self, records: list[T], order: Json) -> list[T]:
        known = [(self.column(name), str(way).upper()) for name, way in order.items()]
        for (column, _), name in zip(known, order, strict=True):
            if column is None:
                self._unknown(name, "order")
        wanted = [(column, way) for column, way in known if column is not None]
        if not wanted or (len(wanted) == 1 and wanted[0][0].name == self.key and wanted[0][1] != "DESC"):
            return records
        found = list(records)
        for column, way in reversed(wanted):
            found.sort(key=_sort_key(column), reverse=way.startswith("DESC"))
        return found


def _worded(value: object) -> object:
    """A value of the methods that answer in strings only."""
    if isinstance(value, list):
        return [item if isinstance(item, dict) else str(item) for item in value]
    if isinstance(value, float):
        return f"{value:.2f}"
    return value if value is None or isinstance(value, dict) else str(value)


def _sort_key(column: Column[T]) -> Callable[[T], tuple[bool, str, float]]:
    def key(record: T) -> tuple[bool, str, float]:
        value = column.read(record)
        if isinstance(value, int | float):
            return (True, "", float(value))
        return (value is not None, str(value or ""), 0.0)

    return key


def split_key(key: str) -> tuple[str, str]:
    """A filter key as operator and field: `>=ID` is (`>=`, `ID`)."""
    for operator in OPERATORS:
        if key.startswith(operator):
            return operator, key[len(operator) :]
    return "", key


def moment_of(value: object, offset: int) -> float | None:
    """Unix seconds of an ISO or Russian date, in the portal's zone unless it names one."""
    text = str(value or "").strip()
    if text.isdecimal() and len(text) > 8:
        return float(text)
    for pattern in ("", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            continue
        zone = timezone(timedelta(hours=offset))
        return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp()
    return None


def _typed(value: object, kind: str, offset: int) -> object:
    if value is None or value == "":
        return None
    if kind == "integer":
        return whole(value)
    if kind == "double":
        return _decimal(value)
    if kind in {"datetime", "date"}:
        return int(value) if isinstance(value, int | float) else moment_of(value, offset)
    if kind == "boolean":
        return truth(value)
    return str(value)


def _decimal(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _same(value: object, wanted: object, kind: str, offset: int) -> bool:
    if kind == "integer" and value == 0 and wanted in ("", None):
        return True
    if kind == "date" and value is not None:
        left, right = _typed(value, kind, offset), _typed(wanted, kind, offset)
        return isinstance(left, int | float) and isinstance(right, int | float) and 0 <= left - right < 86_400
    return _typed(value, kind, offset) == _typed(wanted, kind, offset)


def _compared(value: object, wanted: object, kind: str, operator: str, offset: int) -> bool:
    left, right = _typed(value, kind, offset), _typed(wanted, kind, offset)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _in_order(float(left), float(right), operator)
    return isinstance(left, str) and isinstance(right, str) and _in_order(left, right, operator)


def _in_order(left: Ordered, right: Ordered, operator: str) -> bool:
    if left == right:
        return operator in {">=", "<="}
    return (left > right) == operator.startswith(">")
