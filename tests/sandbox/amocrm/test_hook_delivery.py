"""Delivery of webhooks: what arrives, when, how often, and when it stops."""

import asyncio
import json

import httpx
import pytest

from app.sandbox.amocrm.webhooks import retry_delay
from tests.sandbox.amocrm.world import HOOK, World


async def test_a_hook_is_a_percent_encoded_form_that_json_cannot_read(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.lead(name="Ромашка & Ко")
    (hook,) = await world.hooks()
    assert b"leads%5Badd%5D%5B0%5D%5Bname%5D=%D0%A0" in hook.body
    assert b"+" in hook.body
    assert hook.value("leads[add][0][name]") == "Ромашка &amp; Ко"
    with pytest.raises(ValueError):
        json.loads(hook.body)


async def test_a_hook_carries_the_vendors_headers_and_no_authentication(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.lead()
    (hook,) = await world.hooks()
    assert hook.headers["user-agent"] == "amoCRM-Webhooks/3.0"
    assert hook.headers["accept-encoding"] == "gzip"
    assert hook.headers["content-type"] == "application/x-www-form-urlencoded"
    assert len(hook.headers["x-amocrm-requestid"]) == 36
    assert "authorization" not in hook.headers


@pytest.mark.parametrize(
    ("number", "status", "delay"),
    [
        (1, 200, None),
        (1, 299, None),
        (1, 302, 300.0),
        (1, 0, 300.0),
        (2, 404, 900.0),
        (3, 404, None),
        (3, 0, None),
        (3, 499, 900.0),
        (3, 500, 900.0),
        (4, 599, 3600.0),
        (4, 400, None),
        (5, 500, None),
    ],
)
def test_the_ladder_gives_three_attempts_to_all_failures_and_five_to_server_errors(
    number: int, status: int, delay: float | None
) -> None:
    assert retry_delay(number, status) == delay


async def test_a_server_error_is_tried_five_times_and_a_not_found_three_times(world: World) -> None:
    for status, attempts in ((500, 5), (404, 3), (302, 3)):
        world.product.status = status
        await world.subscribe(["add_lead"])
        world.lead()
        made = 0
        for _ in range(8):
            made += len(await world.hooks())
            world.clock.advance(3600)
        assert made == attempts, status


async def test_retries_keep_the_request_id_or_get_a_fresh_one_by_switch(world: World) -> None:
    await world.subscribe(["add_lead"])
    for same in (True, False):
        world.account.faults.same_requestid_on_retry = same
        world.product.answers.extend([500, 200])
        world.lead()
        (first,) = await world.hooks()
        world.clock.advance(300)
        (second,) = await world.hooks()
        assert second.body == first.body
        ids = {hook.headers["x-amocrm-requestid"] for hook in (first, second)}
        assert len(ids) == (1 if same else 2)


async def test_more_than_a_hundred_invalid_answers_switch_the_hook_off_and_nothing_is_replayed(
    world: World,
) -> None:
    await world.subscribe(["add_lead"])
    world.product.status = 500
    for _ in range(101):
        world.lead()
    assert len(await world.hooks()) == 101
    listed = (await world.api.get("/api/v4/webhooks")).json()["_embedded"]["webhooks"]
    assert listed[0]["disabled"] is True
    world.clock.advance(7200)
    world.lead()
    assert await world.hooks() == []


@pytest.mark.parametrize("enables", [True, False])
async def test_subscribing_again_enables_a_disabled_hook_only_by_switch(world: World, enables: bool) -> None:
    await world.subscribe(["add_lead"])
    (hook,) = world.account.hooks.values()
    hook.disabled = True
    world.account.faults.repost_enables_hook = enables
    await world.subscribe(["add_lead", "status_lead"])
    assert len(world.account.hooks) == 1
    assert hook.settings == ["add_lead", "status_lead"]
    assert hook.disabled is not enables


async def test_a_lost_hook_never_arrives_and_a_doubled_one_arrives_twice(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.account.faults.drop_rate = 1.0
    world.lead()
    assert await world.hooks() == []
    world.account.faults.drop_rate, world.account.faults.duplicate_rate = 0.0, 1.0
    world.lead()
    first, second = await world.hooks()
    assert first.body == second.body


async def test_a_delayed_hook_arrives_later_and_tells_of_a_stage_that_the_lead_has_left(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["status_lead"])
    world.account.faults.delay_min = world.account.faults.delay_max = 60.0
    world.account.move_lead(lead.id, world.stages[2], by=world.seller)
    world.account.faults.delay_min = world.account.faults.delay_max = 0.0
    world.account.move_lead(lead.id, world.stages[1], by=world.seller)
    (early,) = await world.hooks()
    assert early.value("leads[status][0][status_id]") == str(world.stages[1])
    world.clock.advance(60)
    (late,) = await world.hooks()
    assert late.value("leads[status][0][status_id]") == str(world.stages[2])
    assert lead.status_id == world.stages[1]


async def test_reordering_shuffles_hooks_but_loses_none(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.account.faults.reorder_rate = 0.5
    made = [str(world.lead().id) for _ in range(20)]
    seen: list[str | None] = []
    for _ in range(31):
        seen += [hook.value("leads[add][0][id]") for hook in await world.hooks()]
        world.clock.advance(1)
    assert seen != made
    assert sorted(str(item) for item in seen) == sorted(made)


async def test_an_answer_slower_than_two_seconds_is_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("app.sandbox.amocrm.webhooks.ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(world.outgoing, "post", never)
    await world.subscribe(["add_lead"])
    world.account.faults.timeout_code = 499
    world.lead()
    await world.account.webhooks.drain()
    assert world.account.webhooks.sent[-1].status == 499
    assert world.account.webhooks.waiting == 1


async def test_an_unreachable_product_is_recorded_as_no_connection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(world.outgoing, "post", refuse)
    await world.subscribe(["add_lead"])
    world.lead()
    await world.account.webhooks.drain()
    assert world.account.webhooks.sent[-1].status == 0


async def test_a_stage_trigger_hook_names_the_old_pipeline_and_gets_one_attempt(world: World) -> None:
    world.account.add_stage_trigger(world.line, world.stages[3], HOOK)
    world.product.status = 500
    lead = world.lead()
    world.account.move_lead(lead.id, world.stages[3], by=world.seller)
    (hook,) = await world.hooks()
    assert hook.value("leads[status][0][old_pipeline_id]") == str(world.line)
    assert hook.value("leads[status][0][name]") is None
    assert hook.value("account[id]") is None
    world.clock.advance(7200)
    assert await world.hooks() == []


async def test_the_same_seed_gives_the_same_hooks(world: World) -> None:
    del world
    from tests.sandbox.amocrm.world import make_world

    bodies = []
    for _ in range(2):
        other = make_world()
        other.account.faults.update({"drop_rate": 0.3, "duplicate_rate": 0.3, "account_block": "random"})
        await other.subscribe(["add_lead"])
        for number in range(30):
            other.lead(name=str(number))
        bodies.append([hook.body for hook in await other.hooks()])
        await other.close()
    assert bodies[0] == bodies[1]
    assert bodies[0]
