"""Keeping what the CRM's logs say: ledger, verdicts, writes and projections of several deals at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import Clock
from app.crm.port import DealLog
from app.db.engine import Database
from app.db.lane import ClaimedLane, LeaseLost
from app.db.lane_batch import Done, hold, release_all
from app.errors import Overloaded
from app.funnels.current import CurrentVersions
from app.inbox.new_stages import NewStages
from app.ledger.read import last_move_of
from app.ledger.record import record_all
from app.ledger.sight import DealKey, Sight
from app.observability import get_logger
from app.verdicts.decide import Decided, decide_all

log = get_logger("inbox")

Projection = Callable[[Sight, CurrentVersions, datetime], None]
"""Keeps another table in step with the ledger, for all deals of a sight."""

LOOK_AGAIN = timedelta(seconds=3)
LOOK_AGAIN_UNTIL = timedelta(minutes=2)
"""A deal that stands elsewhere than its log says is read again, until this long after it changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a deal's lane when its log is in the ledger: writes, and a moment to look again."""

    has_open_writes: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the logs of lanes that are held. `projections` run in the ledger's own transaction; `at`
    hears the named points of a run."""

    db: Database
    clock: Clock
    projections: Sequence[Projection]
    at: Callable[[str], None]
    new_stages: NewStages = field(default_factory=NewStages)

    async def keep(self, items: Sequence[tuple[ClaimedLane, DealLog]]) -> Sequence[Kept | Exception]:
        """All in one transaction; when one fails, each in its own, so that only that one fails.

        When the store itself is away, nobody is tried one by one.
        """
        if len(items) > 1:
            try:
                return await self.db.write(lambda conn: self.keep_all(conn, items))
            except Exception as error:
                if isinstance(error, OSError | Overloaded) or getattr(error, "connection_invalidated", False):
                    raise
                log.warning("lanes kept one by one", count=len(items), reason=type(error).__name__)
        answers: list[Kept | Exception] = []
        for item in items:
            try:
                answers += await self.db.write(lambda conn, item=item: self.keep_all(conn, [item]))  # type: ignore[misc]  # mypy: default in lambda
            except Exception as error:  # noqa: BLE001  raised again for the lane that it belongs to
                answers.append(error)
        return answers

    def keep_all(
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
        unnamed = self.new_stages.look(conn, {key: told for key, (_, told) in mine.items()}, now)
        kept = {
            key: self._kept(conn, key, told, decided[key], unnamed.get(key), now)
            for key, (_, told) in mine.items()
        }
        done = [
            Done(lane, told.cursor, kept[key].next_at)
            for key, (lane, told) in mine.items()
            if not (kept[key].has_open_writes and told.deal)
        ]
        if len(release_all(conn, done, now)) < len(done):
            raise LeaseLost
        self.at("in_release")
        return [kept[_deal_key(lane)] if (lane.key, lane.fence) in held else LeaseLost() for lane, _ in items]

    def _kept(
        self,
        conn: Connection,
        key: DealKey,
        told: DealLog,
        decided: Decided,
        unnamed_at: datetime | None,
        now: datetime,
    ) -> Kept:
        again_at = _look_again(conn, key.installation_id, told, now)
        moments = [moment for moment in (decided.due_at, again_at, unnamed_at) if moment is not None]
        return Kept(decided.has_open_writes, min(moments, default=None))


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
