"""Event logs, whatever CRM they are played into: cases, activities, times and resources in a CSV file."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import TextIO

COLUMNS = {
    "case": ("case_id", "case", "caseid", "case id", "case:concept:name"),
    "activity": ("activity", "event", "concept:name", "step"),
    "time": ("ts", "time", "timestamp", "time:timestamp", "date"),
    "resource": ("resource", "user", "org:resource"),
}
NEEDED = ("case", "activity", "time")


class EventLogError(ValueError):
    """The file is not an event log that an account could hold; the text says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the log. `at` is in unix seconds with milliseconds, `line` its number in the file."""

    case: str
    activity: str
    at: float
    resource: str
    line: int


def read_rows(path: Path) -> list[Row]:
    """All rows of a log in the order of their times, then of the file. Raises EventLogError."""
    try:
        with _open_text(path) as text:
            rows = list(_parse(csv.DictReader(text)))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as problem:
        raise EventLogError(f"{path.name} could not be read as CSV text: {problem}") from None
    if not rows:
        raise EventLogError(f"{path.name} has no rows.")
    return sorted(rows, key=attrgetter("at", "line"))


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def _parse(reader: "csv.DictReader[str]") -> Iterator[Row]:
    names = _columns(reader.fieldnames or ())
    for number, raw in enumerate(reader, start=2):
        case, activity = (_cell(raw, names[key]) for key in ("case", "activity"))
        if not case or not activity:
            raise EventLogError(f"Line {number}: the case or the activity is empty.")
        moment = _moment(_cell(raw, names["time"]), number)
        resource = _cell(raw, names["resource"]) if "resource" in names else ""
        yield Row(case, activity, moment, resource, number)


def _cell(raw: dict[str, str], name: str) -> str:
    return (raw.get(name) or "").strip()


def _columns(header: Sequence[str]) -> dict[str, str]:
    """Which column of the file holds what, whatever the case of its name. Raises EventLogError."""
    known = {name.strip().lower(): name for name in header}
    found = {key: known[name] for key, names in COLUMNS.items() for name in reversed(names) if name in known}
    missing = [key for key in NEEDED if key not in found]
    if missing:
        raise EventLogError(f"No column for: {', '.join(missing)}. The file has: {', '.join(header)}.")
    return found


def _moment(text: str, number: int) -> float:
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EventLogError(f"Line {number}: {text!r} is not a time.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def cases_of(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each case, in the given order."""
    cases: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        cases[row.case].append(row)
    return dict(cases)


def stages_in_order(rows: Sequence[Row], most: int) -> list[str]:
    """Activities by the mean place of their first occurrence in a case, then by first appearance.

    Raises EventLogError when there are more than the `most` that a pipeline holds.
    """
    places: dict[str, list[int]] = {row.activity: [] for row in rows}
    for steps in cases_of(rows).values():
        for place, activity in enumerate(dict.fromkeys(step.activity for step in steps)):
            places[activity].append(place)
    if len(places) > most:
        raise EventLogError(f"The log has {len(places)} activities, a pipeline holds {most} of them.")
    return sorted(places, key=lambda activity: sum(places[activity]) / len(places[activity]))


def title_of(path: Path) -> str:
    """A log's name without its endings."""
    return path.name.removesuffix(".gz").removesuffix(".csv")
