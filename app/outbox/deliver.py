"""Making a deal's intended writes, one after the other, each once in effect.

new ─ guard ─> sent ─ call ─> confirmed
  \\ life went on ─> superseded      | answer lost, or a crash
                    refused ─> dead  v
                                  unknown ─ wait until the log must show it ─ look for the effect
                                      found ─> confirmed        not found ─> new, once more
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2
from typing import Any

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import (
    FieldRequired,
    NoRight,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.crm.port import CrmClient, StageMismatch
from app.db.engine import Database
from app.db.lane import ClaimedLane, LeaseLost, heartbeat
from app.domain.backoff import retry_after
from app.domain.deal import Deal
from app.domain.writeback import SURPRISE_LIMIT
from app.outbox.marks import finish, mark_sent, put_off
from app.outbox.rows import (
    MOVES,
    OPEN_STATES,
    OutboxRow,
    WriteKind,
    WriteState,
    command_of,
    marker,
    rows_of,
)

MOST_RESENDS = 5
"""Attempts whose effect never showed; then a person has to look."""

CLOCKS_APART = timedelta(seconds=5)
"""How much earlier than our own clock the CRM may date what we have just sent."""

GIVE_UP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Makes writes while the lane of their deal is held.

    `settle` is how long the CRM's log may lag behind its own writes; `lease` renews the lane;
    `luck` gives numbers in [0, 1) for waits; `at` is told the named points of a run; `within` breaks
    off what takes longer than so many seconds.
    """

    db: Database
    clock: Clock
    settle: timedelta
    lease: timedelta
    luck: Callable[[], float]
    at: Callable[[str], None]
    within: Callable[[float], AbstractAsyncContextManager[object]] = asyncio.timeout

    async def drive(self, client: CrmClient, lane: ClaimedLane, deal: Deal) -> datetime | None:
        """Make what can be made now; returns when the next one may be tried, or None at the end.

        `deal` is as read in this run. Raises LeaseLost, AuthExpired, PaymentRequired, Blocked.
        """
        tenant, deal_id = lane.key.installation_id, lane.key.entity_id
        while True:
            rows = await self.db.read(lambda conn: rows_of(conn, tenant, deal_id))
            row = next((each for each in rows if each.state in OPEN_STATES), None)
            if row is None:
                return None
            if row.next_at is not None and row.next_at > self.clock.now():
                return row.next_at
            back = _move_back_of(row, rows)
            if row.state is WriteState.NEW:
                await self._make(client, lane, deal, row, back)
            else:
                await self._look_back(client, lane, row, back)

    async def _make(
        self, client: CrmClient, lane: ClaimedLane, deal: Deal, row: OutboxRow, back: WriteState | None
    ) -> None:
        if row.kind is not WriteKind.MOVE_BACK and back is WriteState.SUPERSEDED:
            return await self._finish(lane, row, WriteState.SUPERSEDED)
        if why := self._why_too_late(row):
            return await self._finish(lane, row, WriteState.DEAD, error=why)
        if row.kind in MOVES and deal.stage != row.expected:
            return await self._finish(lane, row, WriteState.SUPERSEDED)
        now = self.clock.now()
        started = self.clock.monotonic()
        if not await self.db.write(lambda conn: mark_sent(conn, lane, row, now, self.lease)):
            return None
        self.at("after_mark_sent")
        time_left = started + self.lease.total_seconds() / 2 - self.clock.monotonic()
        if time_left <= 0:
            raise LeaseLost
        return await self._call(client, lane, row, time_left, is_left=back is WriteState.DEAD)

    async def _call(
        self, client: CrmClient, lane: ClaimedLane, row: OutboxRow, time_left: float, *, is_left: bool
    ) -> None:
        """Half the lease is all the time there is: nothing may arrive after another has looked for it."""
        tenant = lane.key.installation_id
        command = command_of(row, tenant, is_left=is_left)
        # At the first try nothing of ours can be in the log: the same move there is somebody else's.
        is_in_doubt = row.tries > 0
        try:
            async with self.within(time_left):
                applied = await client.apply(command, marker(tenant, row.op_key))
        except StageMismatch:
            why = "stage_changed"
            await self._finish(lane, row, WriteState.SUPERSEDED, error=why, may_echo=is_in_doubt)
        except (Unknown, TimeoutError):
            look_at = self.clock.now() + self.settle
            await self._put_off(lane, row, WriteState.UNKNOWN, look_at, "answer_lost")
        except Unavailable:
            await self._retry(lane, row, 0.0, "crm_unavailable")
        except RateLimited as error:
            await self._retry(lane, row, error.retry_after, "rate_limited")
        except Rejected as error:
            told = {"field": error.field} if isinstance(error, FieldRequired) and error.field else None
            # A refusal without a known reason may be a robot's, who undid our move before the answer came.
            may_echo = is_in_doubt or not isinstance(error, FieldRequired | NoRight)
            why = why_refused(error)
            await self._finish(lane, row, WriteState.DEAD, error=why, told=told, may_echo=may_echo)
        except NotFound:
            await self._finish(lane, row, WriteState.DEAD, error="deal_gone")
        except Unsupported:
            await self._finish(lane, row, WriteState.DEAD, error="unsupported")
        else:
            self.at("after_crm_write")
            await self._finish(lane, row, WriteState.CONFIRMED, ref=applied.ref)

    async def _look_back(
        self, client: CrmClient, lane: ClaimedLane, row: OutboxRow, back: WriteState | None
    ) -> None:
        """What became of a write whose answer nobody has."""
        tenant, now = lane.key.installation_id, self.clock.now()
        sent_at = row.sent_at or row.created_at
        look_at = sent_at + self.settle
        if row.state is WriteState.SENT:
            # Nobody heard the call end: it may arrive as late as a call of ours can.
            look_at += self.lease / 2
        if now < look_at:
            return await self._put_off(lane, row, row.state, look_at, row.last_error)
        command = command_of(row, tenant, is_left=back is WriteState.DEAD)
        try:
            ref = await client.find_effect(command, marker(tenant, row.op_key), sent_at - CLOCKS_APART)
        except Unavailable:
            return await self._put_off(lane, row, row.state, self._later(row, 0.0), "crm_unavailable")
        except RateLimited as error:
            return await self._put_off(
                lane, row, row.state, self._later(row, error.retry_after), "rate_limited"
            )
        except (NotFound, Rejected, Unsupported):
            return await self._finish(lane, row, WriteState.DEAD, error="not_found_again")
        if ref is not None:
            echo = ref if row.kind in MOVES else ""
            return await self._finish(lane, row, WriteState.CONFIRMED, ref=ref, echo_log_id=echo)
        if row.tries >= MOST_RESENDS:
            return await self._finish(lane, row, WriteState.DEAD, error="unconfirmed")
        return await self._put_off(lane, row, WriteState.NEW, None, row.last_error)

    def _why_too_late(self, row: OutboxRow) -> str:
        age = self.clock.now() - row.created_at
        if row.kind in MOVES and age > SURPRISE_LIMIT:
            return "too_late"
        return "gave_up" if age > GIVE_UP else ""

    def _later(self, row: OutboxRow, told: float) -> datetime:
        now = self.clock.now()
        waited = (now - row.created_at).total_seconds()
        return now + retry_after(1 + int(log2(max(1.0, waited))), self.luck(), told=told)

    async def _retry(self, lane: ClaimedLane, row: OutboxRow, told: float, error: str) -> None:
        """Nothing was written: the same attempt is made again later, and does not count."""
        await self._put_off(lane, row, WriteState.NEW, self._later(row, told), error, tries=row.tries)

    async def _put_off(
        self,
        lane: ClaimedLane,
        row: OutboxRow,
        state: WriteState,
        next_at: datetime | None,
        error: str,
        **values: Any,
    ) -> None:
        def work(conn: Connection) -> None:
            heartbeat(conn, lane, self.clock.now(), self.lease)
            put_off(conn, lane, row, state, next_at, error, **values)

        await self.db.write(work)

    async def _finish(self, lane: ClaimedLane, row: OutboxRow, state: WriteState, **outcome: Any) -> None:
        def work(conn: Connection) -> None:
            now = self.clock.now()
            heartbeat(conn, lane, now, self.lease)
            finish(conn, lane, row, state, now, **outcome)

        await self.db.write(work)
        self.at(f"after_{state.value}")


def why_refused(error: Rejected) -> str:
    """The code of a refusal that is final."""
    if isinstance(error, FieldRequired):
        return "field_required"
    return "no_right" if isinstance(error, NoRight) else "refused"


def _move_back_of(row: OutboxRow, rows: Sequence[OutboxRow]) -> WriteState | None:
    """The state of the move back that the write tells of, if there is one."""
    backs = (each for each in rows if each.log_id == row.log_id and each.kind is WriteKind.MOVE_BACK)
    return next((each.state for each in backs), None)
