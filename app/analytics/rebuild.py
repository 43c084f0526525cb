"""Re-reads deals under a newly published version, in small batches beside the daily work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from app.analytics.facts import refresh_deals
from app.clock import Clock
from app.db.engine import Database
from app.db.tables import deal, deal_step, source_cursor
from app.funnels.current import CurrentVersions
from app.funnels.publish import REBUILD
from app.ledger.sight import DealKey, Sight

BATCH = 25
"""Deals in one transaction: hooks and cards must not wait long for the writer."""


@dataclass(frozen=True, slots=True)
class _Job:
    installation_id: int
    source: str
    after: str


async def rebuild_step(db: Database, clock: Clock) -> bool:
    """Measure the next batch of deals of any waiting rebuild; False when none waits."""
    return await db.write(lambda conn: _step(conn, clock.now()))


def rebuild_pending(conn: Connection, installation_id: int, pipeline_id: str) -> bool:
    """True while deals of the pipeline still show an older version."""
    query = select(source_cursor.c.source).where(
        source_cursor.c.installation_id == installation_id,
        source_cursor.c.source == REBUILD + pipeline_id,
    )
    return conn.scalar(query) is not None


def _step(conn: Connection, now: datetime) -> bool:
    job = _next_job(conn)
    if job is None:
        return False
    deal_ids = _next_deals(conn, job)
    sight = Sight(conn, [DealKey(job.installation_id, deal_id) for deal_id in deal_ids])
    refresh_deals(sight, CurrentVersions(conn), now)
    _advance(conn, job, deal_ids, now)
    return True


def _next_job(conn: Connection) -> _Job | None:
    query = (
        select(source_cursor.c.installation_id, source_cursor.c.source, source_cursor.c.value)
        .where(source_cursor.c.source.startswith(REBUILD, autoescape=True))
        .order_by(source_cursor.c.updated_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = conn.execute(query).first()
    return _Job(row.installation_id, row.source, row.value) if row else None


def _next_deals(conn: Connection, job: _Job) -> list[str]:
    pipeline_id = job.source.removeprefix(REBUILD)
    here = select(deal.c.deal_id).where(
        deal.c.installation_id == job.installation_id,
        deal.c.pipeline_id == pipeline_id,
        deal.c.deal_id > job.after,
    )
    measured = select(deal_step.c.deal_id).where(
        deal_step.c.installation_id == job.installation_id,
        deal_step.c.pipeline_id == pipeline_id,
        deal_step.c.deal_id > job.after,
    )
    both = here.union(measured).subquery()
    return list(conn.scalars(select(both.c.deal_id).order_by(both.c.deal_id).limit(BATCH)))


def _advance(conn: Connection, job: _Job, deal_ids: list[str], now: datetime) -> None:
    mine = (source_cursor.c.installation_id == job.installation_id) & (source_cursor.c.source == job.source)
    if len(deal_ids) < BATCH:
        conn.execute(delete(source_cursor).where(mine))
    else:
        conn.execute(update(source_cursor).where(mine).values(value=deal_ids[-1], updated_at=now))
