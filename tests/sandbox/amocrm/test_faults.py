"""Outages, limits, bans, lost answers, and the switches themselves."""

import importlib
import re
from pathlib import Path

import httpx
import pytest

from app.sandbox.amocrm.faults import Faults
from tests.sandbox.amocrm.world import World


async def test_the_eighth_request_in_a_second_is_refused_with_the_time_to_wait(world: World) -> None:
    world.account.faults.rate_limit = True
    answers = [await world.api.get("/api/v4/account") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 7 + [429]
    assert answers[-1].json()["retry_after"] == 300
    assert answers[-1].headers["content-type"].startswith("application/problem+json")
    world.clock.advance(1)
    assert (await world.api.get("/api/v4/account")).status_code == 200


async def test_the_body_of_429_can_be_html(world: World) -> None:
    world.account.faults.update({"rate_limit": True, "html_429": True, "integration_rps": 0})
    answer = await world.api.get("/api/v4/account")
    assert answer.status_code == 429
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_noisy_neighbour_eats_the_account_s_share(world: World) -> None:
    world.account.faults.update({"rate_limit": True, "noise_rps": 48})
    answers = [await world.api.get("/api/v4/account") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_going_on_after_429_ends_in_a_ban_that_stays(world: World) -> None:
    world.account.faults.update({"rate_limit": True, "integration_rps": 0, "ban_after": 5})
    answers = [await world.api.get("/api/v4/account") for _ in range(7)]
    assert answers[5].status_code == 429
    assert answers[6].status_code == 403
    assert answers[6].headers["content-type"].startswith("text/html")
    world.clock.advance(86_400)
    assert (await world.api.post("/oauth2/access_token", json={})).status_code == 403
    world.account.faults.update({"ip_ban": False, "integration_rps": 7})
    assert (await world.api.get("/api/v4/account")).status_code == 200


async def test_an_address_outside_the_allow_list_gets_a_json_403(world: World) -> None:
    world.account.faults.ip_not_allowed = True
    answer = await world.api.get("/api/v4/account")
    assert (answer.status_code, answer.json()["error_code"]) == (403, 113)


async def test_an_unpaid_account_stops_writes_first_and_reads_later(world: World) -> None:
    world.account.faults.unpaid = "writes"
    assert (await world.api.get("/api/v4/account")).status_code == 200
    assert (await world.api.post("/api/v4/leads", json=[{}])).status_code == 402
    world.account.faults.unpaid = "all"
    assert (await world.api.get("/api/v4/account")).status_code == 402


async def test_down_answers_503_or_cuts_the_connection(world: World) -> None:
    world.account.faults.down = "503"
    assert (await world.api.get("/api/v4/account")).status_code == 503
    world.account.faults.down = "cut"
    with pytest.raises(httpx.ReadError):
        await world.api.get("/api/v4/account")
    assert (await world.page.get("/sandbox/faults")).status_code == 200


@pytest.mark.parametrize("mode", ["504", "cut"])
async def test_a_write_can_be_done_although_its_answer_is_lost(world: World, mode: str) -> None:
    lead = world.lead(price=1)
    world.account.faults.update({"lost_write_rate": 1.0, "lost_write_mode": mode})
    address = f"/api/v4/leads/{lead.id}"
    if mode == "504":
        assert (await world.api.patch(address, json={"price": 2})).status_code == 504
    else:
        with pytest.raises(httpx.ReadError):
            await world.api.patch(address, json={"price": 2})
    assert lead.price == 2
    assert (await world.api.get(address)).status_code == 200


async def test_revoked_tokens_answer_401_until_the_switch_is_off(world: World) -> None:
    world.account.faults.tokens_revoked = True
    assert (await world.api.get("/api/v4/account")).status_code == 401
    world.account.faults.tokens_revoked = False
    assert (await world.api.get("/api/v4/account")).status_code == 200


async def test_latency_passes_on_the_account_s_clock(world: World) -> None:
    world.account.faults.latency = 5.0
    before = world.clock.now()
    await world.api.get("/api/v4/account")
    assert world.clock.now() - before == 5.0


async def test_switches_are_read_and_set_at_run_time(world: World) -> None:
    answer = await world.page.patch("/sandbox/faults", json={"drop_rate": 1, "down": "503"})
    assert (answer.json()["drop_rate"], answer.json()["down"]) == (1.0, "503")
    assert (await world.page.get("/sandbox/faults")).json() == world.account.faults.as_dict()


async def test_all_switches_are_reset_at_once(world: World) -> None:
    await world.page.patch("/sandbox/faults", json={"rate_limit": True, "unpaid": "all"})
    assert (await world.page.delete("/sandbox/faults")).json() == Faults().as_dict()


@pytest.mark.parametrize("changes", [{"no_such": 1}, {"down": True}, {"drop_rate": "a"}, {"ip_ban": 1}])
async def test_a_wrong_switch_changes_nothing_and_says_why(world: World, changes: dict[str, object]) -> None:
    answer = await world.page.patch("/sandbox/faults", json={"html_429": True, **changes})
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert world.account.faults == Faults()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v4/nothing",
        "/api/v4/nonsense/notes",
        "/api/v4/leads?filter[created_at][from]=yesterday&limit=many&page=-1",
        "/api/v4/events?filter[created_at]=x&filter[entity_id]=&filter=1",
        "/api/v4/leads?filter[a][b][c]=1&filter[a]=2&filter[][x]=1",
        "/api/v4/tasks?filter[updated_at][from]=99999999999999999999999",
    ],
)
async def test_nonsense_in_the_address_is_never_a_server_error(world: World, path: str) -> None:
    world.lead()
    answer = await world.api.get(path)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("body", [[{"id": "x"}], [{"id": None}], [5], [], "text", [{"id": [1]}], {"a": 1}])
async def test_nonsense_in_a_body_is_a_client_error(world: World, body: object) -> None:
    for path in ("leads", "contacts", "tasks", "leads/notes", "leads/custom_fields"):
        answer = await world.api.patch(f"/api/v4/{path}", json=body)
        assert 400 <= answer.status_code < 500, path
    for path in ("calls", "tasks", "leads/notes", "webhooks", "leads/complex"):
        answer = await world.api.post(f"/api/v4/{path}", json=body)
        assert answer.status_code < 500, path


async def test_strange_field_values_are_client_errors(world: World) -> None:
    kinds = ["text", "numeric", "checkbox", "select", "date", "multitext", "radiobutton", "date_time"]
    fields = [world.account.add_field("leads", kind, kind) for kind in kinds]
    lead = world.lead()
    for field in fields:
        for value in ({"a": 1}, [1], "x", "1e999", True, -1, None):
            row = {"custom_fields_values": [{"field_id": field.id, "values": [{"value": value}]}]}
            answer = await world.api.patch(f"/api/v4/leads/{lead.id}", json=row)
            assert answer.status_code in {200, 400}, (field.type, value)


def test_every_switch_is_explained_in_the_notes() -> None:
    notes = Path(importlib.import_module("app.sandbox.amocrm").__path__[0]) / "NOTES.md"
    words = set(re.findall(r"`(\w+)`", notes.read_text(encoding="utf-8")))
    assert set(Faults().as_dict()) - words == set()
