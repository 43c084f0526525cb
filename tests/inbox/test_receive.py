import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from app.crm.events import CatalogTouched, ContactTouched, DealTouched, InboundEvent, Unhandled
from app.db.engine import Database
from app.db.lane import LaneKey
from app.db.tables import authorize_state, delivery, lane, seen_token
from app.errors import Overloaded
from app.inbox.group_commit import GroupCommit
from app.inbox.owners import REMEMBERED, Owner, Owners
from app.inbox.prune import PORTION, prune
from app.inbox.receive import Arrival, lanes_of, store_arrivals
from tests.factories import NOW, TestClock
from tests.inbox.door_kit import doorstep


def arrival(
    installation_id: int, *deals: str, state: str = "routed", age: timedelta = timedelta()
) -> Arrival:
    lanes = tuple(LaneKey(installation_id, "deal", each) for each in deals)
    return Arrival(installation_id, NOW - age, b"sealed", b"h" * 32, "r", state, "", lanes)


def _count(conn: Connection) -> int:
    return int(conn.scalar(select(func.count()).select_from(delivery)) or 0)


def test_each_lane_of_a_delivery_is_named_once_in_the_order_of_arrival() -> None:
    events: list[InboundEvent] = [
        DealTouched("2"),
        ContactTouched("1"),
        DealTouched("2"),
        Unhandled("x"),
        CatalogTouched(),
    ]
    assert lanes_of(5, events) == (
        LaneKey(5, "deal", "2"),
        LaneKey(5, "contact", "1"),
        LaneKey(5, "account", "catalog"),
    )


async def test_arrivals_of_one_commit_add_up_in_their_lanes(db: Database, installation_id: int) -> None:
    arrivals = [arrival(installation_id, "1", "2"), arrival(installation_id, "2"), arrival(installation_id)]
    await db.write(lambda conn: store_arrivals(conn, arrivals, NOW))
    query = select(lane.c.entity_id, lane.c.want_seq).order_by(lane.c.entity_id)
    assert await db.read(lambda conn: [tuple(row) for row in conn.execute(query)]) == [("1", 1), ("2", 2)]
    assert await db.read(_count) == 3


