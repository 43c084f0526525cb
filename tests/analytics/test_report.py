from datetime import timedelta
from functools import partial

import pytest

from app.analytics import queries
from app.analytics.presentation import csv_rows, show_report
from app.analytics.queries import Scope
from app.analytics.report import ConversionReport, Order, conversion_report
from app.db.engine import Database
from app.errors import Invalid
from tests.analytics.conftest import History, mapping, publish_mapping, tell
from tests.factories import NOW


async def read(
    db: Database,
    installation_id: int,
    order: Order = Order.ORDERED,
    steps: tuple[str, ...] = (),
    **chosen: str,
) -> ConversionReport:
    scope = Scope(installation_id, "p", (NOW - timedelta(days=30)).date(), NOW.date(), **chosen)
    return await db.read(lambda conn: conversion_report(conn, scope, order, NOW, steps))


async def fill(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping(segments=("shop", "all"))))
    deals = [
        History(f"a{n}", [("asked", 1), ("answered", 3)], [("talk", 2)], source="shop") for n in range(20)
    ]
    deals += [History(f"b{n}", [("asked", 1)], [("talk", 2), ("won", 4)], source="shop") for n in range(30)]
    deals += [History(f"c{n}", [("answered", 1), ("asked", 2)], responsible_id="8") for n in range(10)]
    deals += [History("old", [("asked", 1)], created_at=NOW - timedelta(days=90))]
    await db.write(tell(installation_id, *deals))


async def test_each_segment_has_its_own_funnel(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    report = await read(db, installation_id)
    shop, rest = report.segments
    assert [(step.done, step.entered) for step in shop.steps] == [(50, 50), (20, 50), (0, 20)]
    assert (shop.deals, rest.deals, report.deals) == (50, 10, 60)


async def test_order_matters_only_when_asked(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    ordered, any_order = await read(db, installation_id), await read(db, installation_id, Order.ANY)
    assert ordered.segments[1].steps[1].done == 0
    assert any_order.segments[1].steps[1].done == 10


async def test_statuses_say_more_than_clients(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    gap = {
        row.stage_id: (row.statuses_say, row.clients_say)
        for row in (await read(db, installation_id)).truth_gap
    }
    assert gap == {"talk": (50, 20), "won": (30, 0)}


async def test_the_bottleneck_names_segment_and_step(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    bottleneck = (await read(db, installation_id)).bottleneck
    assert bottleneck is not None
    assert (bottleneck[0].segment_key, bottleneck[1].key, bottleneck[1].dropped) == ("shop", "answered", 30)


async def test_medians_are_of_deals_that_took_both_steps(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    steps = (await read(db, installation_id)).segments[0].steps
    assert [step.median_seconds for step in steps] == [None, 7200.0, None]


async def test_filters_narrow_the_report(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    assert (await read(db, installation_id, responsible_id="8")).deals == 10
    assert [item.segment_key for item in (await read(db, installation_id, segment_key="shop")).segments] == [
        "shop"
    ]


async def test_without_a_published_mapping_the_report_is_empty_and_says_so(
    db: Database, installation_id: int
) -> None:
    report = await read(db, installation_id)
    assert (report.version_number, report.segments, report.deals) == (None, (), 0)


async def test_a_step_that_no_funnel_has_is_refused(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    with pytest.raises(Invalid, match="no_such"):
        await read(db, installation_id, steps=("no_such",))


async def test_chosen_steps_are_counted_in_the_order_given(db: Database, installation_id: int) -> None:
    await fill(db, installation_id)
    report = await read(db, installation_id, steps=("answered", "asked"))
    assert [step.done for step in report.segments[1].steps] == [10, 10]
    assert [step.done for step in report.segments[0].steps] == [20, 0]


async def test_a_spreadsheet_runs_nothing_of_the_export(db: Database, installation_id: int) -> None:
    document = mapping()
    document.segments[0].title = "=HYPERLINK(1)"
    await db.write(lambda conn: publish_mapping(conn, installation_id, document))
    rows = csv_rows(show_report(await read(db, installation_id), None))
    assert rows[1][0] == "'=HYPERLINK(1)"


async def test_a_long_period_counts_what_its_days_and_months_hold(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    made = [NOW - timedelta(days=days) for days in range(0, 400, 5)]
    deals = [History(f"d{n}", [("asked", 1)], created_at=at) for n, at in enumerate(made)]
    await db.write(tell(installation_id, *deals))
    for newest, oldest in ((0, 0), (3, 40), (10, 370), (35, 61), (62, 399)):
        first, last = (NOW - timedelta(days=oldest)).date(), (NOW - timedelta(days=newest)).date()
        scope = Scope(installation_id, "p", first, last)
        report = await db.read(partial(conversion_report, scope=scope, order=Order.ORDERED, now=NOW))
        assert report.deals == sum(first <= at.date() <= last for at in made)


async def test_the_median_of_many_deals_comes_from_a_sample_and_is_near(
    db: Database, installation_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ENOUGH", 60)
    await db.write(lambda conn: publish_mapping(conn, installation_id, mapping()))
    deals = [History(f"d{n}", [("asked", 0), ("answered", n / 10)]) for n in range(400)]
    await db.write(tell(installation_id, *deals))
    (_, answered, _) = (await read(db, installation_id)).segments[0].steps
    assert answered.done == 400
    assert answered.median_seconds == pytest.approx(20 * 3600, rel=0.25)
