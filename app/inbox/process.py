"""The engine: one lane claimed, the CRM's log read, the ledger kept, moves judged, writes made."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import CrmError, NotFound, Unsupported
from app.crm.port import CrmClient, DealLog, FindsDeals
from app.db.engine import Database
from app.db.lane import (
    ClaimedLane,
    LaneKey,
    LeaseLost,
    claim,
    heartbeat,
    park,
    postpone,
    ready_installations,
    release,
    ring,
)
from app.domain.deal import Deal
from app.inbox.failures import PAUSE, Later, Park, Pause, classify
from app.inbox.receive import REMOVED_LANE
from app.installations.store import InstallationState, set_state
from app.ledger.read import deals_of_contact, last_move_of
from app.ledger.record import record
from app.observability import get_logger
from app.outbox.deliver import Outbox
from app.outbox.rows import open_rows
from app.verdicts.decide import decide
from app.verdicts.store import next_due

log = get_logger("inbox")

Projection = Callable[[Connection, int, str, datetime], None]
"""Keeps another table in step with the ledger: (connection, installation id, deal id, now)."""

LEASE = timedelta(seconds=60)
SETTLE = timedelta(seconds=10)
"""How long the CRM's log may lag behind what happened; twice what is usually seen."""

LOOK_AGAIN = timedelta(seconds=3)
LOOK_AGAIN_UNTIL = timedelta(minutes=2)
"""A deal that stands elsewhere than its log says is read again, until this long after it changed."""


def _nowhere(_: str) -> None:
    """No named point matters outside a simulation."""


