import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from app.db.engine import Database
from app.db.lane import (
    CRASHED,
    MAX_CRASHES,
    ClaimedLane,
    LaneKey,
    LeaseLost,
    claim,
    drop_parked,
    heartbeat,
    park,
    parked_lanes,
    postpone,
    ready_installations,
    release,
    ring,
    sweep,
    unpark,
    wake_at,
)
from app.db.tables import installation, lane
from tests.factories import LEASE, NOW, add_installation

LATER = NOW + timedelta(minutes=5)


def deal(installation_id: int, deal_id: str = "7") -> LaneKey:
    return LaneKey(installation_id, "deal", deal_id)


class Lanes:
    """The lane functions, each in a transaction of its own."""

    def __init__(self, db: Database, installation_id: int) -> None:
        self.db = db
        self.tenant = installation_id

    async def ring(self, *deals: str, at: datetime = NOW) -> None:
        await self.db.write(lambda conn: ring(conn, [deal(self.tenant, each) for each in deals], at))

    async def claim(self, owner: str = "one", at: datetime = NOW) -> ClaimedLane | None:
        return await self.db.write(lambda conn: claim(conn, self.tenant, owner, at, LEASE))

    async def take(self, owner: str = "one", at: datetime = NOW) -> ClaimedLane:
        found = await self.claim(owner, at)
        assert found is not None
        return found

    async def release(
        self, claimed: ClaimedLane, cursor: str = "", next_at: datetime | None = None, at: datetime = NOW
    ) -> None:
        await self.db.write(lambda conn: release(conn, claimed, log_cursor=cursor, next_at=next_at, now=at))

    async def row(self, deal_id: str = "7") -> Any:
        query = select(lane).where(lane.c.installation_id == self.tenant, lane.c.entity_id == deal_id)
        return await self.db.read(lambda conn: conn.execute(query).one())


@pytest.fixture
def lanes(db: Database, installation_id: int) -> Lanes:
    return Lanes(db, installation_id)


async def test_a_rung_lane_is_claimed_by_one_only(lanes: Lanes) -> None:
    await lanes.ring("7", "7")
    first = await lanes.take("one")
    assert (first.key, first.want_seq, first.fence) == (deal(lanes.tenant), 2, 1)
    assert (first.log_cursor, first.crashes, first.tries) == ("", 0, 0)
    assert await lanes.claim("two") is None


async def test_a_released_lane_sleeps_and_keeps_its_cursor(lanes: Lanes) -> None:
    await lanes.ring("7")
    await lanes.release(await lanes.take(), "c1")
    assert await lanes.claim() is None
    assert (await lanes.row()).head_at is None
    await lanes.ring("7")
    again = await lanes.take()
    assert (again.log_cursor, again.want_seq, again.fence) == ("c1", 2, 2)


