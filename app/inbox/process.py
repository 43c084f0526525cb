"""The engine: one lane claimed, the CRM's log read, the ledger kept, moves judged, writes made."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import CrmError, NotFound, Unsupported
from app.crm.port import CrmClient, DealLog, FindsDeals
from app.db.engine import Database
from app.db.lane import ClaimedLane, LaneKey, LeaseLost, park, postpone, release, ring
from app.db.lane_batch import claim_in_turns, ready_installations
from app.inbox.failures import PAUSE, Later, Park, Pause, classify
from app.inbox.keep import Keeper, Projection
from app.inbox.patience import TOUCHED
from app.installations.store import InstallationState, set_state
from app.ledger.read import deals_of_contact
from app.observability import get_logger
from app.outbox.deliver import Outbox
from app.together import Gathering, Together

log = get_logger("inbox")

MOST_AT_ONCE = 32
"""Lanes in one transaction: a card that is being opened must not wait long for the writer."""

MOST_OF_ACCOUNT = 8
"""Lanes of one account at once, which share what they read. Its CRM answers some calls a second: more
lanes would hardly be done sooner, and a move that comes now would wait behind all of them."""

LEASE = timedelta(seconds=60)
SETTLE = timedelta(seconds=10)
"""How long the CRM's log may lag behind what happened; twice what is usually seen."""


def _nowhere(_: str) -> None:
    """No named point matters outside a simulation."""


class Processor:
    """Claims lanes and does their work. One object serves any number of concurrent tasks.

    `open_client` gives the client of an installation; `projections` run in the ledger's own
    transaction; `refresh_catalog` reads an installation's pipelines anew; `pause` is told when an
    installation cannot be served; `at` hears the named points of a run; `within` breaks off what takes
    longer than so many seconds; `gathering` lets tasks that stand at the same step share a transaction;
    `more` is told when all who asked for a lane got one: there may be more.
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
        settle: timedelta = SETTLE,
        lease: timedelta = LEASE,
        luck: Callable[[], float] = random.random,
        within: Callable[[float], AbstractAsyncContextManager[object]] = asyncio.timeout,
        gathering: Gathering = Together,
        more: Callable[[], None] = lambda: None,
    ) -> None:
        self.db, self.open_client, self.clock = db, open_client, clock
        self.at = at
        self.refresh_catalog, self.pause = refresh_catalog, pause or self._set_state
        self.lease, self.luck, self.more = lease, luck, more
        self.outbox = Outbox(db, clock, settle, lease, luck, at, within)
        self._last_served, self._is_idle = 0, False
        self._busy: Counter[int] = Counter()
        self._claim = gathering(self._claim_some, MOST_AT_ONCE)
        self._keep = gathering(Keeper(db, clock, projections, at).keep, MOST_AT_ONCE)

    async def run_once(self, owner: str) -> bool:
        """Claim one lane and do its work; False when none is ready. Never raises for a lane's trouble.

        `owner` names the caller in the lane. Raises what the database raises.
        """
        lane = await self._claim(owner)
        if lane is None:
            return False
        try:
            self.at("after_claim")
            await self._work(lane)
        except LeaseLost:
            log.warning("lease lost", **_where(lane))
        except Exception as error:  # noqa: BLE001  the last guard: one lane's trouble is not the others'
            await self._give_up(lane, error)
        finally:
            self._busy[lane.key.installation_id] -= 1
        return True

    async def _claim_some(self, owners: Sequence[str]) -> Sequence[ClaimedLane | None]:
        """Installations take turns, so that one with a long queue does not hold up the others."""
        now, after = self.clock.now(), self._last_served
        if self._is_idle and not await self.db.read(lambda conn: ready_installations(conn, now)):
            return [None] * len(owners)
        lanes = await self.db.write(
            lambda conn: claim_in_turns(conn, owners[0], now, self.lease, len(owners), after, self._room)
        )
        self._busy.update(lane.key.installation_id for lane in lanes)
        self._is_idle = not lanes
        if lanes:
            self._last_served = lanes[-1].key.installation_id
        if len(lanes) == len(owners):
            self.more()
        return [*lanes, *[None] * (len(owners) - len(lanes))]

    def _room(self, installation_id: int) -> int:
        return MOST_OF_ACCOUNT - self._busy[installation_id]

    async def _work(self, lane: ClaimedLane) -> None:
        match lane.key.entity:
            case "deal":
                await self._deal(lane)
            case "contact":
                await self._contact(lane)
            case "record":
                await self._record(lane)
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
        kept = await self._keep((lane, told))
        self.at("after_ledger")
        if kept.has_open_writes and told.deal:
            write_at = await self.outbox.drive(client, lane, told.deal)
            next_at = min((each for each in (write_at, kept.next_at) if each), default=None)
            await self.db.write(lambda conn: self._release_deal(conn, lane, told.cursor, next_at))
        self.at("after_release")

    def _release_deal(
        self, conn: Connection, lane: ClaimedLane, log_cursor: str, next_at: datetime | None
    ) -> None:
        release(conn, lane, log_cursor=log_cursor, next_at=next_at, now=self.clock.now())
        self.at("in_release")

    async def _contact(self, lane: ClaimedLane) -> None:
        """What happened with a contact may prove something in each of its open deals."""
        tenant, contact_id = lane.key.installation_id, lane.key.entity_id
        client = await self.open_client(tenant)
        told = await client.deals_of_contact(contact_id)

        def work(conn: Connection) -> None:
            now = self.clock.now()
            deals = {*told, *deals_of_contact(conn, tenant, contact_id)}
            ring(conn, [LaneKey(tenant, "deal", deal_id) for deal_id in sorted(deals)], now, TOUCHED)
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
            ring(conn, [LaneKey(tenant, "deal", deal_id) for deal_id in sorted(set(deals))], now, TOUCHED)
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


def _where(lane: ClaimedLane) -> dict[str, object]:
    key = lane.key
    return {"installation_id": key.installation_id, "entity": key.entity, "entity_id": key.entity_id}
