"""OAuth: consent, codes, rotation, revocation, and the address of a renamed account."""

import asyncio
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from app.sandbox.amocrm import installs
from tests.sandbox.amocrm.world import REDIRECT, SECRET, World


def exchange(world: World, **changes: str) -> dict[str, str]:
    """A complete body for the token endpoint, with changes."""
    code = world.account.integrations.make_code(world.integration, world.admin)
    body = {
        "client_id": world.integration.client_id,
        "client_secret": SECRET,
        "redirect_uri": REDIRECT,
        "grant_type": "authorization_code",
        "code": code,
    }
    return body | changes


async def token(world: World, body: dict[str, str]) -> httpx.Response:
    """One call of the token endpoint."""
    return await world.api.post("/oauth2/access_token", json=body)


async def pair(world: World) -> dict[str, str]:
    """A fresh token pair."""
    answer = await token(world, exchange(world))
    assert answer.status_code == 200, answer.text
    issued: dict[str, str] = answer.json()
    return issued


async def refresh(world: World, value: str, **changes: str) -> httpx.Response:
    """Exchange a refresh token."""
    return await token(world, exchange(world, grant_type="refresh_token", refresh_token=value, **changes))


async def test_consent_in_the_browser_returns_code_state_and_the_host_with_its_port(world: World) -> None:
    page = await world.page.get("/oauth", params={"client_id": world.integration.client_id, "state": "s1"})
    assert 'value="s1"' in page.text
    answer = await world.page.post(
        "/oauth",
        data={
            "client_id": world.integration.client_id,
            "state": "s1",
            "user_id": str(world.admin),
            "decision": "allow",
        },
    )
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s1"]
    assert query["referer"] == ["crm.example.org"]
    assert query["platform"] == ["1"]
    assert "from_widget" not in query
    assert (await token(world, exchange(world, code=query["code"][0]))).status_code == 200


async def test_a_refusal_comes_back_as_access_denied_with_the_state(world: World) -> None:
    form = {"client_id": world.integration.client_id, "state": "s1", "user_id": str(world.admin)}
    answer = await world.page.post("/oauth", data={**form, "decision": "deny"})
    assert answer.headers["location"] == f"{REDIRECT}?error=access_denied&state=s1"


async def test_only_an_administrator_gives_the_first_grant(world: World) -> None:
    world.integration.installed = False
    form = {"client_id": world.integration.client_id, "user_id": str(world.seller), "decision": "allow"}
    assert (await world.page.post("/oauth", data=form)).status_code == 403
    world.integration.installed = True
    assert (await world.page.post("/oauth", data=form)).status_code == 302


async def test_a_widget_install_calls_the_redirect_uri_without_state(world: World) -> None:
    answer = await world.page.post(f"/sandbox/api/integrations/{world.integration.client_id}/install")
    assert answer.json()["redirect_status"] == 204
    (call,) = world.product.received
    assert call.method == "GET"
    assert call.query["from_widget"] == "1"
    assert "state" not in call.query
    assert call.headers["user-agent"] == "amoService-oAuth-Code-Sender/1.0"
    assert (await token(world, exchange(world, code=call.query["code"]))).status_code == 200


async def test_the_referer_can_be_forged_and_the_platform_switched(world: World) -> None:
    world.account.faults.update({"forged_referer": "evil.example.com", "platform": 2})
    await installs.install_widget(world.account, world.integration, world.admin)
    (call,) = world.product.received
    assert (call.query["referer"], call.query["platform"]) == ("evil.example.com", "2")


async def test_a_token_answer_has_the_documented_keys_and_an_api_domain(world: World) -> None:
    issued = await pair(world)
    assert set(issued) == {"token_type", "expires_in", "server_time", "access_token", "refresh_token"}
    claims = jwt.decode(issued["access_token"], options={"verify_signature": False})
    assert claims["api_domain"] == "crm.example.org"


async def test_a_form_body_is_taken_as_well(world: World) -> None:
    assert (await world.api.post("/oauth2/access_token", data=exchange(world))).status_code == 200


async def test_a_code_works_once_and_for_twenty_minutes(world: World) -> None:
    body = exchange(world)
    assert (await token(world, body)).status_code == 200
    again = await token(world, body)
    assert again.status_code == 401
    assert again.json()["title"] == "Некорректный запрос"
    body = exchange(world)
    world.clock.advance(20 * 60 + 1)
    assert (await token(world, body)).status_code == 401


async def test_the_redirect_uri_must_match_on_exchange_and_on_refresh(world: World) -> None:
    assert (await token(world, exchange(world, redirect_uri=REDIRECT + "/"))).status_code == 400
    issued = await pair(world)
    wrong = await refresh(world, issued["refresh_token"], redirect_uri=REDIRECT + "/")
    assert wrong.status_code == 400


async def test_a_wrong_secret_is_an_unknown_client(world: World) -> None:
    answer = await token(world, exchange(world, client_secret="guess"))
    assert answer.status_code == 401
    assert answer.json()["title"] == "Некорректный клиент"
    assert answer.json()["detail"] == "Авторизация клиента не прошла"


