"""Writes whose outcome nobody told: each happens once, whatever became of the call, and the deal says so."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from app.outbox.rows import WriteKind, WriteState
from app.sandbox.bitrix24.faults import Faults
from app.sandbox.bitrix24.model import Item
from tests.crm.bitrix24.gated import BACK, NEW, OFFER, ONCE, Gated, Traces, make_gated

LOST: dict[str, dict[str, Any]] = {
    "504 after it was done": {"lost_write_rate": 1.0, "lost_write_mode": "504"},
    "cut after it was done": {"lost_write_rate": 1.0, "lost_write_mode": "cut"},
    "502 before it was done": {"down": "502"},
    "cut before it was done": {"down": "cut"},
}
WRITES = (WriteKind.MOVE_BACK, WriteKind.NOTE, WriteKind.TASK)


@pytest.fixture
async def gated(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gated]:
    """A portal whose gate on the offer demands an incoming call."""
    async with make_gated(database_url, tmp_path, monkeypatch) as gated:
        yield gated


def set_faults(faults: Faults, values: dict[str, Any]) -> Callable[[], None]:
    """Set switches; the answer sets them back."""
    before = {name: getattr(faults, name) for name in values}
    faults.update(values)
    return lambda: faults.update(before)


async def run_losing(gated: Gated, number: int, fault: dict[str, Any]) -> None:
    """Work until quiet; all calls of the write that is the so-manyth to be made meet the fault."""
    seen, restore = 0, list[Callable[[], None]]()

    def at(point: str) -> None:
        nonlocal seen
        while restore:
            restore.pop()()
        if point == "after_mark_sent":
            if seen == number:
                restore.append(set_faults(gated.site.portal.faults, fault))
            seen += 1

    processor = gated.site.processor(at)
    while await processor.run_once("test"):
        pass
    at("the end")


@pytest.mark.parametrize("number", range(len(WRITES)), ids=[kind.value for kind in WRITES])
async def test_a_write_whose_answer_is_lost_is_made_once(gated: Gated, number: int) -> None:
    for fault in LOST.values():
        deal = gated.site.deal()
        await gated.site.settle()
        await gated.drag(deal)
        await gated.site.hear()
        await run_losing(gated, number, fault)
        rows = {row.kind: row.state for row in await gated.writes(deal)}
        assert rows[WRITES[number]] is not WriteState.CONFIRMED, "nothing was lost"
        await gated.live(6, 20)
        assert gated.traces(deal) == ONCE, fault
        assert {row.state for row in await gated.writes(deal)} == {WriteState.CONFIRMED}
        assert BACK in gated.comment(deal)
        gated.site.clock.clock.advance(700)


async def test_a_token_that_ends_within_a_batch_costs_neither_the_comment_nor_the_notice(
    gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comment was made before it ended, the notice comes with the next token."""
    portal = gated.site.portal
    renew = portal.apps.refresh

    def refresh(*keys: str) -> Any:
        portal.faults.tokens_expire_mid_batch = False
        return renew(*keys)

    monkeypatch.setattr(portal.apps, "refresh", refresh)
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    await gated.site.hear()

    def at(point: str) -> None:
        if point == "after_crm_write":
            portal.faults.tokens_expire_mid_batch = deal.stage_id == NEW and not gated.traces(deal).comments

    processor = gated.site.processor(at)
    while await processor.run_once("test"):
        pass
    await gated.live(4)
    assert gated.traces(deal) == ONCE


async def test_a_mass_drag_that_uses_up_the_method_s_time_loses_no_deal(gated: Gated) -> None:
    """The method rests for minutes: what can still be undone in time is, and every deal is told of once."""
    faults = gated.site.portal.faults
    deals = [gated.site.deal() for _ in range(15)]
    await gated.site.settle()
    faults.update({"operating_limit": True, "operating_ceiling": 1.0, "call_seconds": 0.2})
    gated.site.clock.clock.advance(60)
    for deal in deals:
        gated.site.move(deal, OFFER)
    await gated.live(40, 60)
    faults.update({"operating_limit": False})
    await gated.live(30, 60)
    for deal in deals:
        await told_once_and_truly(gated, deal)
    assert {deal.stage_id for deal in deals} == {NEW, OFFER}


@pytest.mark.parametrize("down", ["503", "cut"])
async def test_a_portal_that_was_away_for_minutes_is_as_if_it_had_not_been(gated: Gated, down: str) -> None:
    deals = [gated.site.deal() for _ in range(4)]
    await gated.site.settle()
    gated.site.clock.clock.advance(60)
    for deal in deals:
        gated.site.move(deal, OFFER)
    gated.site.portal.faults.down = down
    await away(gated, 5)
    gated.site.portal.faults.down = ""
    await gated.live(15)
    assert [gated.traces(deal) for deal in deals] == [ONCE] * len(deals)


async def test_a_portal_that_was_away_for_hours_gets_notes_and_no_surprise(gated: Gated) -> None:
    deal = gated.site.deal()
    await gated.site.settle()
    await gated.drag(deal)
    gated.site.portal.faults.down = "503"
    await away(gated, 180)
    gated.site.portal.faults.down = ""
    await gated.live(20)
    assert gated.traces(deal) == Traces((OFFER,), 1, 1, 1)
    await told_once_and_truly(gated, deal)


async def away(gated: Gated, minutes: int) -> None:
    """Minutes without the portal's answers; polls would only fail."""
    for _ in range(minutes):
        gated.site.clock.clock.advance(60)
        await gated.site.settle()


async def told_once_and_truly(gated: Gated, deal: Item) -> None:
    """One comment, one to-do, one notice; the comment says where the deal stands."""
    traces = gated.traces(deal)
    assert (traces.comments, traces.todos, traces.notices) == (1, 1, 1), deal.id
    is_back = deal.stage_id == NEW
    assert traces.moves == ((OFFER, NEW) if is_back else (OFFER,)), deal.id
    assert (BACK in gated.comment(deal)) is is_back
    assert await gated.blocked(deal) == 1
