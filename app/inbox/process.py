"""The engine: one lane claimed, the CRM's log read, the ledger kept, moves judged, writes made."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.errors import CrmError, NotFound, Unsupported
from app.crm.port import CrmClient, DealLog, FindsDeals
from app.db.engine import Database
from app.db.lane import ClaimedLane, LaneKey, LeaseLost, park, postpone, release, ring
from app.db.lane_batch import Done, claim_in_turns, hold, ready_installations, release_all
from app.errors import Overloaded
from app.funnels.current import CurrentVersions
from app.inbox.failures import PAUSE, Later, Park, Pause, classify
from app.inbox.patience import TOUCHED
from app.inbox.receive import REMOVED_LANE
from app.inbox.together import Gathering, Together
from app.installations.store import InstallationState, set_state
from app.ledger.read import deals_of_contact, last_move_of
from app.ledger.record import record_all
from app.ledger.sight import DealKey, Sight
from app.observability import get_logger
from app.outbox.deliver import Outbox
from app.verdicts.decide import Decided, decide_all

log = get_logger("inbox")

Projection = Callable[[Sight, CurrentVersions, datetime], None]
"""Keeps another table in step with the ledger, for all deals of a sight."""

MOST_AT_ONCE = 32
"""Lanes in one transaction: a card that is being opened must not wait long for the writer."""

MOST_OF_ACCOUNT = 4
"""Lanes of one account at once. Its CRM answers some calls a second, whoever makes them: more lanes
would not be done sooner, and a move that comes now would wait behind all of them."""

LEASE = timedelta(seconds=60)
SETTLE = timedelta(seconds=10)
"""How long the CRM's log may lag behind what happened; twice what is usually seen."""

LOOK_AGAIN = timedelta(seconds=3)
LOOK_AGAIN_UNTIL = timedelta(minutes=2)
"""A deal that stands elsewhere than its log says is read again, until this long after it changed."""


def _nowhere(_: str) -> None:
    """No named point matters outside a simulation."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a deal's lane when its log is in the ledger: writes, and a moment to look again."""

    has_open_writes: bool
    next_at: datetime | None


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
        gathering: Gathering = Together,
    ) -> None:
        self.db, self.open_client, self.clock = db, open_client, clock
        self.projections, self.at = projections, at
        self.forget = forget
        self.refresh_catalog, self.pause = refresh_catalog, pause or self._set_state
        self.lease, self.luck = lease, luck
        self.outbox = Outbox(db, clock, settle, lease, luck, at, within)
        self._last_served, self._is_idle = 0, False
        self._busy: Counter[int] = Counter()
        self._claim = gathering(self._claim_some, MOST_AT_ONCE)
        self._keep = gathering(self._keep_some, MOST_AT_ONCE)

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
        kept = await self._keep((lane, told))
        self.at("after_ledger")
        if kept.has_open_writes and told.deal:
            write_at = await self.outbox.drive(client, lane, told.deal)
            next_at = min((each for each in (write_at, kept.next_at) if each), default=None)
            await self.db.write(lambda conn: self._release_deal(conn, lane, told.cursor, next_at))
        self.at("after_release")

    async def _keep_some(self, items: Sequence[tuple[ClaimedLane, DealLog]]) -> Sequence[Kept | Exception]:
        """All in one transaction; when one fails, each in its own, so that only that one fails.

        When the store itself is away, nobody is tried one by one.
        """
        if len(items) > 1:
            try:
                return await self.db.write(lambda conn: self._keep_all(conn, items))
            except Exception as error:
                if isinstance(error, OSError | Overloaded) or getattr(error, "connection_invalidated", False):
                    raise
                log.warning("lanes kept one by one", count=len(items), reason=type(error).__name__)
        answers: list[Kept | Exception] = []
        for item in items:
            try:
                answers += await self.db.write(lambda conn, item=item: self._keep_all(conn, [item]))  # type: ignore[misc]  # mypy: default in lambda
            except Exception as error:  # noqa: BLE001  raised again for the lane that it belongs to
                answers.append(error)
        return answers

    def _keep_all(
        self, conn: Connection, items: Sequence[tuple[ClaimedLane, DealLog]]
    ) -> list[Kept | Exception]:
        """Ledger, verdicts, writes and projections in one transaction; the releases of lanes without
        writes too."""
        now = self.clock.now()
        held = hold(conn, [lane for lane, _ in items])
        mine = {_deal_key(lane): (lane, told) for lane, told in items if (lane.key, lane.fence) in held}
        record_all(conn, {key: told for key, (_, told) in mine.items()}, now)
        self.at("in_ledger")
        sight, versions = Sight(conn, mine), CurrentVersions(conn)
        decided = decide_all(sight, {key: told.deal for key, (_, told) in mine.items()}, versions, now)
        for project in self.projections:
            project(sight, versions, now)
        kept = {key: self._kept(conn, key, told, decided[key], now) for key, (_, told) in mine.items()}
        done = [
            Done(lane, told.cursor, kept[key].next_at)
            for key, (lane, told) in mine.items()
            if not (kept[key].has_open_writes and told.deal)
        ]
        if len(release_all(conn, done, now)) < len(done):
            raise LeaseLost
        self.at("in_release")
        return [kept[_deal_key(lane)] if (lane.key, lane.fence) in held else LeaseLost() for lane, _ in items]

    def _kept(self, conn: Connection, key: DealKey, told: DealLog, decided: Decided, now: datetime) -> Kept:
        again_at = _look_again(conn, key.installation_id, told, now)
        moments = [moment for moment in (decided.due_at, again_at) if moment is not None]
        return Kept(decided.has_open_writes, min(moments, default=None))

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


def _look_again(conn: Connection, installation_id: int, told: DealLog, now: datetime) -> datetime | None:
    """When to read again because the deal has moved, or was made, lately and the log does not show it."""
    deal = told.deal
    age = now - deal.updated_at if deal else LOOK_AGAIN_UNTIL
    if deal is None or age >= LOOK_AGAIN_UNTIL or (told.moves and told.moves[-1].to_stage == deal.stage):
        return None
    last = last_move_of(conn, installation_id, deal.id)
    is_behind = last is None or last.to_stage != deal.stage
    return now + max(LOOK_AGAIN, age / 2) if is_behind else None


def _deal_key(lane: ClaimedLane) -> DealKey:
    return DealKey(lane.key.installation_id, lane.key.entity_id)


def _where(lane: ClaimedLane) -> dict[str, object]:
    key = lane.key
    return {"installation_id": key.installation_id, "entity": key.entity, "entity_id": key.entity_id}
