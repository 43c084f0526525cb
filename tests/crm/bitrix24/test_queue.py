"""The offline queue: what events did not tell is found there, whoever dies in between."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.crm.adapters.bitrix24.adapter import build
from app.crm.adapters.bitrix24.subscriptions import KEPT
from app.crm.errors import Unavailable
from app.domain.stage import StageRef
from app.domain.writeback import AddNote
from app.ledger.read import deal_of
from tests.crm.bitrix24.kit import HOST, PUBLIC_URL, Bench, environment_of, make_adapter
from tests.crm.bitrix24.site import Site, make_site
from tests.crm.bitrix24.test_uncertain import OFFER, ledger

HOOK = f"{PUBLIC_URL}/hook/x"
PLANS: dict[str, dict[str, object]] = {
    "all": {},
    "no reservation": {"offline_reservation": False},
    "no source keys": {"auth_connector": False},
    "neither": {"offline_reservation": False, "auth_connector": False},
    "sources not shown": {"offline_shows_source": False},
}


@pytest.fixture(params=list(PLANS.values()), ids=list(PLANS))
async def site(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Site]:
    """A portal of each plan, whose online events all get lost once our app is connected."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        site.portal.faults.update(request.param)
        await site.install()
        site.portal.faults.drop_rate = 1.0
        yield site


@pytest.fixture(params=list(PLANS.values()), ids=list(PLANS))
async def queued(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A portal of each plan whose queue is bound."""
    bench.world.portal.faults.update(request.param)
    await bench.client.ensure_hooks(HOOK)
    return bench


async def read(bench: Bench, cursor: str = "") -> tuple[set[str], str]:
    """A page of the queue alone: nothing in a list has changed since now."""
    page = await bench.client.changed_deals(bench.clock.now(), cursor)
    return set(page.items), page.cursor


async def read_all(bench: Bench) -> list[set[str]]:
    found, cursor = list[set[str]](), ""
    while True:
        items, cursor = await read(bench, cursor)
        if not cursor.startswith("queue"):
            return [*found, items]
        found.append(items)


def touch(bench: Bench, count: int) -> set[str]:
    """Deals that were moved a while ago."""
    deals = [bench.deal() for _ in range(count)]
    for deal in deals:
        bench.move(deal, 2)
    bench.wait(3600)
    return {str(deal.id) for deal in deals}


async def test_a_portal_whose_events_all_get_lost_ends_in_the_same_ledger(site: Site) -> None:
    deal = site.deal()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    site.portal.add_call(deal, site.act(), duration=45)
    site.portal.add_comment(deal.link, site.act(), "слово")
    await site.settle()
    assert (await ledger(site, deal.id))[0] == []
    await site.poll()
    await site.settle()
    assert await ledger(site, deal.id) == ([StageRef("0", "NEW"), StageRef("0", OFFER)], ["45", "слово"])
    assert site.portal.offline.rows == {}


async def test_a_deletion_that_no_list_shows_is_known(site: Site) -> None:
    deal, known = site.deal(), await site.known()
    assert known
    await site.poll()
    await site.settle()
    assert await site.stepgate.services.db.read(lambda conn: deal_of(conn, known.id, str(deal.id)))
    site.clock.clock.advance(24 * 3600)
    site.portal.delete_item(deal, site.act())
    await site.poll()
    await site.settle()
    assert await site.stepgate.services.db.read(lambda conn: deal_of(conn, known.id, str(deal.id))) is None


async def test_who_dies_between_reading_and_keeping_loses_nothing(queued: Bench) -> None:
    deals = touch(queued, 3)
    items, _ = await read(queued)
    assert items == deals
    queued.client = make_adapter(queued.world, queued.clock).open_client(queued.session)
    assert (await read_all(queued))[0] == deals
    assert queued.world.portal.offline.rows == {}
    assert await read_all(queued) == [set()]


async def test_a_change_while_the_queue_is_read_is_told_too(queued: Bench) -> None:
    (deal_id,) = touch(queued, 1)
    items, cursor = await read(queued)
    assert items == {deal_id}
    queued.move(queued.item(deal_id), 3)
    queued.wait(3600)
    items, cursor = await read(queued, cursor)
    assert items == {deal_id}
    while cursor.startswith("queue"):
        _, cursor = await read(queued, cursor)
    assert queued.world.portal.offline.rows == {}


async def test_a_long_queue_is_read_fifty_by_fifty(queued: Bench) -> None:
    deals = touch(queued, 60)
    assert len(queued.world.portal.offline.rows) > 100
    found = await read_all(queued)
    assert set[str]().union(*found) == deals
    assert queued.world.portal.offline.rows == {}


async def test_binding_again_binds_nothing_twice(queued: Bench) -> None:
    before = len(queued.world.registered.handlers)
    assert await queued.client.ensure_hooks(HOOK) is False
    assert len(queued.world.registered.handlers) == before
    assert {row.event for row in queued.world.registered.handlers if row.offline} == set(KEPT)


@pytest.mark.parametrize("method", ["event.offline.list", "crm.item.list", "crm.activity.list"])
async def test_rows_without_an_id_are_trouble_of_this_portal_alone(bench: Bench, method: str) -> None:
    """Whoever reads many portals in turn goes on with the next one after such an error."""
    bench.world.portal.faults.offline_reservation = False
    inner = httpx.ASGITransport(bench.world.app)

    class Nonsense(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith(method):
                return await inner.handle_async_request(request)
            rows = [{"EVENT_NAME": "ONCRMDEALUPDATE"}]
            return httpx.Response(200, json={"result": {"items": rows} if "item" in method else rows})

    client = build(environment_of(bench.clock, Nonsense())).open_client(bench.session)

    async def read_to_the_end() -> None:
        cursor = (await client.changed_deals(bench.long_ago, "")).cursor
        while cursor:
            cursor = (await client.changed_deals(bench.long_ago, cursor)).cursor

    with pytest.raises(Unavailable):
        await read_to_the_end()


async def test_our_own_writes_do_not_come_back(bench: Bench) -> None:
    deal = bench.deal()
    await bench.client.ensure_hooks(HOOK)
    await bench.client.apply(AddNote(str(deal.id), "слово #ref:1f3a9c07"), "#ref:1f3a9c07")
    assert bench.world.portal.offline.rows == {}


async def test_rows_that_do_not_say_of_what_are_cleared(bench: Bench) -> None:
    await bench.client.ensure_hooks(HOOK)
    bench.world.portal.faults.offline_empty_data = True
    touch(bench, 2)
    assert set[str]().union(*await read_all(bench)) == set()
    assert bench.world.portal.offline.rows == {}


async def test_without_an_administrator_s_right_the_lists_have_to_do(bench: Bench) -> None:
    await bench.client.ensure_hooks(HOOK)
    touch(bench, 1)
    bench.session.token = bench.world.token_of(bench.world.seller)
    assert await read(bench) == (set(), "active;0")


async def test_an_operator_may_switch_the_queue_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.client.ensure_hooks(HOOK)
    monkeypatch.setenv("STEPGATE_BITRIX24_OFFLINE_EVENTS", "false")
    client = make_adapter(bench.world, bench.clock).open_client(bench.session)
    assert await client.ensure_hooks(HOOK) is True
    assert not [row for row in bench.world.registered.handlers if row.offline]
    touch(bench, 1)
    assert bench.world.portal.offline.rows == {}
    assert (await client.changed_deals(bench.clock.now(), "")).cursor == "active;0"
    assert bench.session.account.host == HOST
