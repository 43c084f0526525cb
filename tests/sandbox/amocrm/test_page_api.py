"""The JSON behind the browser pages: reading, acting, and live updates."""

import asyncio
import json

import pytest

from app.sandbox.amocrm.ui.stream import stream
from tests.sandbox.amocrm.world import World


async def test_bootstrap_tells_who_sits_there_and_what_there_is(world: World) -> None:
    body = (await world.page.get("/sandbox/api/bootstrap", params={"user_id": world.seller})).json()
    assert body["user"]["id"] == world.admin  # the header wins over the query
    headers = {"x-sandbox-user": str(world.seller)}
    body = (await world.page.get("/sandbox/api/bootstrap", headers=headers)).json()
    assert body["user"]["id"] == world.seller
    assert [line["name"] for line in body["pipelines"]] == ["Продажи", "Сервис"]
    assert body["integrations"][0]["client_id"] == world.integration.client_id
    unknown = await world.page.get("/sandbox/api/bootstrap", headers={"x-sandbox-user": "5"})
    assert unknown.status_code == 404


async def test_the_board_pages_each_stage_and_gives_totals(world: World) -> None:
    for _ in range(5):
        world.lead(price=100)
    board = (await world.page.get(f"/sandbox/api/board/{world.line}", params={"limit": 2})).json()
    column = board["stages"][1]
    assert (column["total"], column["sum"], len(column["leads"])) == (5, 500, 2)
    address = f"/sandbox/api/board/{world.line}/{world.stages[1]}"
    rest = (await world.page.get(address, params={"offset": 2, "limit": 10})).json()
    ids = [lead["id"] for lead in column["leads"] + rest["leads"]]
    assert len(set(ids)) == 5
    assert (await world.page.get("/sandbox/api/board/1")).status_code == 404


async def act(world: World, path: str, **form: object) -> dict[str, object]:
    """One action of the seller."""
    headers = {"x-sandbox-user": str(world.seller)}
    answer = await world.page.post(f"/sandbox/api/{path}", json=form, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_a_drag_moves_the_lead_as_that_user(world: World) -> None:
    lead = world.lead()
    card = await act(world, f"leads/{lead.id}/move", status_id=world.stages[2])
    assert card["status_id"] == world.stages[2]
    event = world.account.journal.all()[-1]
    assert (event.type, event.created_by) == ("lead_status_changed", world.seller)
    many = await act(world, "leads/move", ids=[lead.id, world.lead().id], status_id=world.stages[3])
    assert len(many["moved"]) == 2  # type: ignore[arg-type]


async def test_a_lead_is_made_straight_into_a_stage_with_its_contact(world: World) -> None:
    card = await act(
        world,
        "leads",
        name="Новая",
        pipeline_id=world.line,
        status_id=world.stages[3],
        contact_name="Пётр Ильин",
        phone="+7 900 000-00-01",
    )
    assert card["status_id"] == world.stages[3]
    assert card["contact"]["name"] == "Пётр Ильин"  # type: ignore[index]
    found = (await world.page.get("/sandbox/api/search", params={"query": "ильин"})).json()
    assert [item["id"] for item in found["leads"]] == [card["id"]]


async def test_a_client_s_call_is_a_note_of_120_seconds_and_an_event_on_the_lead(world: World) -> None:
    person = world.account.create_contact(name="Иван", phones=["+79001112233"])
    lead = world.lead(contact_ids=[person.id])
    card = await act(world, f"leads/{lead.id}/call", direction="inbound", duration=120, result="КП получил")
    assert card["landed"] == {"entity": "leads", "entity_id": lead.id}
    event = world.account.journal.all()[-1]
    assert (event.type, event.entity, event.entity_id) == ("incoming_call", "lead", lead.id)
    note = list(world.account.notes.values())[-1]
    assert (note.params["duration"], note.params["call_status"]) == (120, 4)
    world.lead(contact_ids=[person.id])
    landed = (await act(world, f"leads/{lead.id}/call"))["landed"]
    assert landed == {"entity": "contacts", "entity_id": person.id}
    feed = (await world.page.get(f"/sandbox/api/leads/{lead.id}")).json()["feed"]
    assert sum(row.get("type") == "call_in" for row in feed) == 2


async def test_everything_that_a_card_can_do_shows_in_its_feed(world: World) -> None:
    field = world.account.add_field("leads", "Требования", "textarea")
    reason = world.account.add_loss_reason("Дорого")
    lead = world.lead()
    base = f"leads/{lead.id}"
    await act(world, f"{base}/message", text="Посмотрели, спасибо")
    await act(world, f"{base}/mail", subject="Re: КП")
    await act(world, f"{base}/form", name="Бриф", answers={str(field.id): "40 мест"})
    await act(world, f"{base}/field", field_id=field.id, value="50 мест")
    await act(world, f"{base}/tag", name="важный")
    await act(world, f"{base}/note", text="Перезвонить")
    card = await act(world, f"{base}/task", text="Позвонить")
    task = card["tasks"][0]["id"]  # type: ignore[index]
    await act(world, f"tasks/{task}/complete", result="Дозвонился")
    card = await act(world, f"{base}/lost", loss_reason_id=reason.id)
    assert card["loss_reason"] == {"id": reason.id, "name": "Дорого"}
    assert card["fields"][0]["value"] == "50 мест"  # type: ignore[index]
    assert card["tags"] == ["важный"]
    kinds = {row["type"] for row in card["feed"]}  # type: ignore[attr-defined]
    assert kinds >= {
        "lead_added",
        "incoming_chat_message",
        "amomail_message",
        "service_message",
        f"custom_field_{field.id}_value_changed",
        "entity_tag_added",
        "common",
        "lead_status_changed",
    }
    await act(world, f"{base}/won")
    assert lead.status_id == 142


async def test_a_bad_action_says_what_is_wrong(world: World) -> None:
    lead = world.lead()
    for path, form, status in (
        (f"leads/{lead.id}/move", {"status_id": 5}, 422),
        (f"leads/{lead.id}/move", {}, 400),
        ("leads/1/move", {"status_id": 142}, 404),
        (f"leads/{lead.id}/note", {"text": 5}, 400),
        ("leads/move", {"ids": "all", "status_id": 142}, 400),
        ("tasks/1/complete", {}, 404),
    ):
        answer = await world.page.post(f"/sandbox/api/{path}", json=form)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"code", "message"}


