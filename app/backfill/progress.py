"""The row that says how far the reading of the past has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update

from app.db.tables import backfill
from app.db.upsert import upsert

DEFAULT_DAYS = 180
LONGEST_DAYS = 7300
"""Twenty years: as long as accounts exist, and public event logs reach that far back."""


class BackfillState(StrEnum):
    """Where a backfill stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """A backfill of everything since `since`; `done` of `total` deals are in the ledger."""

    state: BackfillState
    since: datetime
    cursor: str
    done: int
    total: int
    last_error: str

    @property
    def has_ended(self) -> bool:
        """True when there is nothing left to read, or the CRM refused."""
        return self.state in (BackfillState.DONE, BackfillState.FAILED)


def queue_backfill(conn: Connection, installation_id: int, days: int, now: datetime) -> None:
    """Have the last `days` days read; one that is under way starts over from there."""
    fresh = {
        "state": BackfillState.WAITING.value,
        "since": now - timedelta(days=days),
        "done": 0,
        "total": 0,
        "cursor": "",
        "started_at": now,
        "updated_at": now,
        "last_error": "",
    }
    upsert(conn, backfill, {"installation_id": installation_id}, fresh)


def read_progress(conn: Connection, installation_id: int) -> Progress | None:
    """The installation's backfill, or None when none was ever asked for."""
    row = conn.execute(select(backfill).where(backfill.c.installation_id == installation_id)).first()
    if row is None:
        return None
    return Progress(BackfillState(row.state), row.since, row.cursor, row.done, row.total, row.last_error)


def save_progress(conn: Connection, installation_id: int, progress: Progress, now: datetime) -> bool:
    """Keep the place to go on from, after the page before it was recorded.

    False, and nothing is kept, when another backfill was asked for meanwhile: it begins anew.
    """
    done = conn.execute(
        update(backfill)
        .where(backfill.c.installation_id == installation_id, backfill.c.since == progress.since)
        .values(
            state=progress.state.value,
            cursor=progress.cursor,
            done=progress.done,
            total=progress.total,
            last_error=progress.last_error,
            updated_at=now,
        )
    )
    return done.rowcount == 1


def waiting_backfills(conn: Connection) -> list[int]:
    """Installations whose backfill has not ended."""
    open_states = [BackfillState.WAITING.value, BackfillState.RUNNING.value]
    query = select(backfill.c.installation_id).where(backfill.c.state.in_(open_states))
    return list(conn.scalars(query.order_by(backfill.c.updated_at)))
