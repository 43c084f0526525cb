"""Finds what hooks did not tell: reads the CRM's log from time to time and rings the lanes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.backfill.progress import DEFAULT_DAYS, LONGEST_DAYS, queue_backfill
from app.clock import Clock
from app.crm.port import CrmClient
from app.db.engine import Database
from app.db.lane import LaneKey, ring
from app.db.tables import installation, source_cursor
from app.db.types import from_micros, to_micros
from app.db.upsert import upsert
from app.inbox.patience import SWEPT

SOURCE = "poll"
OVERLAP = timedelta(minutes=15)
"""The log may show entries late; their ids make reading twice harmless."""

LOOK_BACK = timedelta(days=7)
"""After a longer silence of ours the poll has the backfill read what lies before."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Polls the logs of installations."""

    db: Database
    open_client: Callable[[int], Awaitable[CrmClient]]
    clock: Clock

    async def poll(self, installation_id: int) -> int:
        """Ring the lanes of all deals with log entries since the last poll; returns how many.

        The cursor moves only after all pages were read; what a long silence left out is asked of the
        backfill then. Raises CrmError.
        """
        started = self.clock.now()
        last = await self.db.read(lambda conn: _last_poll(conn, installation_id)) or started
        since = max(last, started - LOOK_BACK) - OVERLAP
        client = await self.open_client(installation_id)
        rung, cursor = 0, ""
        while True:
            page = await client.changed_deals(since, cursor)
            keys = sorted({LaneKey(installation_id, "deal", deal_id) for deal_id in page.items})
            if keys:
                await self.db.write(lambda conn, keys=keys: ring(conn, keys, self.clock.now(), SWEPT))  # type: ignore[misc]
            rung, cursor = rung + len(keys), page.cursor
            if not cursor:
                break
        await self.db.write(lambda conn: _save(conn, installation_id, last, started))
        return rung


def active_installations(conn: Connection) -> list[int]:
    """Installations whose logs are worth asking."""
    return list(conn.scalars(select(installation.c.id).where(installation.c.state == "active")))


def _last_poll(conn: Connection, installation_id: int) -> datetime | None:
    value = conn.scalar(
        select(source_cursor.c.value).where(
            source_cursor.c.installation_id == installation_id, source_cursor.c.source == SOURCE
        )
    )
    return from_micros(int(value)) if value else None


def _save(conn: Connection, installation_id: int, last: datetime, moment: datetime) -> None:
    key = {"installation_id": installation_id, "source": SOURCE}
    upsert(conn, source_cursor, key, {"value": str(to_micros(moment)), "updated_at": moment})
    silence = moment - last
    if silence > LOOK_BACK:
        # Never less than was once asked for: a backfill that is under way begins anew.
        days = min(max(silence.days + 1, DEFAULT_DAYS), LONGEST_DAYS)
        queue_backfill(conn, installation_id, days, moment)
