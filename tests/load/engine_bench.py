"""How many events a second the engine works off: claim, record, judge, release, without a CRM's delay."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import cast

from sqlalchemy import Connection

from app.clock import SystemClock
from app.config import Settings
from app.crm.port import CrmClient, DealLog
from app.db.engine import Database, open_database
from app.db.lane import LaneKey, ring
from app.db.schema import upgrade
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.stage import Stage, StageKind, StageRef
from app.funnels.publish import publish
from app.inbox.process import Processor
from app.wiring import PROJECTIONS
from tests.factories import add_installation
from tests.mapping import checkpoint, gate, mapping

STAGES = [StageRef("p", name) for name in "abcd"]
TASKS = Settings.model_fields["workers"].default
ACCOUNTS = 5
ROUNDS = 3
BATCH = 20
"""Events of one deal that come while one run of it is under way."""


class TalkingClient:
    """A CRM whose log of a deal has `fresh` new moves whenever it is asked."""

    def __init__(self, fresh: int) -> None:
        self._fresh = fresh
        self._numbers = itertools.count(1)
        self._born = datetime.now(tz=SystemClock().now().tzinfo) - timedelta(days=1)

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The deal and its new moves."""
        now = SystemClock().now()
        start = int(cursor or 0)
        moves = tuple(self._move(deal_id, start + number, now) for number in range(self._fresh))
        deal = Deal(deal_id, "Deal", moves[-1].to_stage, self._born, now, now)
        return DealLog(deal, moves, (), str(start + self._fresh))

    def _move(self, deal_id: str, number: int, now: datetime) -> StageMove:
        return StageMove(
            f"{deal_id}-{next(self._numbers)}",
            deal_id,
            STAGES[number % 4],
            STAGES[(number + 1) % 4],
            "501",
            MoveOrigin.PERSON,
            now,
            now,
        )


async def measure_spread(url: str, deals: int) -> float:
    """Events a second when each of many deals has one; the median of some rounds with new deals."""
    await upgrade(url)
    db = open_database(url)
    tenants = await _accounts(db, ACCOUNTS)
    processor = _processor(db, 1)
    speeds = []
    for number in range(ROUNDS):
        names = range(number * deals, (number + 1) * deals)
        keys = [LaneKey(tenants[name % ACCOUNTS], "deal", str(name + 1)) for name in names]
        speeds.append(await _spread(db, processor, keys))
    await db.close()
    return median(speeds)


async def _spread(db: Database, processor: Processor, keys: Sequence[LaneKey]) -> float:
    await db.write(lambda conn: ring(conn, keys, SystemClock().now()))
    started = time.perf_counter()
    done = sum(await asyncio.gather(*(_work(processor, f"t{number}") for number in range(TASKS))))
    took = time.perf_counter() - started
    if done < len(keys):
        raise RuntimeError(f"only {done} of {len(keys)} lanes were worked off")
    return len(keys) / took


async def measure_hot(url: str, events: int) -> float:
    """Events a second when all are of one deal, in batches as they gather during a run; the median of
    some rounds with a new deal each."""
    await upgrade(url)
    db = open_database(url)
    [tenant] = await _accounts(db, 1)
    processor = _processor(db, BATCH)
    speeds = [
        await _hot(db, processor, LaneKey(tenant, "deal", str(number)), events // BATCH // ROUNDS)
        for number in range(ROUNDS)
    ]
    await db.close()
    return median(speeds)


async def _hot(db: Database, processor: Processor, key: LaneKey, runs: int) -> float:
    started = time.perf_counter()
    for _ in range(runs):
        await db.write(lambda conn: ring(conn, [key] * BATCH, SystemClock().now()))
        if not await processor.run_once("hot"):
            raise RuntimeError("the lane was not ready")
    return runs * BATCH / (time.perf_counter() - started)


async def _work(processor: Processor, owner: str) -> int:
    done = 0
    while await processor.run_once(owner):
        done += 1
    return done


async def _accounts(db: Database, count: int) -> Sequence[int]:
    """Accounts that judge: stage c demands a call, and the panel counts every step."""
    stages = tuple(Stage(ref, ref.stage_id, StageKind.OPEN, number) for number, ref in enumerate(STAGES))
    document = mapping([checkpoint("called")], [gate("c", "called", mode="shadow")])

    def make(conn: Connection) -> list[int]:
        made = [add_installation(conn, external_id=f"engine-{number}") for number in range(count)]
        long_ago = SystemClock().now() - timedelta(days=2)
        for each in made:
            publish(conn, each, "p", document, stages=stages, by="bench", now=long_ago)
        return made

    return await db.write(make)


def _processor(db: Database, fresh: int) -> Processor:
    client = cast(CrmClient, TalkingClient(fresh))

    async def open_client(_: int) -> CrmClient:
        return client

    return Processor(db, open_client, SystemClock(), PROJECTIONS)