async def test_a_ring_during_a_run_keeps_the_lane_awake(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.ring("7")
    await lanes.release(claimed)
    assert (await lanes.take()).want_seq == 2


async def test_a_ring_beats_the_wish_to_sleep_until_later(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.ring("7")
    await lanes.release(claimed, next_at=LATER)
    assert await lanes.claim() is not None


async def test_the_lane_that_waited_longest_comes_first_and_a_busy_one_goes_to_the_end(lanes: Lanes) -> None:
    for position, each in enumerate(("3", "1", "2")):
        await lanes.ring(each, at=NOW + timedelta(seconds=position))
    late = NOW + timedelta(seconds=10)
    first = await lanes.take(at=late)
    await lanes.ring("3", at=late)
    await lanes.release(first, at=late)
    order = [first.key.entity_id, *[(await lanes.take(at=late)).key.entity_id for _ in range(3)]]
    assert order == ["3", "1", "2", "3"]


async def test_a_lane_is_not_claimed_before_its_time(lanes: Lanes) -> None:
    await lanes.ring("7")
    await lanes.release(await lanes.take(), next_at=LATER)
    assert await lanes.claim(at=LATER - timedelta(microseconds=1)) is None
    assert await lanes.claim(at=LATER) is not None


async def test_a_timer_wakes_a_sleeping_lane_and_an_unknown_one(lanes: Lanes) -> None:
    await lanes.db.write(lambda conn: wake_at(conn, deal(lanes.tenant), LATER))
    assert await lanes.claim() is None
    await lanes.release(await lanes.take(at=LATER), at=LATER)
    assert await lanes.claim(at=LATER + timedelta(days=1)) is None


async def test_a_timer_set_during_a_run_survives_the_release(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: wake_at(conn, claimed.key, LATER))
    await lanes.db.write(lambda conn: wake_at(conn, claimed.key, LATER + timedelta(hours=1)))
    await lanes.release(claimed)
    assert await lanes.claim() is None
    assert await lanes.claim(at=LATER) is not None


async def test_of_two_times_the_earlier_counts(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: wake_at(conn, claimed.key, LATER + timedelta(hours=1)))
    await lanes.release(claimed, next_at=LATER)
    assert (await lanes.row()).head_at == LATER
    second = await lanes.take(at=LATER)
    await lanes.release(second, at=LATER)
    assert (await lanes.row()).head_at == LATER + timedelta(hours=1)


async def test_an_ended_lease_gives_the_lane_to_the_next_and_fences_the_first_off(lanes: Lanes) -> None:
    await lanes.ring("7")
    first = await lanes.take("one")
    after = NOW + LEASE
    second = await lanes.take("two", after)
    assert (second.fence, second.crashes) == (2, 1)
    for late in (
        lambda conn: release(conn, first, log_cursor="lost", next_at=None, now=after),
        lambda conn: heartbeat(conn, first, after, LEASE),
        lambda conn: postpone(conn, first, retry_at=LATER, error="", now=after),
        lambda conn: park(conn, first, error="", now=after),
    ):
        with pytest.raises(LeaseLost):
            await lanes.db.write(late)
    await lanes.release(second, "kept", at=after)
    assert (await lanes.row()).log_cursor == "kept"


async def test_a_fenced_off_transaction_leaves_nothing(lanes: Lanes) -> None:
    await lanes.ring("7")
    first = await lanes.take("one")
    await lanes.take("two", NOW + LEASE)

    def store_and_release(conn: Connection) -> None:
        conn.execute(update(installation).values(title="changed"))
        release(conn, first, log_cursor="", next_at=None, now=NOW)

    with pytest.raises(LeaseLost):
        await lanes.db.write(store_and_release)
    assert await lanes.db.read(lambda conn: conn.scalar(select(installation.c.title))) == "First"


async def test_a_released_lane_cannot_be_released_again(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.release(claimed)
    with pytest.raises(LeaseLost):
        await lanes.release(claimed)


async def test_a_heartbeat_prolongs_the_lease(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    half = NOW + LEASE / 2
    await lanes.db.write(lambda conn: heartbeat(conn, claimed, half, LEASE))
    assert await lanes.claim("two", NOW + LEASE) is None
    assert await lanes.claim("two", half + LEASE) is not None


async def test_a_postponed_lane_waits_through_rings_and_counts_its_tries(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: postpone(conn, claimed, retry_at=LATER, error="e" * 9000, now=NOW))
    for _ in range(100):
        await lanes.ring("7")
    assert await lanes.claim() is None
    again = await lanes.take(at=LATER)
    assert (again.tries, again.crashes, again.want_seq) == (1, 0, 101)
    assert len((await lanes.row()).last_error) == 500
    await lanes.release(again, at=LATER)
    row = await lanes.row()
    assert (row.tries, row.last_error, row.head_at) == (0, "", None)


async def test_a_lane_that_keeps_crashing_is_parked_and_the_others_go_on(lanes: Lanes) -> None:
    at = NOW
    await lanes.ring("7")
    for _ in range(MAX_CRASHES):
        await lanes.take(at=at)
        at += LEASE
    await lanes.ring("8", at=at)
    assert (await lanes.take(at=at)).key.entity_id == "8"
    assert await lanes.claim(at=at) is None
    swept = await lanes.db.write(lambda conn: sweep(conn, at))
    assert (swept.woken, swept.parked) == (0, 1)
    [parked] = await lanes.db.read(lambda conn: parked_lanes(conn, lanes.tenant))
    assert (parked.key, parked.crashes) == (deal(lanes.tenant), MAX_CRASHES)
    assert (parked.last_error, parked.since) == (CRASHED, at)


async def test_the_last_run_before_parking_is_not_disturbed_by_the_sweep(lanes: Lanes) -> None:
    at = NOW
    await lanes.ring("7")
    for _ in range(MAX_CRASHES - 1):
        await lanes.take(at=at)
        at += LEASE
    last = await lanes.take(at=at)
    assert (await lanes.db.write(lambda conn: sweep(conn, at))).parked == 0
    await lanes.release(last, at=at)
    assert (await lanes.row()).crashes == 0


async def test_a_parked_lane_keeps_its_work_until_a_person_frees_it(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: park(conn, claimed, error="poison", now=NOW))
    await lanes.ring("7")
    assert await lanes.claim(at=LATER) is None
    assert await lanes.db.read(lambda conn: ready_installations(conn, LATER)) == []
    assert await lanes.db.write(lambda conn: unpark(conn, deal(lanes.tenant), LATER))
    assert not await lanes.db.write(lambda conn: unpark(conn, deal(lanes.tenant), LATER))
    assert (await lanes.take(at=LATER)).want_seq == 2


async def test_a_freed_lane_is_as_if_it_had_never_failed_and_is_done_at_once(lanes: Lanes) -> None:
    await lanes.ring("7", "8")
    for number in range(MAX_CRASHES):
        await lanes.take(at=NOW + number * LEASE)
        await lanes.take(at=NOW + number * LEASE)
    at = NOW + MAX_CRASHES * LEASE
    assert (await lanes.db.write(lambda conn: sweep(conn, at))).parked == 2
    assert await lanes.claim(at=at) is None
    assert await lanes.db.write(lambda conn: unpark(conn, deal(lanes.tenant), at))
    freed = await lanes.take(at=at)
    assert (freed.key.entity_id, freed.crashes, freed.tries) == ("7", 0, 0)
    await lanes.release(freed, at=at)
    assert (await lanes.row()).last_error == ""


async def test_a_parked_lane_says_since_when_it_waits_whatever_rings(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: park(conn, claimed, error="poison", now=LATER))
    await lanes.ring("7", at=LATER + LEASE)
    [parked] = await lanes.db.read(lambda conn: parked_lanes(conn, lanes.tenant))
    assert (parked.last_error, parked.since) == ("poison", LATER)


async def test_a_dropped_lane_sleeps_until_it_is_rung_again(lanes: Lanes) -> None:
    await lanes.ring("7")
    claimed = await lanes.take()
    await lanes.db.write(lambda conn: park(conn, claimed, error="poison", now=NOW))
    assert await lanes.db.write(lambda conn: drop_parked(conn, deal(lanes.tenant)))
    assert not await lanes.db.write(lambda conn: drop_parked(conn, deal(lanes.tenant)))
    assert await lanes.claim(at=LATER) is None
    assert (await lanes.db.write(lambda conn: sweep(conn, LATER))).woken == 0
    await lanes.ring("7", at=LATER)
    assert (await lanes.take(at=LATER)).crashes == 0


async def test_the_sweep_wakes_what_sleeps_with_work(lanes: Lanes) -> None:
    await lanes.ring("7", "8")
    await lanes.db.write(lambda conn: conn.execute(update(lane).values(head_at=None)))
    assert (await lanes.db.write(lambda conn: sweep(conn, NOW))).woken == 2
    assert (await lanes.db.write(lambda conn: sweep(conn, NOW))).woken == 0
    assert await lanes.claim() is not None


async def test_ready_installations_are_active_and_have_something_to_claim(db: Database) -> None:
    def prepare(conn: Connection) -> list[int]:
        made = [add_installation(conn, external_id=str(number)) for number in range(5)]
        ring(conn, [deal(each) for each in made[:4]], NOW)
        conn.execute(update(installation).where(installation.c.id == made[1]).values(state="paused"))
        conn.execute(update(lane).where(lane.c.installation_id == made[2]).values(head_at=LATER))
        claim(conn, made[3], "one", NOW, LEASE)
        return made

    made = await db.write(prepare)
    assert await db.read(lambda conn: ready_installations(conn, NOW)) == [made[0]]
    assert await db.read(lambda conn: ready_installations(conn, NOW + LEASE)) == [made[0], made[3]]


async def test_a_claim_stays_within_its_installation(db: Database) -> None:
    def prepare(conn: Connection) -> tuple[int, int]:
        first, second = (add_installation(conn, external_id=each) for each in "12")
        ring(conn, [deal(first)], NOW)
        return first, second

    first, second = await db.write(prepare)
    assert await db.write(lambda conn: claim(conn, second, "one", LATER, LEASE)) is None
    assert await db.write(lambda conn: claim(conn, first, "one", LATER, LEASE)) is not None


async def test_lanes_of_deals_contacts_and_accounts_do_not_mix(lanes: Lanes) -> None:
    keys = [LaneKey(lanes.tenant, entity, "7") for entity in ("account", "contact", "deal")]
    await lanes.db.write(lambda conn: ring(conn, keys, NOW))
    assert sorted([(await lanes.take()).key for _ in keys]) == keys


async def test_ringing_nothing_is_nothing(lanes: Lanes) -> None:
    await lanes.db.write(lambda conn: ring(conn, [], NOW))
    assert await lanes.claim() is None


async def test_no_ring_gets_lost_while_lanes_are_claimed_and_released(lanes: Lanes) -> None:
    """Ringers and workers race; at the end every ring has been seen and every lane sleeps."""
    rings, seen = 60, dict.fromkeys("123", 0)
    ringing = True

    async def ringer(number: int) -> None:
        for step in range(rings):
            await lanes.ring("123"[(step + number) % 3])

    async def worker(owner: str) -> None:
        while True:
            was_ringing = ringing
            claimed = await lanes.claim(owner)
            if claimed:
                seen[claimed.key.entity_id] = claimed.want_seq
                await lanes.release(claimed)
            elif not was_ringing:
                return

    workers = [asyncio.create_task(worker(f"w{number}")) for number in range(3)]
    await asyncio.gather(*(ringer(number) for number in range(3)))
    ringing = False
    await asyncio.gather(*workers)
    assert seen == dict.fromkeys("123", rings)
    assert (await lanes.db.write(lambda conn: sweep(conn, NOW))).woken == 0
    assert [(await lanes.row(each)).done_seq for each in "123"] == [rings] * 3


async def test_rings_of_many_lanes_in_any_order_do_not_lock_each_other_out(lanes: Lanes) -> None:
    names = [str(number) for number in range(30)]
    orders: list[Callable[[], list[str]]] = [lambda: names, lambda: names[::-1]]
    await asyncio.gather(*(lanes.ring(*orders[number % 2]()) for number in range(20)))
    assert {(await lanes.row(each)).want_seq for each in names} == {20}
