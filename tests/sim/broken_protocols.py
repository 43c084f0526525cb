"""Protocols broken on purpose: each is a mistake that somebody could make. The seeds must see them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from app.crm.port import CrmClient, DealLog
from app.db.lane import ClaimedLane
from app.db.lane_batch import Done
from app.db.tables import lane as lane_table
from app.domain.deal import MoveOrigin, StageMove
from app.inbox import keep, process
from app.inbox.keep import Keeper
from app.inbox.process import Processor
from app.ledger.sight import DealKey
from app.outbox import deliver, marks
from app.outbox.deliver import Outbox
from app.outbox.enqueue import enqueue
from app.outbox.rows import OutboxRow, WriteKind, WriteState
from app.verdicts import decide, hearing
from app.verdicts.store import pending_moves
from tests.crm.fake.client import FakeClient
from tests.sim.run import Swap, swapped


@dataclass(frozen=True, slots=True)
class BrokenProtocol:
    """A name for the report and what is put in place of the sound parts."""

    name: str
    swaps: tuple[Swap, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


async def _write_again(
    self: Outbox, client: CrmClient, lane: ClaimedLane, row: OutboxRow, back: WriteState | None
) -> None:
    """Whatever became of the first attempt, make another."""
    await self._put_off(lane, row, WriteState.NEW, None, "")


async def _judge_the_payload(self: FakeClient, deal_id: str, cursor: str) -> DealLog:
    """Make a move out of where the deal stood at the last hook and where it stands now."""
    deal = await self.get_deal(deal_id)
    seen: dict[str, StageMove] = self.crm.__dict__.setdefault("payloads", {})
    before = seen.get(deal_id)
    if before is not None and before.to_stage == deal.stage:
        return DealLog(deal, (), (), cursor)
    now = self.crm.clock.now()
    came_from = before.to_stage if before else None
    move = StageMove(self.crm.next_id(), deal_id, came_from, deal.stage, "", MoveOrigin.PERSON, now, now)
    seen[deal_id] = move
    return DealLog(deal, (move,), (), cursor)


class CursorFirst(Processor):
    """Says that the log was read before it is kept."""

    async def _deal(self, lane: ClaimedLane) -> None:
        client = await self.open_client(lane.key.installation_id)
        told = await client.deal_log(lane.key.entity_id, lane.log_cursor)
        await self.db.write(lambda conn: _set_cursor(conn, lane, told.cursor))
        self.at("after_cursor")
        lane = replace(lane, log_cursor=told.cursor)
        kept = await self._keep((lane, told))
        if kept.has_open_writes and told.deal:
            next_at = await self.outbox.drive(client, lane, told.deal)
            await self.db.write(lambda conn: self._release_deal(conn, lane, told.cursor, next_at))


def _set_cursor(conn: Connection, lane: ClaimedLane, cursor: str) -> None:
    columns = lane_table.c
    conn.execute(
        update(lane_table)
        .where(columns.installation_id == lane.key.installation_id, columns.entity_id == lane.key.entity_id)
        .values(log_cursor=cursor)
    )


def _release_whatever_rang(
    conn: Connection, lane: ClaimedLane, *, log_cursor: str, next_at: datetime | None, now: datetime
) -> None:
    """Put the lane to sleep although it was rung meanwhile."""
    columns = lane_table.c
    conn.execute(
        update(lane_table)
        .where(
            columns.installation_id == lane.key.installation_id,
            columns.entity == lane.key.entity,
            columns.entity_id == lane.key.entity_id,
            columns.fence == lane.fence,
        )
        .values(
            log_cursor=log_cursor,
            done_seq=lane.want_seq,
            head_at=next_at,
            lease_until=None,
            owner=None,
            crashes=0,
            tries=0,
        )
    )


def _release_all_whatever_rang(conn: Connection, done: Sequence[Done], now: datetime) -> list[Done]:
    for each in done:
        _release_whatever_rang(conn, each.lane, log_cursor=each.log_cursor, next_at=each.next_at, now=now)
    return list(done)


async def _writes_later(self: Keeper, items: Sequence[tuple[ClaimedLane, DealLog]]) -> Sequence[Any]:
    """Store the intended writes in a transaction of their own, after the verdicts."""
    collected: list[Callable[[Connection], None]] = []

    def collect(_: Connection, *rest: Any) -> None:
        collected.append(lambda later: enqueue(later, *rest))

    def work(conn: Connection) -> Sequence[Any]:
        collected.clear()
        with swapped([(hearing, "enqueue", collect)]):
            return self.keep_all(conn, items)

    kept = await self.db.write(work)
    self.at("between")
    await self.db.write(lambda conn: [each(conn) for each in collected])
    return kept


def _no_guard(conn: Connection, lane: ClaimedLane, row: OutboxRow) -> bool:
    return False


async def _make_anyway(
    self: Outbox,
    client: CrmClient,
    lane: ClaimedLane,
    deal: Any,
    row: OutboxRow,
    back: WriteState | None,
) -> None:
    now = self.clock.now()
    await self.db.write(lambda conn: marks.mark_sent(conn, lane, row, now, self.lease))
    await self._call(client, lane, row, 60.0, is_left=False)


async def _make_whenever(
    self: Outbox,
    client: CrmClient,
    lane: ClaimedLane,
    deal: Any,
    row: OutboxRow,
    back: WriteState | None,
) -> None:
    """Call although the lease may have ended since."""
    if row.kind is not WriteKind.MOVE_BACK and back is WriteState.SUPERSEDED:
        return await self._finish(lane, row, WriteState.SUPERSEDED)
    if row.kind is WriteKind.MOVE_BACK and deal.stage != row.expected:
        return await self._finish(lane, row, WriteState.SUPERSEDED)
    now = self.clock.now()
    if await self.db.write(lambda conn: marks.mark_sent(conn, lane, row, now, self.lease)):
        await self._call(client, lane, row, 60.0, is_left=False)
    return None


def _never_ours(conn: Connection, *_: Any) -> bool:
    return False


def _newest_first(conn: Connection, keys: Sequence[DealKey]) -> Any:
    return {key: list(reversed(moves)) for key, moves in pending_moves(conn, keys).items()}


def _no_fence(conn: Connection, lane: ClaimedLane, now: datetime, lease: timedelta) -> None:
    conn.execute(select(lane_table.c.fence).limit(1))


def _hold_anyway(conn: Connection, lanes: Iterable[ClaimedLane]) -> Any:
    return {(lane.key, lane.fence) for lane in lanes}


BROKEN_PROTOCOLS = (
    BrokenProtocol("blind retry", ((Outbox, "_look_back", _write_again),)),
    BrokenProtocol("no settling", options={"settle": timedelta(0)}),
    BrokenProtocol("judges the payload", ((FakeClient, "deal_log", _judge_the_payload),)),
    BrokenProtocol("echo not recognised", ((hearing, "claim_echo", _never_ours),)),
    BrokenProtocol("cursor before ledger", options={"make_processor": CursorFirst}),
    BrokenProtocol(
        "release without counter",
        ((process, "release", _release_whatever_rang), (keep, "release_all", _release_all_whatever_rang)),
    ),
    BrokenProtocol("writes after the transaction", ((Keeper, "keep", _writes_later),)),
    BrokenProtocol(
        "no guard",
        ((Outbox, "_make", _make_anyway), (marks, "has_newer_move", _no_guard)),
        {"checks_stage": False},
    ),
    BrokenProtocol("newest move first", ((decide, "pending_moves", _newest_first),)),
    BrokenProtocol(
        "no lease",
        (
            (Outbox, "_make", _make_whenever),
            (keep, "hold", _hold_anyway),
            (deliver, "heartbeat", _no_fence),
            (marks, "heartbeat", _no_fence),
        ),
    ),
)
