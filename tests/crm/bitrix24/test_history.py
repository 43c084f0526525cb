"""The past of a portal: whole, resumable, and the same as what each deal tells alone."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.crm.adapters.bitrix24.adapter import build
from app.crm.errors import Rejected, Unavailable, Unsupported
from app.sandbox.bitrix24.model import Item
from tests.crm.bitrix24.kit import Bench, environment_of
from tests.crm.contract import read_history


class Refusing(httpx.AsyncBaseTransport):
    """A way to the portal on which some commands of a batch come back as refused."""

    def __init__(self, way: httpx.AsyncBaseTransport, names: set[str]) -> None:
        self._way, self.names = way, names

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        reply = await self._way.handle_async_request(request)
        body: dict[str, Any] = json.loads(await reply.aread())
        found = body.get("result")
        if request.url.path.endswith("/batch") and isinstance(found, dict):
            for name in self.names & set(found["result"]):
                del found["result"][name]
                found["result_error"] = {name: {"error": "", "error_description": "Too busy"}}
        return httpx.Response(reply.status_code, json=body)


def make_deals(bench: Bench, count: int) -> list[Item]:
    """Deals with a move each, some with calls and chats."""
    deals = []
    for number in range(count):
        deal = bench.deal(1)
        bench.wait(1)
        bench.move(deal, 2)
        if number % 3 == 0:
            bench.world.portal.add_call(deal, bench.act(), duration=30 + number)
        if number % 5 == 0:
            bench.world.portal.add_message(deal, bench.act(), f"сообщение {number}", incoming=True)
        deals.append(deal)
    return deals


async def test_every_deal_comes_once_newest_first_with_a_truthful_progress(bench: Bench) -> None:
    deals = make_deals(bench, 190)
    cursor, told, done = "", list[str](), list[tuple[int, int]]()
    while True:
        page = await bench.client.history(bench.long_ago, cursor)
        told += [log.deal.id for log in page.items if log.deal]
        done.append((page.done, page.total))
        cursor = page.cursor
        if not cursor:
            break
    assert told == [str(deal.id) for deal in reversed(deals)]
    assert done == [(150, 190), (190, 190)]


async def test_a_reading_cut_short_goes_on_with_a_fresh_client(bench: Bench) -> None:
    make_deals(bench, 160)
    first = await bench.client.history(bench.long_ago, "")
    fresh = bench.adapter.open_client(bench.session)
    rest = await fresh.history(bench.long_ago, first.cursor)
    whole = await read_history(bench.client, bench.long_ago)
    ids = [log.deal.id for log in (*first.items, *rest.items) if log.deal]
    assert ids == [log.deal.id for log in whole if log.deal]


async def test_facts_have_the_same_ids_as_when_a_deal_is_read_alone(bench: Bench) -> None:
    deals = make_deals(bench, 20)
    logs = await read_history(bench.client, bench.long_ago)
    for deal in deals:
        alone = await bench.client.deal_log(str(deal.id), "")
        log = next(each for each in logs if each.deal and each.deal.id == str(deal.id))
        assert [fact.source_id for fact in log.evidence] == [fact.source_id for fact in alone.evidence]
        assert [move.log_id for move in log.moves] == [move.log_id for move in alone.moves]


async def test_deals_that_nobody_touched_since_are_left_out(bench: Bench) -> None:
    make_deals(bench, 3)
    bench.wait(3600)
    since = bench.clock.now() - timedelta(minutes=1)
    fresh = make_deals(bench, 2)
    logs = await read_history(bench.client, since)
    assert {log.deal.id for log in logs if log.deal} == {str(deal.id) for deal in fresh}


async def test_an_empty_portal_has_no_past(bench: Bench) -> None:
    page = await bench.client.history(bench.long_ago, "")
    assert (page.items, page.cursor, page.done, page.total) == ((), "", 0, 0)


async def test_a_cursor_of_another_making_begins_anew(bench: Bench) -> None:
    deals = make_deals(bench, 3)
    for cursor in ("x", "1;2", "1;2;x", "-1;0;0", "9;9;9;9", "٣;0;0"):
        page = await bench.client.history(bench.long_ago, cursor)
        assert len(page.items) == len(deals)


async def test_fifty_deals_cost_few_calls(bench: Bench) -> None:
    make_deals(bench, 50)
    bench.session.admitted.clear()
    await bench.client.history(bench.long_ago, "")
    assert len(bench.session.admitted) <= 8


async def test_a_parcel_of_a_long_past_costs_a_tenth_of_a_call_for_each_deal(bench: Bench) -> None:
    make_deals(bench, 160)
    first = await bench.client.history(bench.long_ago, "")
    bench.session.admitted.clear()
    fresh = await bench.client.history(bench.long_ago, "")
    assert [log.deal for log in fresh.items] == [log.deal for log in first.items]
    assert len(fresh.items) == 150
    assert len(bench.session.admitted) <= 15


async def test_a_list_that_changes_while_it_is_read_is_read_again(bench: Bench) -> None:
    make_deals(bench, 60)
    bench.world.portal.faults.shifting_pages = True
    with pytest.raises(Unavailable):
        await bench.client.history(bench.long_ago, "")
    bench.world.portal.faults.shifting_pages = False
    assert len((await bench.client.history(bench.long_ago, "")).items) == 60


async def test_a_deal_that_only_its_own_page_shows_is_there(bench: Bench) -> None:
    """A list leaves out what we may not read, and what is gone: one is an error, the other is not."""
    deals = make_deals(bench, 3)
    bench.world.portal.delete_item(deals[0], bench.act())
    logs = await asyncio.gather(*(bench.client.deal_log(str(deal.id), "") for deal in deals))
    assert [log.deal is None for log in logs] == [True, False, False]
    bench.world.portal.users[bench.world.seller].sees = "own"
    bench.world.portal.update_item(deals[1], {"assigned_by_id": bench.world.admin}, bench.act())
    bench.session.token = bench.world.token_of(bench.world.seller)
    with pytest.raises(Unsupported):
        await bench.client.deal_log(str(deals[1].id), "")


async def test_changes_of_all_kinds_ring_their_deals(bench: Bench) -> None:
    quiet, moved, called, spoken = make_deals(bench, 4)
    bench.wait(3600)
    since = bench.clock.now()
    bench.move(moved, 3)
    bench.world.portal.add_call(called, bench.act(), duration=20)
    bench.world.portal.add_call(spoken, bench.act(), duration=20, contact_only=True)
    found, cursor, pages = set[str](), "", 0
    while True:
        page = await bench.client.changed_deals(since, cursor)
        found.update(page.items)
        cursor, pages = page.cursor, pages + 1
        if not cursor:
            break
    assert found == {str(deal.id) for deal in (moved, called, spoken)}
    assert str(quiet.id) not in found
    assert pages <= 4


async def test_many_changes_come_in_pages(bench: Bench) -> None:
    deals = make_deals(bench, 60)
    found, cursor = set[str](), ""
    while True:
        page = await bench.client.changed_deals(bench.long_ago, cursor)
        found.update(page.items)
        cursor = page.cursor
        if not cursor:
            break
    assert found == {str(deal.id) for deal in deals}


@pytest.mark.parametrize("name", ["l1", "l2"])
async def test_a_list_that_is_refused_does_not_end_the_past(bench: Bench, name: str) -> None:
    deals = make_deals(bench, 160)
    way = Refusing(httpx.ASGITransport(bench.world.app), {name})
    client = build(environment_of(bench.clock, way)).open_client(bench.session)
    logs = await read_history(client, bench.long_ago)
    assert [log.deal.id for log in logs if log.deal] == [str(deal.id) for deal in reversed(deals)]


async def test_a_first_list_that_is_refused_is_an_error(bench: Bench) -> None:
    make_deals(bench, 3)
    way = Refusing(httpx.ASGITransport(bench.world.app), {"l0"})
    client = build(environment_of(bench.clock, way)).open_client(bench.session)
    with pytest.raises(Rejected):
        await read_history(client, bench.long_ago)
