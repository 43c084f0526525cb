"""Several lanes at once: turns between accounts, fences, what is rung meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.lane import LaneKey, LeaseLost, postpone, release, ring
from app.db.lane_batch import ClaimedLane, Done, claim_in_turns, claim_of, hold, release_all
from app.db.tables import lane
from tests.factories import LEASE, NOW, add_installation

SECOND = timedelta(seconds=1)


def keys(installation_id: int, *deals: str) -> list[LaneKey]:
    return [LaneKey(installation_id, "deal", each) for each in deals]


def names(claimed: list[ClaimedLane]) -> set[str]:
    return {each.key.entity_id for each in claimed}


@pytest.fixture
async def tenants(db: Database) -> list[int]:
    """Three accounts: a long queue, a short one, none."""

    def work(conn: Connection) -> list[int]:
        found = [add_installation(conn, external_id=f"t{number}") for number in range(3)]
        for second in range(20):
            ring(conn, keys(found[0], f"long{second}"), NOW + second * SECOND)
        ring(conn, keys(found[1], "a", "b"), NOW + 30 * SECOND)
        return found

    return await db.write(work)


async def test_accounts_share_a_round_and_a_long_queue_takes_what_is_left(
    db: Database, tenants: list[int]
) -> None:
    at = NOW + 60 * SECOND
    first = await db.write(lambda conn: claim_in_turns(conn, "w", at, LEASE, 8, 0))
    assert names(first) == {"a", "b", *(f"long{number}" for number in range(6))}
    rest = await db.write(lambda conn: claim_in_turns(conn, "w", at, LEASE, 99, first[-1].key[0]))
    assert len(rest) == 14
    assert await db.write(lambda conn: claim_in_turns(conn, "w", at, LEASE, 8, 0)) == []


async def test_the_turn_begins_behind_who_was_served_last(db: Database, tenants: list[int]) -> None:
    at = NOW + 60 * SECOND
    [one] = await db.write(lambda conn: claim_in_turns(conn, "w", at, LEASE, 1, tenants[0]))
    assert one.key.installation_id == tenants[1]
    [two] = await db.write(lambda conn: claim_in_turns(conn, "w", at, LEASE, 1, tenants[1]))
    assert two.key == LaneKey(tenants[0], "deal", "long0")


async def test_only_lanes_that_are_still_ours_are_held_and_released(db: Database, tenants: list[int]) -> None:
    at = NOW + 60 * SECOND
    mine = await db.write(lambda conn: claim_of(conn, tenants[1], "w", at, LEASE, 2))
    stale = replace(mine[0], fence=mine[0].fence - 1)
    strange = replace(mine[1], owner="somebody else")
    held = await db.write(lambda conn: hold(conn, [stale, strange, *mine]))
    assert held == {(each.key, each.fence) for each in mine}
    done = [Done(each, "7", None) for each in (stale, strange, mine[0])]
    assert await db.write(lambda conn: release_all(conn, done, at)) == {(mine[0].key, mine[0].fence)}
    rows = await db.read(
        lambda conn: conn.execute(
            select(lane.c.entity_id, lane.c.log_cursor, lane.c.owner).where(
                lane.c.installation_id == tenants[1]
            )
        ).all()
    )
    assert {tuple(row) for row in rows} == {
        (mine[0].key.entity_id, "7", None),
        (mine[1].key.entity_id, "", "w"),
    }


async def test_a_lane_rung_meanwhile_stays_awake_with_the_rings_own_turn(
    db: Database, tenants: list[int]
) -> None:
    at = NOW + 60 * SECOND
    [mine, other] = await db.write(lambda conn: claim_of(conn, tenants[1], "w", at, LEASE, 2))

    def work(conn: Connection) -> tuple[object, ...]:
        ring(conn, [mine.key], at + SECOND, timedelta(minutes=5))
        release_all(conn, [Done(mine, "", None), Done(other, "", None)], at + 2 * SECOND)
        found = select(lane.c.head_at, lane.c.turn_at).where(
            lane.c.installation_id == tenants[1], lane.c.entity_id == mine.key.entity_id
        )
        return tuple(conn.execute(found).one())

    assert await db.write(work) == (at + 2 * SECOND, at + SECOND + timedelta(minutes=5))
    assert names(await db.write(lambda conn: claim_of(conn, tenants[1], "w", at + LEASE, LEASE, 9))) == {
        mine.key.entity_id
    }


async def test_a_lane_that_failed_before_is_not_last_when_it_was_rung_meanwhile(
    db: Database, installation_id: int
) -> None:
    def work(conn: Connection) -> object:
        ring(conn, keys(installation_id, "1"), NOW)
        [first] = claim_of(conn, installation_id, "w", NOW, LEASE)
        postpone(conn, first, retry_at=NOW + SECOND, error="x", now=NOW)
        [again] = claim_of(conn, installation_id, "w", NOW + SECOND, LEASE)
        ring(conn, [again.key], NOW + SECOND)
        release(conn, again, log_cursor="", next_at=None, now=NOW + 2 * SECOND)
        return conn.scalar(select(lane.c.turn_at))

    assert await db.write(work) == NOW + 2 * SECOND


async def test_a_single_release_without_the_fence_is_refused(db: Database, tenants: list[int]) -> None:
    at = NOW + 60 * SECOND
    [mine] = await db.write(lambda conn: claim_of(conn, tenants[1], "w", at, LEASE))
    stale = replace(mine, fence=mine.fence - 1)
    with pytest.raises(LeaseLost):
        await db.write(lambda conn: release(conn, stale, log_cursor="", next_at=None, now=at))
