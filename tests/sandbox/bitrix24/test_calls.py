"""How calls are sent and refused: bodies, tokens, scopes, batches, limits, outages."""

from typing import Any

import httpx
import pytest

from tests.sandbox.bitrix24.world import World

DEAL = {"entityTypeId": 2}


async def test_query_form_json_and_header_say_the_same(world: World) -> None:
    deal, token = world.deal(), world.grant.access
    query: dict[str, str | int] = {"entityTypeId": 2, "id": deal.id, "auth": token}
    by_query = await world.http.get("/rest/crm.item.get", params=query)
    by_form = await world.http.post(
        "/rest/crm.item.get.json", data={"entityTypeId": "2", "id": str(deal.id), "auth": token}
    )
    by_header = await world.http.post(
        "/rest/crm.item.get",
        json={"entityTypeId": 2, "id": deal.id},
        headers={"authorization": f"Bearer {token}"},
    )
    by_capitals = await world.http.get("/rest/crm.Item.Get", params=query)
    answers = [answer.json()["result"] for answer in (by_query, by_form, by_header, by_capitals)]
    assert all(answer == answers[0] for answer in answers)


async def test_nested_form_bodies_are_read(world: World) -> None:
    first, _ = world.deal(), world.deal("PREPARATION")
    form = {"entityTypeId": "2", "filter[@stageId][0]": "NEW", "select[]": "id", "auth": world.grant.access}
    answer = await world.http.post("/rest/crm.item.list", data=form)
    assert answer.json()["result"]["items"] == [{"id": first.id}]


async def test_answers_carry_their_time_and_errors_do_not(world: World) -> None:
    good = (await world.ask("profile")).json()
    assert {"start", "finish", "duration", "operating", "operating_reset_at"} <= set(good["time"])
    bad = (await world.ask("no.such.method")).json()
    assert set(bad) == {"error", "error_description"}


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("", 401, "NO_AUTH_FOUND"), ("unknown", 401, "invalid_token")],
)
async def test_a_call_needs_a_known_token(world: World, token: str, status: int, code: str) -> None:
    answer = await world.http.post("/rest/profile", json={"auth": token})
    assert (answer.status_code, answer.json()["error"]) == (status, code)


async def test_tokens_expire_after_an_hour(world: World) -> None:
    world.clock.advance(3601)
    answer = await world.ask("profile")
    assert (answer.status_code, answer.json()["error"]) == (401, "expired_token")


async def test_the_token_of_somebody_who_left_authorizes_nobody(world: World) -> None:
    world.portal.users[world.admin].is_active = False
    answer = await world.ask("profile")
    assert (answer.status_code, answer.json()["error"]) == (401, "authorization_error")


async def test_a_missing_scope_is_answered_as_401_or_403(world: World) -> None:
    world.registered.scope = ["placement"]
    refused = await world.ask("crm.item.list", DEAL)
    assert (refused.status_code, refused.json()["error"]) == (401, "insufficient_scope")
    world.portal.faults.scope_status = 403
    assert (await world.ask("crm.item.list", DEAL)).status_code == 403
    assert (await world.ask("profile")).status_code == 200


async def test_an_unknown_method_is_not_found(world: World) -> None:
    answer = await world.ask("crm.no.such")
    assert (answer.status_code, answer.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")


async def test_methods_of_administrators_are_denied_to_others(world: World) -> None:
    refused = await world.ask("placement.get", token=world.token_of(world.seller))
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_DENIED")


async def test_an_application_may_be_limited_to_some_users(world: World) -> None:
    world.portal.faults.app_users = str(world.admin)
    refused = await world.ask("profile", token=world.token_of(world.seller))
    assert (refused.status_code, refused.json()["error"]) == (403, "user_access_error")
    assert (await world.ask("profile")).status_code == 200


async def test_an_inbound_webhook_reads_but_has_no_application(world: World) -> None:
    secret = world.portal.apps.add_webhook(world.admin)
    good = await world.http.post(f"/rest/{world.admin}/{secret}/crm.item.list", json=DEAL)
    assert good.status_code == 200
    refused = await world.http.post(f"/rest/{world.admin}/{secret}/event.get", json={})
    assert (refused.status_code, refused.json()["error"]) == (403, "WRONG_AUTH_TYPE")
    wrong = await world.http.post(f"/rest/{world.seller}/{secret}/profile", json={})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "NO_AUTH_FOUND")


async def test_a_batch_answers_each_command_and_uses_results_before(world: World) -> None:
    deal = world.deal()
    commands = {
        "deals": "crm.item.list?entityTypeId=2&select[]=id",
        "first": "crm.item.get?entityTypeId=2&id=$result[deals][items][0][id]",
        "wrong": "crm.no.such",
    }
    result = await world.call("batch", {"halt": 0, "cmd": commands})
    assert result["result"]["first"]["item"]["id"] == deal.id
    assert set(result["result"]) == {"deals", "first"}
    assert result["result_error"]["wrong"]["error"] == "ERROR_METHOD_NOT_FOUND"
    assert result["result_total"] == {"deals": 1}
    assert result["result_next"] == []


async def test_a_batch_without_errors_has_a_list_where_a_map_is_expected(world: World) -> None:
    result = await world.call("batch", {"cmd": ["profile", "profile"]})
    assert result["result_error"] == []
    assert [row["ID"] for row in result["result"]] == [str(world.admin)] * 2


async def test_halt_stops_a_batch_at_its_first_error(world: World) -> None:
    result = await world.call("batch", {"halt": 1, "cmd": {"a": "no.such", "b": "profile"}})
    assert (result["result"], list(result["result_error"])) == ([], ["a"])


