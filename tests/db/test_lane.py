from app.db.engine import Database
from app.db.lane import LaneKey, claim, ring
from tests.factories import LEASE, NOW


async def test_a_rung_lane_is_claimed_once(db: Database, installation_id: int) -> None:
    key = LaneKey(installation_id, "deal", "7")
    await db.write(lambda conn: ring(conn, [key, key], NOW))
    first = await db.write(lambda conn: claim(conn, installation_id, "one", NOW, LEASE))
    second = await db.write(lambda conn: claim(conn, installation_id, "two", NOW, LEASE))
    assert first is not None
    assert (first.key, first.want_seq, second) == (key, 2, None)
