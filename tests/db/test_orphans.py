"""Lanes that died with their process are free again at the next start, and a deadly one soon is not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import Database, open_database
from app.db.lane import CRASHED, MAX_CRASHES, ClaimedLane, LaneKey, LeaseLost, claim, release, ring, sweep
from app.db.orphans import free_orphans, living
from app.db.tables import lane
from tests.application import running, settings_for
from tests.factories import LEASE, NOW, TestClock, add_installation
from tests.installations.portal import Portal, adapter_of

SOON = NOW + timedelta(seconds=1)


class Lanes:
    """Lanes of one installation and what becomes of them."""

    def __init__(self, db: Database, tenant: int) -> None:
        self.db, self.tenant = db, tenant

    def key(self, deal_id: str) -> LaneKey:
        return LaneKey(self.tenant, "deal", deal_id)

    async def ring(self, *deals: str) -> None:
        await self.db.write(lambda conn: ring(conn, [self.key(each) for each in deals], NOW))

    async def claim(self, owner: str = "dead:0", at: Any = NOW) -> ClaimedLane | None:
        return await self.db.write(lambda conn: claim(conn, self.tenant, owner, at, LEASE))

    async def take(self, owner: str = "dead:0", at: Any = NOW) -> ClaimedLane:
        found = await self.claim(owner, at)
        assert found
        return found

    async def free(self, db: Database | None = None, at: Any = SOON) -> int:
        return await (db or self.db).write(lambda conn: free_orphans(conn, at))

    async def row(self, deal_id: str = "7") -> Any:
        query = select(lane).where(lane.c.installation_id == self.tenant, lane.c.entity_id == deal_id)
        return await self.db.read(lambda conn: conn.execute(query).one())


@pytest.fixture
def lanes(db: Database, installation_id: int) -> Lanes:
    return Lanes(db, installation_id)


@pytest.fixture
async def other(store: str, database_url: str, db: Database) -> AsyncIterator[Database]:
    """Another process on the same store, where several may run."""
    del store, db
    database = open_database(database_url)
    yield database
    await database.close()


async def test_a_lane_that_died_with_its_process_is_claimed_before_its_lease_ends(lanes: Lanes) -> None:
    await lanes.ring("7")
    await lanes.take()
    assert await lanes.claim("new:0", SOON) is None
    assert await lanes.free() == 1
    again = await lanes.take("new:0", SOON)
    assert (again.key, again.fence, again.want_seq) == (lanes.key("7"), 2, 1)


async def test_its_death_stays_counted(lanes: Lanes) -> None:
    await lanes.ring("7")
    await lanes.take()
    await lanes.free()
    again = await lanes.take("new:0", SOON)
    assert again.crashes == 1
    await lanes.db.write(lambda conn: release(conn, again, log_cursor="", next_at=None, now=SOON))
    assert (await lanes.row()).crashes == 0


async def test_a_lane_that_has_died_twice_waits_for_its_lease_and_is_parked_as_ever(lanes: Lanes) -> None:
    """Whoever is restarted at once, over and over, is not brought down by the same deal each time."""
    at = NOW
    await lanes.ring("7")
    await lanes.take(at=at)
    assert await lanes.free() == 1
    for deaths in range(2, MAX_CRASHES + 1):
        await lanes.take(at=at)
        assert (await lanes.row()).crashes == deaths
        assert await lanes.free(at=at) == 0
        assert await lanes.claim("new:0", at) is None
        at += LEASE
    assert await lanes.claim("new:0", at) is None
    swept = await lanes.db.write(lambda conn: sweep(conn, at))
    assert (swept.parked, (await lanes.row()).last_error) == (1, CRASHED)


async def test_whoever_was_taken_for_dead_can_change_nothing_more(lanes: Lanes) -> None:
    await lanes.ring("7")
    slow = await lanes.take()
    await lanes.free()
    await lanes.take("new:0", SOON)
    with pytest.raises(LeaseLost):
        await lanes.db.write(lambda conn: release(conn, slow, log_cursor="late", next_at=None, now=SOON))
    assert (await lanes.row()).log_cursor == ""


async def test_what_nobody_holds_stays_as_it_is(lanes: Lanes) -> None:
    await lanes.ring("7", "8")
    held = await lanes.take()
    await lanes.db.write(lambda conn: release(conn, held, log_cursor="c", next_at=None, now=NOW))
    before = [tuple(await lanes.row(each)) for each in ("7", "8")]
    assert await lanes.free() == 0
    assert [tuple(await lanes.row(each)) for each in ("7", "8")] == before


async def test_a_freed_lane_does_not_go_behind_the_whole_queue(lanes: Lanes) -> None:
    await lanes.ring("7")
    await lanes.take()
    await lanes.free()
    await lanes.db.write(
        lambda conn: ring(conn, [lanes.key("8")], SOON + timedelta(seconds=1), timedelta(minutes=1))
    )
    assert (await lanes.take("new:0", SOON + timedelta(seconds=2))).key == lanes.key("7")


@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_the_lanes_of_a_process_that_lives_are_left_to_it(lanes: Lanes, other: Database) -> None:
    await other.read(living)
    await lanes.ring("7", "8")
    await lanes.take(f"{other.name}:0")
    await lanes.take("dead:0")
    assert await lanes.free() == 1
    assert [(await lanes.row(each)).owner is None for each in ("7", "8")] == [False, True]


@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_a_process_is_alive_as_long_as_its_session(
    db: Database, database_url: str, lanes: Lanes
) -> None:
    other = open_database(database_url)
    assert {db.name, other.name} <= await other.read(living)
    await lanes.ring("7")
    await lanes.take(f"{other.name}:3")
    assert await lanes.free() == 0
    await other.close()
    async with asyncio.timeout(60):
        while other.name in await db.read(living):
            pass
    assert await lanes.free() == 1


async def test_a_start_takes_over_at_once_what_the_last_life_left(database_url: str, tmp_path: Path) -> None:
    """The clock stands still, so no lease ever ends."""
    db = open_database(database_url)
    lanes = Lanes(db, await db.write(add_installation))
    await lanes.ring("7")
    await lanes.take()
    settings = settings_for(database_url, tmp_path, workers=2)
    async with running(settings, adapter_of(Portal()), TestClock()), asyncio.timeout(120):
        while (await lanes.row()).fence == 1:
            pass
    await db.close()
