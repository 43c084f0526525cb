"""How events travel: what loses them, what shuffles them, and what never comes back."""

import random
from collections.abc import Callable

import httpx
import pytest

from app.sandbox.bitrix24.state import Act, Robot
from tests.sandbox.bitrix24.world import HOOK, World


def breaking(error: httpx.HTTPError) -> Callable[[], None]:
    """A handler whose connection ends like that."""

    def take() -> None:
        raise error

    return take


@pytest.mark.parametrize("status", [300, 302, 404, 429, 500, 503])
async def test_an_answer_that_is_no_success_loses_the_event(world: World, status: int) -> None:
    await world.subscribe()
    world.product.answers.append(status)
    world.deal()
    assert [event.event for event in await world.events()] == ["ONCRMDEALADD"]
    world.clock.advance(86_400)
    assert await world.events() == []
    assert [sent.status for sent in world.portal.events.sent] == [status]


@pytest.mark.parametrize("error", [httpx.ReadTimeout("too late"), httpx.ReadError("reset")])
async def test_a_broken_connection_loses_the_event(world: World, error: httpx.HTTPError) -> None:
    await world.subscribe()
    world.product.takes = breaking(error)
    world.deal()
    assert await world.events() == []
    world.product.takes = lambda: None
    world.clock.advance(86_400)
    assert await world.events() == []
    assert [sent.status for sent in world.portal.events.sent] == [0]


async def test_a_share_of_the_events_is_lost_at_random(world: World) -> None:
    await world.subscribe()
    world.portal.faults.drop_rate = 0.5
    for _ in range(40):
        world.deal()
    arrived = len(await world.events())
    assert 0 < arrived < 40
    assert arrived + world.portal.events.dropped == 40


async def test_shuffled_events_all_arrive_out_of_their_order(world: World) -> None:
    await world.subscribe("ONCRMDEALADD")
    world.portal.faults.reorder_rate = 0.5
    made = [world.deal().id for _ in range(30)]
    world.clock.advance(world.portal.faults.reorder_seconds)
    arrived = [int(event.form["data[FIELDS][ID]"]) for event in await world.events()]
    assert sorted(arrived) == made
    assert arrived != made


async def test_a_burst_is_delivered_whole_and_without_a_limit(world: World) -> None:
    deals = [world.deal() for _ in range(1500)]
    await world.subscribe("ONCRMDEALUPDATE")
    for deal in deals:
        world.portal.update_item(deal, {"comments": "сразу"}, Act(by=world.seller))
    assert len(await world.events()) == 1500


async def test_an_event_may_come_without_the_handler_s_id(world: World) -> None:
    await world.subscribe()
    world.portal.faults.handler_id_in_events = False
    world.deal()
    (event,) = await world.events()
    assert "event_handler_id" not in event.form


async def test_a_chain_of_calls_with_a_stored_token_never_ends(world: World) -> None:
    deal = world.deal()
    await world.subscribe("ONCRMDEALUPDATE")
    for number in range(30):
        change = {"entityTypeId": 2, "id": deal.id, "fields": {"title": str(number)}}
        await world.call("crm.item.update", change)
        assert len(await world.events()) == 1


async def test_a_move_back_runs_the_robots_of_the_earlier_stage_again(world: World) -> None:
    world.portal.robots = {"NEW": [Robot("move", "PREPARATION")]}
    deal = world.deal("EXECUTING")
    await world.subscribe("ONCRMDEALUPDATE")
    await world.call("crm.item.update", {"entityTypeId": 2, "id": deal.id, "fields": {"stageId": "NEW"}})
    assert deal.stage_id == "PREPARATION"
    by_api, by_robot = await world.events()
    assert "auth[access_token]" in by_api.form
    assert "auth[access_token]" not in by_robot.form


@pytest.mark.parametrize(
    ("duration", "code"),
    [(0, "304"), (0, "603-S"), (0, "603"), (0, "486"), (2, "200"), (143, "200")],
)
async def test_a_call_ends_in_every_way_that_calls_end(world: World, duration: int, code: str) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    await world.subscribe("ONVOXIMPLANTCALLEND")
    world.portal.add_call(deal, Act(by=0), duration=duration, failed_code=code)
    (event,) = await world.events()
    form = event.form
    assert (form["data[CALL_DURATION]"], form["data[CALL_FAILED_CODE]"]) == (str(duration), code)
    rows = await world.call("voximplant.statistic.get")
    assert [(row["CALL_DURATION"], row["CALL_FAILED_CODE"]) for row in rows] == [(str(duration), code)]


async def test_the_offline_queue_gives_fifty_rows_at_a_time(world: World) -> None:
    await world.call("event.bind", {"event": "ONCRMDEALADD", "event_type": "offline"})
    for _ in range(70):
        world.deal()
    sizes = [len((await world.call("event.offline.get", {"limit": 500}))["events"]) for _ in range(3)]
    assert sizes == [50, 20, 0]


async def test_each_source_has_an_offline_queue_of_its_own(world: World) -> None:
    for connector in ("ours", "theirs"):
        bind = {"event": "ONCRMDEALADD", "event_type": "offline", "auth_connector": connector}
        await world.call("event.bind", bind)
    world.deal()
    assert len((await world.call("event.offline.get", {"auth_connector": "ours"}))["events"]) == 1
    assert len(await world.call("event.offline.list", {"auth_connector": "theirs"})) == 1
    assert await world.call("event.offline.list") == []


async def test_the_same_seed_loses_the_same_events(world: World) -> None:
    world.portal.rng = random.Random(7)
    first = await _which_arrive(world)
    world.portal.rng = random.Random(7)
    assert await _which_arrive(world) == first


async def _which_arrive(world: World) -> list[int]:
    before = max(world.portal.items[2], default=9000)
    await world.call("event.unbind", {"event": "ONCRMDEALADD", "handler": HOOK})
    await world.subscribe("ONCRMDEALADD")
    world.portal.faults.drop_rate = 0.5
    for _ in range(20):
        world.deal()
    return [int(event.form["data[FIELDS][ID]"]) - before for event in await world.events()]
