"""A real event log as an account: cases are leads, activities are stages, resources are users."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Pipeline

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "case": ("case_id", "case", "case id", "caseid", "case:concept:name"),
    "activity": ("activity", "concept:name", "event", "task"),
    "time": ("ts", "time", "timestamp", "time:timestamp", "date", "datetime"),
    "resource": ("resource", "org:resource", "user"),
    "seq": ("seq", "index"),
}
NEEDED = ("case", "activity", "time")
NOBODY = "Без исполнителя"


class BadLog(ValueError):
    """The file is no event log; the text says what is missing and where."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event of the log; `at` is unix seconds with a fraction."""

    case: str
    activity: str
    at: float
    resource: str
    seq: int


def load_event_log(account: Account, path: Path) -> Pipeline:
    """Fill an empty account from a CSV file (or `.csv.gz`) with case, activity and time columns.

    A case's first activity is a lead created straight into that stage; every further one is a move
    at its recorded time, to the millisecond. The same activity twice in a row is no move, as in a
    CRM. Raises BadLog.
    """
    rows = read_log(path)
    stages = _stages(rows)
    with account.silent():
        account.add_user("Администратор", is_admin=True)
        users = {name: account.add_user(name).id for name in sorted({row.resource for row in rows})}
        account.add_system_fields()
        pipeline = account.add_pipeline(path.name.partition(".")[0].capitalize(), stages, is_main=True)
        by_name = {
            status.name: status.id for status in pipeline.statuses.values() if status.name in set(stages)
        }
        leads: dict[str, int] = {}
        for row in rows:
            _tell(account, pipeline, leads, row, by_name[row.activity], users[row.resource])
    return pipeline


def read_log(path: Path) -> list[Row]:
    """The events of the file by time, those of one moment in the file's order. Raises BadLog."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text))
    names = _columns(reader.fieldnames or ())
    rows = list(_rows(reader, names))
    if not rows:
        raise BadLog(f"{path.name} has no events.")
    return sorted(rows, key=lambda row: (row.at, row.seq))


def _columns(header: Sequence[str]) -> dict[str, str]:
    found = {name.strip().lower(): name for name in header}
    names = {
        key: next((found[name] for name in known if name in found), "") for key, known in COLUMNS.items()
    }
    missing = [key for key in NEEDED if not names[key]]
    if missing:
        raise BadLog(f"The log has no column for {', '.join(missing)}; its columns are {', '.join(header)}.")
    return names


def _rows(reader: "csv.DictReader[str]", names: Mapping[str, str]) -> Iterator[Row]:
    for number, line in enumerate(reader):
        case, activity = (line[names["case"]] or "").strip(), (line[names["activity"]] or "").strip()
        if not case or not activity:
            raise BadLog(f"Line {number + 2} names no case or no activity.")
        seq = line.get(names["seq"]) or ""
        resource = (line.get(names["resource"]) or "").strip() or NOBODY
        yield Row(
            case,
            activity,
            _time(line[names["time"]], number),
            resource,
            int(seq) if seq.isdigit() else number,
        )


def _time(text: str | None, number: int) -> float:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise BadLog(f"Line {number + 2} has no readable time: {text!r}.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _stages(rows: Sequence[Row]) -> list[str]:
    """Activities in the order in which cases usually come to them."""
    positions: dict[str, list[int]] = {}
    steps: dict[str, int] = {}
    for row in rows:
        steps[row.case] = steps.get(row.case, 0) + 1
        positions.setdefault(row.activity, []).append(steps[row.case])
    return sorted(positions, key=lambda activity: (fmean(positions[activity]), activity))


def _tell(
    account: Account, pipeline: Pipeline, leads: dict[str, int], row: Row, status_id: int, user_id: int
) -> None:
    if row.case in leads:
        account.move_lead(leads[row.case], status_id, pipeline.id, by=user_id, at=row.at)
        return
    lead = account.create_lead(
        name=row.case,
        pipeline_id=pipeline.id,
        status_id=status_id,
        responsible_user_id=user_id,
        by=user_id,
        at=row.at,
    )
    leads[row.case] = lead.id