async def test_an_arrival_for_a_tenant_that_is_gone_is_not_stored(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await db.write(lambda conn: store_arrivals(conn, [arrival(77, "1")], NOW))
    assert await db.read(_count) == 0


async def test_one_bad_arrival_does_not_take_the_others_with_it(db: Database, installation_id: int) -> None:
    async def store(arrivals: Sequence[Arrival]) -> None:
        await db.write(lambda conn: store_arrivals(conn, arrivals, NOW))

    group: GroupCommit[Arrival] = GroupCommit(store)
    items = [arrival(installation_id, "1"), arrival(77, "1"), arrival(installation_id, "2")]
    outcomes = await asyncio.gather(*[group.add(each) for each in items], return_exceptions=True)
    await group.close()
    assert [type(outcome) for outcome in outcomes] == [type(None), IntegrityError, type(None)]
    assert await db.read(_count) == 2


class Slow:
    """A store that waits until it is let go on."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.gate = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> None:
        self.sizes.append(len(items))
        await self.gate.wait()


async def test_what_comes_during_a_commit_shares_the_next_one() -> None:
    slow = Slow()
    group: GroupCommit[int] = GroupCommit(slow, shared=4)
    first = group.add(1)
    await asyncio.sleep(0)
    others = [group.add(number) for number in range(6)]
    assert not first.done()
    slow.gate.set()
    await asyncio.gather(first, *others)
    assert slow.sizes == [1, 4, 2]


async def test_a_request_is_not_answered_before_its_commit() -> None:
    slow = Slow()
    group: GroupCommit[int] = GroupCommit(slow)
    waiting = [group.add(1), group.add(2)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert not any(each.done() for each in waiting)
    slow.gate.set()
    await asyncio.gather(*waiting)


async def test_a_full_queue_refuses_and_a_closed_one_finishes_what_it_took() -> None:
    slow = Slow()
    group: GroupCommit[int] = GroupCommit(slow, queue_limit=2, shared=1)
    first = group.add(1)
    await asyncio.sleep(0)
    waiting = [group.add(2), group.add(3)]
    with pytest.raises(Overloaded):
        group.add(4)
    slow.gate.set()
    await group.close()
    assert all(each.done() for each in (first, *waiting))
    with pytest.raises(Overloaded):
        group.add(5)


async def test_a_sender_that_gives_up_does_not_disturb_the_others() -> None:
    slow = Slow()
    group: GroupCommit[int] = GroupCommit(slow)
    gone, there = group.add(1), group.add(2)
    gone.cancel()
    slow.gate.set()
    await there
    await group.close()


async def test_additions_one_after_the_other_all_get_through() -> None:
    slow = Slow()
    slow.gate.set()
    group: GroupCommit[int] = GroupCommit(slow)
    for number in range(50):
        await group.add(number)
    assert slow.sizes == [1] * 50


async def test_a_database_that_is_away_is_told_to_everybody_in_the_group() -> None:
    async def away(_: Sequence[int]) -> None:
        raise OperationalError("INSERT", {}, Exception("away"))

    group: GroupCommit[int] = GroupCommit(away)
    outcomes = await asyncio.gather(group.add(1), group.add(2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 2


async def test_a_door_whose_database_is_closed_asks_to_send_again(db: Database, installation_id: int) -> None:
    async with doorstep(db, installation_id, TestClock()) as step:
        assert (await step.post("deal=1")).status_code == 204
        await step.app.state.door.close()
        answer = await step.post("deal=1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["code"] == "overloaded"


async def test_wrong_addresses_are_remembered_in_a_bounded_space_only() -> None:
    asked: list[str] = []

    async def find(_: str, key: str) -> Owner | None:
        asked.append(key)
        return None

    owners = Owners(find, TestClock())
    for number in range(REMEMBERED):
        assert await owners.of("fake", str(number)) is None
    assert await owners.of("fake", str(REMEMBERED - 1)) is None
    assert len(asked) == REMEMBERED
    assert len(owners._unknown) <= 2_000


async def test_pruning_keeps_a_week_of_deliveries_and_a_month_of_those_set_aside(
    db: Database, installation_id: int
) -> None:
    week, month, second = timedelta(days=7), timedelta(days=30), timedelta(seconds=1)
    kept = [
        arrival(installation_id, age=week - second),
        arrival(installation_id, state="quarantined", age=month - second),
    ]
    old = [
        arrival(installation_id, age=week),
        arrival(installation_id, age=month * 2),
        arrival(installation_id, state="quarantined", age=month),
    ]

    def prepare(conn: Connection) -> None:
        store_arrivals(conn, [*kept, *old], NOW)
        for number, expires_at in enumerate((NOW, NOW + second)):
            row = {"expires_at": expires_at}
            conn.execute(
                insert(seen_token).values(installation_id=installation_id, token_id=str(number), **row)
            )
            conn.execute(insert(authorize_state).values(state_hash=bytes([number]) * 32, crm="fake", **row))

    await db.write(prepare)
    assert await db.write(lambda conn: prune(conn, NOW)) == len(old) + 2
    assert await db.write(lambda conn: prune(conn, NOW)) == 0
    left = await db.read(lambda conn: conn.execute(select(delivery.c.state, delivery.c.received_at)).all())
    assert sorted(tuple(row) for row in left) == sorted((each.state, each.received_at) for each in kept)


async def test_pruning_goes_in_portions(db: Database, installation_id: int) -> None:
    old = [arrival(installation_id, age=timedelta(days=8))] * (PORTION + 1)
    await db.write(lambda conn: store_arrivals(conn, old, NOW))
    assert await db.write(lambda conn: prune(conn, NOW)) == PORTION
    assert await db.write(lambda conn: prune(conn, NOW)) == 1