class Processor:
    """Claims lanes and does their work. One object serves any number of concurrent tasks.

    `open_client` gives the client of an installation; `forget` disconnects one that was removed in
    its CRM; `projections` run in the ledger's own transaction; `refresh_catalog` reads an
    installation's pipelines anew; `pause` is told when an installation cannot be served; `at` hears
    the named points of a run; `within` breaks off what takes longer than so many seconds.
    """

    def __init__(
        self,
        db: Database,
        open_client: Callable[[int], Awaitable[CrmClient]],
        clock: Clock,
        projections: Sequence[Projection] = (),
        at: Callable[[str], None] = _nowhere,
        *,
        refresh_catalog: Callable[[int], Awaitable[None]] | None = None,
        pause: Callable[[int, InstallationState, str], Awaitable[None]] | None = None,
        forget: Callable[[int], Awaitable[None]] | None = None,
        settle: timedelta = SETTLE,
        lease: timedelta = LEASE,
        luck: Callable[[], float] = random.random,
        within: Callable[[float], AbstractAsyncContextManager[object]] = asyncio.timeout,
    ) -> None:
        self.db, self.open_client, self.clock = db, open_client, clock
        self.projections, self.at = projections, at
        self.forget = forget
        self.refresh_catalog, self.pause = refresh_catalog, pause or self._set_state
        self.lease, self.luck = lease, luck
        self.outbox = Outbox(db, clock, settle, lease, luck, at, within)
        self._last_served = 0

    async def run_once(self, owner: str) -> bool:
        """Claim one lane and do its work; False when none is ready. Never raises for a lane's trouble.

        `owner` names the caller and must differ between tasks. Raises what the database raises.
        """
        lane = await self._claim(owner)
        if lane is None:
            return False
        self.at("after_claim")
        try:
            await self._work(lane)
        except LeaseLost:
            log.warning("lease lost", **_where(lane))
        except Exception as error:  # noqa: BLE001  the last guard: one lane's trouble is not the others'
            await self._give_up(lane, error)
        return True

    async def _claim(self, owner: str) -> ClaimedLane | None:
        """Installations take turns, so that one with a long queue does not hold up the others."""
        ready = await self.db.read(lambda conn: ready_installations(conn, self.clock.now()))
        in_turn = [each for each in ready if each > self._last_served]
        for installation_id in [*in_turn, *(each for each in ready if each <= self._last_served)]:
            self._last_served = installation_id
            lane = await self.db.write(
                lambda conn, tenant=installation_id: claim(  # type: ignore[misc]  # mypy: default in lambda
                    conn, tenant, owner, self.clock.now(), self.lease
                )
            )
            if lane:
                return lane
        return None

    async def _work(self, lane: ClaimedLane) -> None:
        match lane.key.entity:
            case "deal":
                await self._deal(lane)
            case "contact":
                await self._contact(lane)
            case "record":
                await self._record(lane)
            case "account" if lane.key.entity_id == REMOVED_LANE:
                if self.forget:
                    await self.forget(lane.key.installation_id)
                await self._release(lane, lane.log_cursor)
            case "account":
                if self.refresh_catalog:
                    await self.refresh_catalog(lane.key.installation_id)
                await self._release(lane, lane.log_cursor)
            case other:
                raise ValueError(f"a lane of an unknown kind: {other}")

    async def _deal(self, lane: ClaimedLane) -> None:
        client = await self.open_client(lane.key.installation_id)
        told = await _read(client, lane)
        self.at("after_read")
        has_writes = await self.db.write(lambda conn: self._keep(conn, lane, told))
        self.at("after_ledger")
        if has_writes and told.deal:
            next_at = await self.outbox.drive(client, lane, told.deal)
            await self.db.write(lambda conn: self._release_deal(conn, lane, told, next_at))
        self.at("after_release")

    def _keep(self, conn: Connection, lane: ClaimedLane, told: DealLog) -> bool:
        """Ledger, verdicts, writes and projections in one transaction; the release too, if that is all."""
        tenant, deal_id, now = lane.key.installation_id, lane.key.entity_id, self.clock.now()
        heartbeat(conn, lane, now, self.lease)
        record(conn, tenant, told, now, deal_id)
        self.at("in_ledger")
        decide(conn, tenant, deal_id, told.deal, now)
        for project in self.projections:
            project(conn, tenant, deal_id, now)
        if told.deal and open_rows(conn, tenant, deal_id):
            return True
        self._release_deal(conn, lane, told, None)
        return False

    def _release_deal(
        self, conn: Connection, lane: ClaimedLane, told: DealLog, write_at: datetime | None
    ) -> None:
        now, tenant, deal_id = self.clock.now(), lane.key.installation_id, lane.key.entity_id
        due_at = next_due(conn, tenant, deal_id)
        again_at = _look_again(conn, tenant, told.deal, now)
        moments = [moment for moment in (write_at, due_at, again_at) if moment is not None]
        release(conn, lane, log_cursor=told.cursor, next_at=min(moments, default=None), now=now)
        self.at("in_release")

    async def _contact(self, lane: ClaimedLane) -> None:
        """What happened with a contact may prove something in each of its open deals."""
        tenant, contact_id = lane.key.installation_id, lane.key.entity_id
        client = await self.open_client(tenant)
        told = await client.deals_of_contact(contact_id)

        def work(conn: Connection) -> None:
            now = self.clock.now()
            deals = {*told, *deals_of_contact(conn, tenant, contact_id)}
            ring(conn, [LaneKey(tenant, "deal", deal_id) for deal_id in sorted(deals)], now)
            release(conn, lane, log_cursor=lane.log_cursor, next_at=None, now=now)

        await self.db.write(work)

    async def _record(self, lane: ClaimedLane) -> None:
        """A call or a letter whose hook did not name its deals."""
        tenant = lane.key.installation_id
        client = await self.open_client(tenant)
        if not isinstance(client, FindsDeals):
            raise Unsupported("this CRM's records name no deals")
        deals = await client.deals_of_record(lane.key.entity_id)

        def work(conn: Connection) -> None:
            now = self.clock.now()
            ring(conn, [LaneKey(tenant, "deal", deal_id) for deal_id in sorted(set(deals))], now)
            release(conn, lane, log_cursor=lane.log_cursor, next_at=None, now=now)

        await self.db.write(work)

    async def _release(self, lane: ClaimedLane, log_cursor: str) -> None:
        await self.db.write(
            lambda conn: release(conn, lane, log_cursor=log_cursor, next_at=None, now=self.clock.now())
        )

    async def _give_up(self, lane: ClaimedLane, error: Exception) -> None:
        decision = classify(error, lane.tries, self.luck())
        # What waiting cures is no bug, and its traceback would only fill the log.
        trace = None if isinstance(decision, Later | Pause) and isinstance(error, CrmError) else error
        log.warning("lane failed", reason=decision.error, exc_info=trace, **_where(lane))
        now = self.clock.now()

        def work(conn: Connection) -> None:
            match decision:
                case Park():
                    park(conn, lane, error=decision.error, now=now)
                case Later():
                    postpone(conn, lane, retry_at=now + decision.delay, error=decision.error, now=now)
                case Pause():
                    postpone(conn, lane, retry_at=now + PAUSE, error=decision.error, now=now)

        if isinstance(decision, Pause):
            await self.pause(lane.key.installation_id, decision.state, decision.error)
        try:
            await self.db.write(work)
        except LeaseLost:
            log.warning("lease lost", **_where(lane))

    async def _set_state(self, installation_id: int, state: InstallationState, reason: str) -> None:
        await self.db.write(lambda conn: set_state(conn, installation_id, state, reason))


async def _read(client: CrmClient, lane: ClaimedLane) -> DealLog:
    """The log and the deal, which must not be older than the log: moves are undone by where it stands."""
    deal_id = lane.key.entity_id
    told = await client.deal_log(deal_id, lane.log_cursor)
    if told.deal is None or not told.moves or told.moves[-1].to_stage == told.deal.stage:
        return told
    try:
        return replace(told, deal=await client.get_deal(deal_id))
    except NotFound:
        return replace(told, deal=None)


def _look_again(conn: Connection, installation_id: int, deal: Deal | None, now: datetime) -> datetime | None:
    """When to read again because the deal has moved, or was made, lately and the log does not show it."""
    age = now - deal.updated_at if deal else LOOK_AGAIN_UNTIL
    if deal is None or age >= LOOK_AGAIN_UNTIL:
        return None
    last = last_move_of(conn, installation_id, deal.id)
    is_behind = last is None or last.to_stage != deal.stage
    return now + max(LOOK_AGAIN, age / 2) if is_behind else None


def _where(lane: ClaimedLane) -> dict[str, object]:
    key = lane.key
    return {"installation_id": key.installation_id, "entity": key.entity, "entity_id": key.entity_id}
