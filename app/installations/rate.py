"""How fast we may call an account: a bucket in the database, shared by all processes.

Work that can wait leaves a part of the bucket to work that cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from app.clock import Clock
from app.crm.errors import RateLimited
from app.db.engine import Database
from app.db.tables import rate_bucket
from app.db.upsert import insert_new, upsert

MICRO = 1_000_000
RESERVES: Sequence[float] = (0.0, 0.1, 0.1, 0.4, 0.5)
"""By priority, the part of the bucket that has to be left after a call: write-back, hook, page,
poll, backfill. Hooks and pages have equal rights: a long queue of hooks would else shut out whoever
opens a card, and somebody who opens cards without end would shut out the hooks."""

BURST_SECONDS = 0.3
"""What a quiet account may save up, in seconds of its rate: a CRM counts whole seconds, and a burst
on top of the rate would run over its limit."""

LONGEST_WAITS: Sequence[float] = (10.0, 10.0, 10.0, 60.0, 60.0)
"""Seconds that a call waits for its turn, by priority; with more ahead the caller should do something
else. Polls and pasts have nobody who waits for them, and what they have read before would be lost: an
account that saves up many calls gives them a turn only when half of these are there again."""


def take(
    conn: Connection,
    installation_id: int,
    *,
    per_second: float,
    priority: int,
    now: datetime,
    saved_calls: float = 0.0,
) -> float:
    """Take leave for one call: 0.0 when granted, else seconds until it is worth asking again.

    `saved_calls` is how many calls a quiet account may save up; 0 for the usual part of a second.
    """
    key = {"installation_id": installation_id}
    burst = max(saved_calls or per_second * BURST_SECONDS, 1.0) * MICRO
    insert_new(conn, rate_bucket, [{**key, "tokens": int(burst), "refilled_at": now}])
    row = conn.execute(
        select(rate_bucket).where(rate_bucket.c.installation_id == installation_id).with_for_update()
    ).one()
    if row.paused_until and row.paused_until > now:
        return float((row.paused_until - now).total_seconds())
    elapsed = max((now - row.refilled_at).total_seconds(), 0.0)
    tokens = min(burst, row.tokens + elapsed * per_second * MICRO)
    needed = MICRO + RESERVES[min(priority, len(RESERVES) - 1)] * (burst - MICRO)
    if tokens < needed:
        return max(float(needed - tokens) / (per_second * MICRO), 0.001)
    conn.execute(
        update(rate_bucket)
        .where(rate_bucket.c.installation_id == installation_id)
        .values(tokens=int(tokens - MICRO), refilled_at=now)
    )
    return 0.0


def pause(conn: Connection, installation_id: int, until: datetime, reason: str, now: datetime) -> None:
    """No calls until then; a longer pause that is in force stays."""
    key = {"installation_id": installation_id}
    query = select(rate_bucket.c.paused_until).where(rate_bucket.c.installation_id == installation_id)
    known = conn.scalar(query.with_for_update())
    if known and known >= until:
        return
    values = {"tokens": 0, "refilled_at": now, "paused_until": until, "pause_reason": reason}
    upsert(conn, rate_bucket, key, values)


def paused_until(conn: Connection, installation_id: int, now: datetime) -> datetime | None:
    """Until when no calls are made because the CRM said so, or None."""
    query = select(rate_bucket.c.paused_until).where(rate_bucket.c.installation_id == installation_id)
    until: datetime | None = conn.scalar(query)
    return until if until and until > now else None


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """Waits for leave to call."""

    db: Database
    clock: Clock

    async def admit(
        self, installation_id: int, per_second: float, priority: int, saved_calls: float = 0.0
    ) -> None:
        """Wait for the turn of a call. Raises RateLimited when that would be too long."""
        deadline = self.clock.monotonic() + LONGEST_WAITS[min(priority, len(LONGEST_WAITS) - 1)]
        while True:
            wait = await self.db.write(
                lambda conn: take(
                    conn,
                    installation_id,
                    per_second=per_second,
                    priority=priority,
                    now=self.clock.now(),
                    saved_calls=saved_calls,
                )
            )
            if not wait:
                return
            if self.clock.monotonic() + wait > deadline:
                raise RateLimited(wait)
            await self.clock.sleep(wait)

    async def punish(self, installation_id: int, seconds: float, reason: str) -> None:
        """Stop all calls of the account: the CRM said so."""
        now = self.clock.now()
        until = now + timedelta(seconds=seconds)
        await self.db.write(lambda conn: pause(conn, installation_id, until, reason, now))