async def test_changes_stream_to_open_pages(world: World) -> None:
    from starlette.requests import Request

    response = await stream(Request({"type": "http", "app": world.app, "headers": []}))
    chunks = aiter(response.body_iterator)
    assert "connected" in str(await anext(chunks))
    lead = world.lead()
    world.account.move_lead(lead.id, world.stages[2], by=0, origin="api")
    added = str(await anext(chunks))
    assert '"add_lead"' in added
    moved = json.loads(str(await anext(chunks)).split("data: ")[1])
    assert (moved["type"], moved["origin"], moved["lead_id"]) == ("status_lead", "api", lead.id)
    assert (moved["old_status_id"], moved["lead"]["status_id"]) == (world.stages[1], world.stages[2])
    world.account.closing = True
    waiting = asyncio.ensure_future(anext(chunks))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_deliveries_are_shown_and_a_hook_is_switched_on_by_hand(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.product.status = 500
    world.lead()
    await world.account.webhooks.drain()
    shown = (await world.page.get("/sandbox/api/deliveries")).json()
    assert (shown["sent"][0]["status"], shown["waiting"]) == (500, 1)
    (hook,) = world.account.hooks.values()
    hook.disabled = True
    assert (await world.page.post(f"/sandbox/api/webhooks/{hook.id}/enable")).json()["disabled"] is False


@pytest.mark.parametrize("path", ["/vendor/jquery.js"])
async def test_the_library_for_widgets_is_served(world: World, path: str) -> None:
    answer = await world.page.get(path)
    assert answer.status_code == 200
    assert "jQuery" in answer.text[:200]


@pytest.mark.parametrize(
    "wrong", [{"drop_rate": 7}, {"drop_rate": -0.1}, {"no_such": 1}, {"latency": "slow"}, {"filter_paid": 1}]
)
async def test_a_switch_that_cannot_be_set_changes_nothing_and_says_why(
    world: World, wrong: dict[str, object]
) -> None:
    refused = await world.page.patch("/sandbox/faults", json={"thin_hooks": True, **wrong})
    assert refused.status_code == 422
    assert next(iter(wrong)) in refused.text
    assert (await world.page.get("/sandbox/faults")).json()["thin_hooks"] is False


async def test_pages_learn_what_switches_take_and_what_a_reset_goes_back_to(world: World) -> None:
    world.account.faults.rate_limit = True
    world.account.faults.settle()
    told = (await world.page.get("/sandbox/faults/defaults")).json()
    assert told["values"] == (await world.page.get("/sandbox/faults")).json()
    assert told["choices"]["down"] == ["", "503", "cut"]
    await world.page.patch("/sandbox/faults", json={"rate_limit": False, "down": "503"})
    assert (await world.page.delete("/sandbox/faults")).json() == told["values"]
