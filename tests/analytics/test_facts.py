"""The sums of the panel always equal what a recount of the ledger gives."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, select, update

from app.analytics.facts import DAY, MONTH, SUM_KEY, SUMMED, month_of, refresh_deal, stored_sums
from app.analytics.rebuild import rebuild_pending, rebuild_step
from app.db.engine import Database, open_database
from app.db.sqlite import sqlite_driver
from app.db.tables import deal, deal_step, metadata
from app.funnels.account import count_by_segment
from tests.analytics.conftest import STEPS, History, mapping, publish_mapping, tell
from tests.factories import NOW, TestClock, add_installation


def recount(
    conn: Connection, installation_id: int, grain: str = DAY
) -> dict[tuple[object, ...], tuple[int, ...]]:
    sums: dict[tuple[object, ...], Counter[str]] = {}
    for row in conn.execute(select(deal_step).where(deal_step.c.installation_id == installation_id)):
        place = {column: getattr(row, column) for column in SUM_KEY}
        if grain == MONTH:
            place["cohort_day"] = month_of(row.cohort_day)
        count = sums.setdefault(tuple(place.values()), Counter())
        count["deals"] += 1
        for column in ("done", "ordered", "claimed"):
            count[column] += getattr(row, f"{column}_at") is not None
        count["ahead"] += row.claimed_at is not None and row.done_at is None
    return {key: tuple(int(count[column]) for column in SUMMED) for key, count in sums.items()}


def kept(
    conn: Connection, installation_id: int, grain: str = DAY
) -> dict[tuple[object, ...], tuple[int, ...]]:
    rows = stored_sums(conn, installation_id, grain)
    return {tuple(row[: len(SUM_KEY)]): tuple(int(str(sums)) for sums in row[len(SUM_KEY) :]) for row in rows}


async def test_a_deal_told_twice_is_counted_once(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    history = History("1", [("asked", 1), ("answered", 2)], [("talk", 3)])
    await db.write(tell(installation_id, history, history))
    sums = await db.read(lambda conn: kept(conn, installation_id))
    assert {key[-1]: value for key, value in sums.items()} == {
        "asked": (1, 1, 1, 0, 0),
        "answered": (1, 1, 1, 1, 0),
        "paid": (1, 0, 0, 0, 0),
        "gate:talk": (1, 1, 0, 1, 0),
        "gate:won": (1, 0, 0, 0, 0),
    }


async def test_a_deal_that_changes_hands_leaves_the_old_sums(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    await db.write(tell(installation_id, History("1", [("asked", 1)], responsible_id="7")))
    await db.write(tell(installation_id, History("1", [("asked", 1)], responsible_id="8")))
    sums = await db.read(lambda conn: kept(conn, installation_id))
    assert {key[3] for key in sums} == {"8"}


async def test_a_deleted_deal_leaves_the_report(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    await db.write(tell(installation_id, History("1", [("asked", 1)])))

    def remove(conn: Connection) -> None:
        conn.execute(delete(deal).where(deal.c.installation_id == installation_id))
        refresh_deal(conn, installation_id, "1", NOW)

    await db.write(remove)
    assert await db.read(lambda conn: kept(conn, installation_id)) == {}


async def test_a_new_version_re_reads_all_deals_in_batches(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    histories = [
        History(str(number), [("asked", 1)], source="shop" if number % 2 else "") for number in range(250)
    ]
    await db.write(tell(installation_id, *histories))
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping(segments=("shop", "all"))))
    assert await db.read(lambda conn: rebuild_pending(conn, installation_id, "p"))
    while await rebuild_step(db, TestClock()):
        pass
    sums = await db.read(lambda conn: kept(conn, installation_id))
    asked = {key[1]: value[0] for key, value in sums.items() if key[-1] == "asked"}
    assert asked == {"shop": 125, "all": 125}
    assert await db.read(lambda conn: count_by_segment(conn, installation_id, "p")) == asked
    assert not await db.read(lambda conn: rebuild_pending(conn, installation_id, "p"))


async def test_two_workers_on_one_deal_count_it_once(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    history = History("1", [("asked", 1)], [("talk", 2)])
    await db.write(tell(installation_id, History("1")))
    await asyncio.gather(*(db.write(tell(installation_id, history)) for _ in range(6)))
    assert await db.read(lambda conn: kept(conn, installation_id)) == await db.read(
        lambda conn: recount(conn, installation_id)
    )


histories = st.builds(
    History,
    deal_id=st.sampled_from(["1", "2", "3"]),
    acts=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9)), max_size=5),
    stages=st.lists(
        st.tuples(st.sampled_from(["talk", "won", "lost", "new"]), st.integers(0, 9)), max_size=3
    ),
    source=st.sampled_from(["", "shop"]),
    responsible_id=st.sampled_from(["7", "8"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(histories, max_size=12))
def test_sums_equal_a_recount_whatever_happens(told: list[History]) -> None:
    async def scenario(url: str) -> None:
        db = open_database(url)
        try:
            installation_id = await db.write(add_installation)
            await db.write(
                lambda conn: publish_mapping(conn, installation_id, mapping(segments=("shop", "all")))
            )
            for history in told:
                await db.write(tell(installation_id, history))
            for grain in (DAY, MONTH):
                sums = await db.read(partial(kept, installation_id=installation_id, grain=grain))
                assert sums == await db.read(partial(recount, installation_id=installation_id, grain=grain))
        finally:
            await db.close()

    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.db"
        engine = create_engine(f"sqlite:///{path}", module=sqlite_driver())
        metadata.create_all(engine)
        engine.dispose()
        asyncio.run(scenario(f"sqlite:///{path}"))


async def test_the_deal_is_told_its_segment_and_loses_it_with_the_funnel(
    db: Database, installation_id: int
) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    await db.write(tell(installation_id, History("1", [("asked", 1)], [])))
    segment = select(deal.c.segment_key)
    first = await db.read(lambda conn: conn.scalar(segment))
    assert first
    await db.write(lambda conn: conn.execute(update(deal).values(pipeline_id="elsewhere")))
    await db.write(lambda conn: refresh_deal(conn, installation_id, "1", NOW))
    assert await db.read(lambda conn: conn.scalar(segment)) == ""