async def test_a_refresh_token_works_once_and_says_that_it_was_revoked(world: World) -> None:
    issued = await pair(world)
    assert (await refresh(world, issued["refresh_token"])).status_code == 200
    again = await refresh(world, issued["refresh_token"])
    assert again.status_code == 401
    assert again.headers["content-type"].startswith("application/problem+json")
    assert again.json() == {
        "hint": "Token has been revoked",
        "title": "Некорректный запрос",
        "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
        "status": 401,
        "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
    }


async def test_of_two_parallel_refreshes_one_wins(world: World) -> None:
    value = (await pair(world))["refresh_token"]
    answers = await asyncio.gather(refresh(world, value), refresh(world, value))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.parametrize("grace", [False, True])
async def test_a_lost_refresh_answer_is_fatal_unless_there_is_grace(world: World, grace: bool) -> None:
    world.account.faults.refresh_grace = grace
    value = (await pair(world))["refresh_token"]
    world.account.faults.lost_token_answer = True
    assert (await refresh(world, value)).status_code == 504
    second = await refresh(world, value)
    assert second.status_code == (200 if grace else 401)
    if grace:
        # The grace ends when somebody uses the new pair.
        headers = {"authorization": f"Bearer {second.json()['access_token']}"}
        assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 200
        assert (await refresh(world, value)).status_code == 401


async def test_tokens_expire_after_a_day_and_three_months(world: World) -> None:
    issued = await pair(world)
    headers = {"authorization": f"Bearer {issued['access_token']}"}
    assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 200
    world.clock.advance(86_401)
    assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 401
    world.clock.advance(90 * 86_400)
    assert (await refresh(world, issued["refresh_token"])).status_code == 401


@pytest.mark.parametrize("parameter", ["client_uuid", "client_id"])
async def test_switching_off_voids_tokens_and_signs_the_disable_hook(world: World, parameter: str) -> None:
    world.integration.disable_hook_uri = "http://product.example.org/oauth/disabled"
    world.account.faults.disable_hook_parameter = parameter
    issued = await pair(world)
    address = f"/sandbox/api/integrations/{world.integration.client_id}/uninstall"
    assert (await world.page.post(address)).json()["hook_status"] == 204
    (call,) = world.product.received
    message = f"{world.integration.client_id}|{world.account.id}".encode()
    signature = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    assert call.query == {
        parameter: world.integration.client_id,
        "account_id": str(world.account.id),
        "signature": signature,
    }
    headers = {"authorization": f"Bearer {issued['access_token']}"}
    assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 401
    assert (await world.api.get("/api/v4/account")).status_code == 401
    assert (await refresh(world, issued["refresh_token"])).json()["hint"] == "Token has been revoked"


async def test_the_disable_hook_can_carry_a_wrong_signature(world: World) -> None:
    world.integration.disable_hook_uri = "http://product.example.org/oauth/disabled"
    world.account.faults.bad_disable_signature = True
    await installs.disable(world.account, world.integration)
    (call,) = world.product.received
    assert call.query["signature"] != world.account.integrations.disable_signature(world.integration)


@pytest.mark.parametrize("status", [401, 404])
async def test_after_a_rename_only_the_new_host_answers_and_the_lookup_tells_it(
    world: World, status: int
) -> None:
    value = (await pair(world))["refresh_token"]
    world.account.faults.update({"moved_to_host": "renamed.example.org", "moved_status": status})
    assert (await world.api.get("/api/v4/account")).status_code == status
    assert (await refresh(world, value)).status_code == status
    lookup = await world.api.get("/oauth2/account/current/subdomain", headers={"x-refresh-token": value})
    assert lookup.json() == {
        "id": world.account.id,
        "subdomain": "renamed",
        "domain": "renamed.example.org",
        "top_level_domain": "org",
    }
    moved = await world.api.get("http://renamed.example.org/api/v4/account")
    assert moved.status_code == 200
    unknown = await world.api.get("/oauth2/account/current/subdomain", headers={"x-refresh-token": "no"})
    assert unknown.status_code == 401


async def test_another_user_s_rights_apply_by_header_and_unknown_users_are_refused(world: World) -> None:
    seller = await world.api.get("/api/v4/users", headers={"x-context-user-id": str(world.seller)})
    assert seller.status_code == 403
    for number in ("1", "somebody"):
        answer = await world.api.get("/api/v4/account", headers={"x-context-user-id": number})
        assert answer.status_code == 401


async def test_an_administrator_s_token_survives_the_end_of_that_user(world: World) -> None:
    issued = await pair(world)
    world.account.users[world.admin].is_active = False
    headers = {"authorization": f"Bearer {issued['access_token']}"}
    assert (await world.page.get("/api/v4/users", headers=headers)).status_code == 200


async def test_a_long_lived_token_has_no_refresh_and_ends_on_its_day(world: World) -> None:
    address = f"/sandbox/api/integrations/{world.integration.client_id}/long_lived_token"
    value = (await world.page.post(address, json={"days": 2})).json()["token"]
    headers = {"authorization": f"Bearer {value}"}
    assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 200
    world.clock.advance(2 * 86_400 + 1)
    assert (await world.page.get("/api/v4/account", headers=headers)).status_code == 401
    assert (await world.page.post(address, json={"days": 4000})).status_code == 422