async def test_the_surplus_of_a_long_batch_fails(world: World) -> None:
    result = await world.call("batch", {"cmd": {f"c{number}": "profile" for number in range(52)}})
    assert len(result["result"]) == 50
    assert {row["error"] for row in result["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}


async def test_a_batch_may_be_sent_as_a_form_with_encoded_commands(world: World) -> None:
    deal = world.deal()
    form = {"auth": world.grant.access, "halt": "0", "cmd[one]": f"crm.deal.get?id={deal.id}"}
    answer = await world.http.post("/rest/batch.json", data=form)
    assert answer.json()["result"]["result"]["one"]["ID"] == str(deal.id)


async def test_a_token_may_expire_in_the_middle_of_a_batch(world: World) -> None:
    world.portal.faults.tokens_expire_mid_batch = True
    result = await world.call("batch", {"cmd": {"a": "profile", "b": "profile"}})
    assert set(result["result"]) == {"a"}
    assert result["result_error"]["b"]["error"] == "expired_token"


async def test_the_bucket_overflows_after_fifty_and_drains_two_a_second(world: World) -> None:
    world.portal.faults.rate_limit = True
    answers = [(await world.ask("profile")).status_code for _ in range(51)]
    assert answers == [200] * 50 + [503]
    refused = await world.ask("profile")
    assert refused.json()["error"] == "QUERY_LIMIT_EXCEEDED"
    assert "retry-after" not in refused.headers
    world.clock.advance(1)
    assert [(await world.ask("profile")).status_code for _ in range(3)] == [200, 200, 503]


async def test_a_method_that_worked_too_long_is_blocked_alone(world: World) -> None:
    faults = world.portal.faults
    faults.operating_limit, faults.call_seconds = True, 200.0
    statuses = [(await world.ask("crm.item.list", DEAL)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert (await world.ask("crm.item.list", DEAL)).json()["error"] == "OPERATION_TIME_LIMIT"
    good = (await world.ask("crm.category.list", DEAL)).json()
    assert good["time"]["operating"] == 200
    world.clock.advance(good["time"]["operating_reset_at"] - world.clock.now())
    assert (await world.ask("crm.item.list", DEAL)).status_code == 200


async def test_the_outer_batch_is_not_counted_as_work_but_its_commands_are(world: World) -> None:
    faults = world.portal.faults
    faults.operating_limit, faults.call_seconds = True, 300.0
    await world.call("batch", {"cmd": {"a": "profile", "b": "profile"}})
    result = await world.call("batch", {"cmd": {"c": "profile", "d": "scope"}})
    assert result["result_error"]["c"]["error"] == "OPERATION_TIME_LIMIT"
    assert "d" in result["result"]


async def test_an_outage_answers_with_a_page_instead_of_json(world: World) -> None:
    world.portal.faults.down = "502"
    answer = await world.ask("profile")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    world.portal.faults.down = "cut"
    with pytest.raises(httpx.ReadError):
        await world.ask("profile")


async def test_a_share_of_the_calls_is_answered_by_a_page_of_the_web_server(world: World) -> None:
    world.portal.faults.html_error_rate = 0.5
    answers = [await world.ask("profile") for _ in range(40)]
    assert {answer.status_code for answer in answers} == {200, 500}
    assert all("<html>" in answer.text for answer in answers if answer.status_code == 500)


async def test_a_lost_answer_may_hide_a_finished_write(world: World) -> None:
    deal = world.deal()
    world.portal.faults.lost_write_rate = 1.0
    comment = {"fields": {"ENTITY_ID": deal.id, "ENTITY_TYPE": "deal", "COMMENT": "раз"}}
    assert (await world.ask("crm.timeline.comment.add", comment)).status_code == 504
    assert len(world.portal.comments) == 1
    assert (await world.ask("profile")).status_code == 200


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("profile.json", {}),
        ("crm.item.list.json", DEAL),
        ("server.time", {}),
        ("events", {}),
        ("batch", {"cmd": {"a": "profile", "b": "crm.item.list.json?entityTypeId=2"}}),
    ],
)
async def test_only_writes_lose_their_answers(world: World, method: str, params: dict[str, Any]) -> None:
    world.portal.faults.lost_write_rate = 1.0
    assert (await world.ask(method, params)).status_code == 200


async def test_a_batch_with_a_write_and_a_read_that_takes_away_lose_theirs(world: World) -> None:
    deal = world.deal()
    world.portal.faults.lost_write_rate = 1.0
    commands = {"a": "profile", "b": f"crm.deal.update.json?id={deal.id}&fields[TITLE]=x"}
    assert (await world.ask("batch.json", {"cmd": commands})).status_code == 504
    assert deal.title == "x"
    assert (await world.ask("event.offline.get")).status_code == 504


async def test_a_renamed_portal_answers_by_sending_elsewhere(world: World) -> None:
    world.portal.faults.moved_to_host = "new.example.org"
    answer = await world.ask("profile")
    assert answer.status_code == 302
    assert answer.headers["location"] == "http://new.example.org/rest/profile"
    moved = await world.http.post("http://new.example.org/rest/profile", json={"auth": world.grant.access})
    assert moved.status_code == 200


async def test_a_frame_may_call_from_another_origin(world: World) -> None:
    asked = await world.http.options("/rest/profile")
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert (await world.ask("profile")).headers["access-control-allow-origin"] == "*"


async def test_an_unpaid_portal_has_no_api(world: World) -> None:
    world.portal.faults.unpaid = True
    refused = await world.ask("profile")
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_DENIED")
