"""Who goes first when more comes than can be done at once."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from app.crm.events import CatalogTouched, ContactTouched, DealTouched, InboundEvent
from app.db.engine import Database
from app.db.lane import AT_ONCE, LaneKey, ring_each
from app.db.lane_batch import LONGEST_PATIENCE, claim_of
from app.inbox.patience import MASS, MASS_FROM, SWEPT, TOUCHED, patience_of
from app.inbox.receive import Arrival, store_arrivals
from tests.factories import LEASE, NOW

MINUTE = timedelta(minutes=1)


def of(installation_id: int, events: list[InboundEvent], *deals: str) -> Arrival:
    keys = tuple(LaneKey(installation_id, "deal", deal_id) for deal_id in deals)
    return Arrival(installation_id, NOW, b"", b"0" * 32, "r", lanes=keys, patience=patience_of(events))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([DealTouched("1", moved=True)], AT_ONCE),
        ([DealTouched("1"), DealTouched("2", moved=True)], AT_ONCE),
        ([DealTouched("1")], TOUCHED),
        ([ContactTouched("1")], TOUCHED),
        ([CatalogTouched()], TOUCHED),
        ([DealTouched(str(number), moved=True) for number in range(MASS_FROM)], MASS),
        ([DealTouched(str(number)) for number in range(MASS_FROM)], MASS),
        ([DealTouched("1", moved=True)] * MASS_FROM, AT_ONCE),
        ([], TOUCHED),
    ],
)
def test_moves_go_before_touches_and_single_deals_before_masses(
    events: list[InboundEvent], expected: timedelta
) -> None:
    assert patience_of(events) == expected
    assert expected <= LONGEST_PATIENCE
    assert SWEPT == LONGEST_PATIENCE


async def test_a_drag_behind_a_hook_with_thousands_of_deals_is_looked_at_first(
    db: Database, installation_id: int
) -> None:
    crowd = [str(number) for number in range(100, 3100)]
    mass = of(installation_id, [DealTouched(deal_id, moved=True) for deal_id in crowd], *crowd)
    note = of(installation_id, [DealTouched("2")], "2")
    drag = of(installation_id, [DealTouched("1", moved=True)], "1")

    def work(conn: Connection) -> list[str]:
        store_arrivals(conn, [mass], NOW)
        store_arrivals(conn, [note], NOW + 10 * MINUTE)
        store_arrivals(conn, [drag], NOW + 12 * MINUTE)
        claimed = [claim_of(conn, installation_id, "w", NOW + 13 * MINUTE, LEASE) for _ in range(3)]
        return [one.key.entity_id for [one] in claimed]

    assert (await db.write(work))[:2] == ["1", "2"]


async def test_nobody_stands_aside_for_longer_than_his_patience(db: Database, installation_id: int) -> None:
    touched, moved = (LaneKey(installation_id, "deal", each) for each in ("touched", "moved"))

    def work(conn: Connection) -> str:
        ring_each(conn, [(touched, TOUCHED)], NOW)
        ring_each(conn, [(moved, AT_ONCE)], NOW + TOUCHED + MINUTE)
        [first] = claim_of(conn, installation_id, "w", NOW + TOUCHED + MINUTE, LEASE)
        return first.key.entity_id

    assert await db.write(work) == "touched"


async def test_what_is_not_urgent_is_done_at_once_when_nothing_else_waits(
    db: Database, installation_id: int
) -> None:
    key = LaneKey(installation_id, "deal", "1")

    def work(conn: Connection) -> int:
        ring_each(conn, [(key, SWEPT)], NOW)
        return len(claim_of(conn, installation_id, "w", NOW, LEASE))

    assert await db.write(work) == 1


async def test_a_drag_makes_a_waiting_deal_urgent(db: Database, installation_id: int) -> None:
    other, both = (LaneKey(installation_id, "deal", each) for each in ("other", "both"))

    def work(conn: Connection) -> str:
        ring_each(conn, [(other, TOUCHED), (both, SWEPT)], NOW)
        ring_each(conn, [(both, AT_ONCE), (both, TOUCHED)], NOW + MINUTE)
        [first] = claim_of(conn, installation_id, "w", NOW + MINUTE, LEASE)
        return first.key.entity_id

    assert await db.write(work) == "both"
