"""Our own writes come back as events and rows without an author: they are known, and nobody's else are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.deal import MoveOrigin
from app.outbox.rows import WriteState
from app.sandbox.bitrix24.installs import add_app, finish_install
from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.state import Act, Robot
from tests.crm.bitrix24.gated import CONTRACT, NEW, OFFER, ONCE, Gated, Traces, make_gated
from tests.mapping import checkpoint, gate, mapping

OWN, PERSON, ROBOT = MoveOrigin.OWN, MoveOrigin.PERSON, MoveOrigin.ROBOT


@pytest.fixture
async def gated(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gated]:
    """A portal whose gate on the offer demands an incoming call."""
    async with make_gated(database_url, tmp_path, monkeypatch) as gated:
        yield gated


def heard(gated: Gated, event: str) -> list[Notice]:
    """Changes of that kind that we made ourselves through the API."""
    return [each for each in gated.site.portal.recent if each.event == event and each.origin == "api"]


async def test_our_move_back_rings_again_and_is_known_by_its_row(gated: Gated) -> None:
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    await gated.site.settle()
    assert len(heard(gated, "ONCRMDEALUPDATE")) == 1
    assert await gated.way(deal) == [(OFFER, PERSON), (NEW, OWN)]
    back, *_ = await gated.writes(deal)
    assert int(back.sent_at is not None) == back.tries == 1
    assert await gated.blocked(deal) == 1
    await gated.live()
    assert gated.traces(deal) == ONCE


async def test_our_move_back_is_known_when_the_deal_names_another_author_by_now(gated: Gated) -> None:
    """The deal tells who moved it last; of a row before that nobody does."""
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    quick = False

    def at(point: str) -> None:
        nonlocal quick
        if point == "after_crm_write" and not quick:
            quick = True
            gated.site.portal.update_item(deal, {"stage_id": CONTRACT}, gated.site.act())

    await gated.site.hear()
    processor = gated.site.processor(at)
    while await processor.run_once("test"):
        pass
    await gated.live(3)
    way = await gated.way(deal)
    assert way[:3] == [(OFFER, PERSON), (NEW, OWN), (CONTRACT, PERSON)]


async def test_a_person_s_same_move_in_the_same_second_stays_his(gated: Gated) -> None:
    """He is faster than we: we write nothing, and his way back and on is his."""
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    first = True

    def at(point: str) -> None:
        nonlocal first
        if point == "after_mark_sent" and first:
            first = False
            for stage in (NEW, OFFER, NEW):
                gated.site.move(deal, stage)

    await gated.site.hear()
    processor = gated.site.processor(at)
    while await processor.run_once("test"):
        pass
    await gated.live(3)
    assert [origin for _, origin in await gated.way(deal)] == [PERSON] * 4
    assert {row.state for row in await gated.writes(deal)} == {WriteState.SUPERSEDED}
    assert gated.traces(deal) == Traces((OFFER, NEW, OFFER, NEW), 0, 0, 0)


async def test_a_person_s_same_move_right_after_ours_stays_his(gated: Gated) -> None:
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    first = True

    def at(point: str) -> None:
        nonlocal first
        if point == "after_crm_write" and first:
            first = False
            for stage in (OFFER, NEW):
                gated.site.move(deal, stage)

    await gated.site.hear()
    processor = gated.site.processor(at)
    while await processor.run_once("test"):
        pass
    await gated.live(3)
    assert await gated.way(deal) == [(OFFER, PERSON), (NEW, OWN), (OFFER, PERSON), (NEW, PERSON)]


@pytest.mark.parametrize("mode", ["enforce", "warn"])
async def test_what_we_leave_in_a_deal_proves_nothing(gated: Gated, mode: str) -> None:
    """Comment, to-do, badge and notice each ring, and none of them is the client's or the seller's doing."""
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.enforce(mapping([checkpoint("called")], [gate(OFFER, "called", mode=mode)]))
    before = await gated.evidence(deal)
    await gated.drag(deal)
    await gated.live(4)
    kinds = ["ONCRMTIMELINECOMMENTADD", "ONCRMACTIVITYADD"]
    assert all(heard(gated, kind) for kind in kinds)
    for activity in gated.site.portal.activities.values():
        if deal.link in activity.bindings:
            activity.completed = True
            gated.site.portal.tell("ONCRMACTIVITYUPDATE", {"FIELDS": {"ID": activity.id}}, gated.site.act())
    await gated.live(2)
    assert await gated.evidence(deal) == before
    assert {row.state for row in await gated.writes(deal)} == {WriteState.CONFIRMED}


async def test_a_robot_of_the_earlier_stage_that_moves_on_again_is_capped(gated: Gated) -> None:
    """It undoes our move before the answer comes: neither side may write for ever."""
    deal = gated.site.deal()
    gated.site.portal.robots[NEW] = [Robot("move", OFFER)]
    await gated.site.settle()
    await gated.drag(deal)
    await gated.live(30)
    traces = gated.traces(deal)
    assert deal.stage_id == OFFER
    assert len(traces.moves) <= 7
    assert 1 <= traces.comments <= 3
    before = gated.traces(deal)
    await gated.live(20)
    assert gated.traces(deal) == before
    origins = [origin for _, origin in await gated.way(deal)]
    assert origins.count(ROBOT) == origins.count(OWN) >= 1


async def test_another_app_with_our_user_s_rights_is_judged_like_anybody(gated: Gated) -> None:
    """Both act for the administrator who installed them: the author tells nothing."""
    site = gated.site
    other = site.portal.apps.register(name="Другое", handler_url="http://other.example.org/app", kind="local")
    add_app(site.portal, other, site.admin)
    finish_install(site.portal, other)
    deal = site.deal()
    await site.settle()
    await gated.drag(deal)
    await site.settle()
    assert deal.stage_id == NEW
    site.clock.clock.advance(4000)
    site.portal.update_item(deal, {"stage_id": OFFER}, Act(by=site.admin, origin="api"))
    await gated.live(3)
    assert [stage for stage, _ in await gated.way(deal)] == [OFFER, NEW, OFFER, NEW]
    assert [origin is OWN for _, origin in await gated.way(deal)] == [False, True, False, True]
    assert await gated.blocked(deal) == 2


async def test_lost_doubled_late_and_shuffled_events_change_nothing(gated: Gated) -> None:
    faults = gated.site.portal.faults
    faults.drop_rate = faults.duplicate_rate = 0.3
    faults.reorder_rate, faults.delay_max = 0.5, 20.0
    deals = [gated.site.deal() for _ in range(12)]
    await gated.live(8, 15)
    for deal in deals:
        await gated.drag(deal)
        await gated.site.settle()
    await gated.live(30, 30)
    assert [gated.traces(deal) for deal in deals] == [ONCE] * len(deals)
    for deal in deals:
        assert await gated.way(deal) == [(OFFER, PERSON), (NEW, OWN)]


async def test_our_calls_never_use_a_token_that_an_event_carried(gated: Gated) -> None:
    """Such a token counts down, and the portal falls silent at its end."""
    deal = gated.site.deal()
    await gated.site.settle()
    for _ in range(10):
        await gated.drag(deal)
        await gated.site.settle()
        gated.site.clock.clock.advance(4000)
    ours = [each for each in gated.site.portal.recent if each.origin == "api"]
    assert len(ours) >= 10
    assert {each.hops for each in ours} == {None}
    assert [origin for _, origin in await gated.way(deal)].count(OWN) == 10
