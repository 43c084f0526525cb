"""Tokens, the authorization server, and what an application's page is posted."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.sandbox.bitrix24.installs import page_form
from tests.sandbox.bitrix24.world import World, make_world

TOKEN = "/auth-server/oauth/token/"


async def refresh(world: World, token: str, **more: str) -> httpx.Response:
    """One request for the next pair."""
    app = world.registered
    query = {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": token,
    }
    return await world.http.get(TOKEN, params=query | more)


async def consent(world: World) -> dict[str, str]:
    """A person allows the application; what comes back to its address."""
    page = await world.http.get("/oauth/authorize/", params={"client_id": world.registered.client_id})
    assert page.status_code == 200
    form = {"client_id": world.registered.client_id, "state": "s1", "user_id": str(world.seller)}
    answer = await world.http.post("/oauth/authorize/", data=form)
    assert answer.status_code == 302
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def exchange_form(world: World, code: str) -> dict[str, str]:
    """The request that turns a code into tokens."""
    app = world.registered
    return {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": code,
    }


async def test_a_code_becomes_tokens_once_and_within_thirty_seconds(world: World) -> None:
    back = await consent(world)
    assert (back["state"], back["domain"], back["member_id"]) == (
        "s1",
        "portal.example.org",
        world.portal.member_id,
    )
    answer = (await world.http.get(TOKEN, params=exchange_form(world, back["code"]))).json()
    assert answer["user_id"] == world.seller
    assert answer["expires_in"] == 3600
    assert answer["client_endpoint"] == "http://portal.example.org/rest/"
    again = await world.http.get(TOKEN, params=exchange_form(world, back["code"]))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = await consent(world)
    world.clock.advance(31)
    assert (await world.http.get(TOKEN, params=exchange_form(world, late["code"]))).status_code == 400


async def test_a_refresh_replaces_both_tokens(world: World) -> None:
    first = (await refresh(world, world.grant.refresh)).json()
    assert first["access_token"] != world.grant.access
    assert first["refresh_token"] != world.grant.refresh
    again = await refresh(world, world.grant.refresh)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(world, first["refresh_token"])).status_code == 200


async def test_an_old_refresh_token_may_stay_good_for_a_while(world: World) -> None:
    world.portal.faults.refresh_grace = 60.0
    await refresh(world, world.grant.refresh)
    assert (await refresh(world, world.grant.refresh)).status_code == 200
    world.clock.advance(61)
    assert (await refresh(world, world.grant.refresh)).status_code == 400


async def test_a_refresh_may_be_posted_as_a_form(world: World) -> None:
    app = world.registered
    form = {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": world.grant.refresh,
    }
    assert (await world.http.post(TOKEN, data=form)).status_code == 200


async def test_a_wrong_secret_is_an_invalid_client(world: World) -> None:
    refused = await refresh(world, world.grant.refresh, client_secret="wrong")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")


async def test_wrong_client_comes_with_status_200(world: World) -> None:
    world.portal.faults.wrong_client = True
    answer = await refresh(world, world.grant.refresh)
    assert (answer.status_code, answer.json()["error"]) == (200, "wrong_client")


async def test_the_domain_of_a_token_answer_is_the_authorization_server_s(world: World) -> None:
    other = make_world(auth_root="https://oauth.bitrix24.tech")
    answer = await other.http.get(
        "https://oauth.bitrix24.tech/oauth/token/",
        params={
            "grant_type": "refresh_token",
            "client_id": other.registered.client_id,
            "client_secret": other.registered.client_secret,
            "refresh_token": other.grant.refresh,
        },
    )
    body = answer.json()
    assert (body["domain"], body["server_endpoint"]) == (
        "oauth.bitrix24.tech",
        "https://oauth.bitrix24.tech/rest/",
    )
    await other.close()


async def test_app_info_of_the_authorization_server_proves_whose_token_it_is(world: World) -> None:
    answer = await world.http.get("/auth-server/rest/app.info", params={"auth": world.token_of(world.seller)})
    info: dict[str, Any] = answer.json()["result"]
    assert (info["client_id"], info["user_id"]) == (world.registered.client_id, world.seller)
    assert info["install"]["member_id"] == world.portal.member_id
    assert info["install"]["domain"] == "portal.example.org"
    assert info["install"]["client_endpoint"] == "http://portal.example.org/rest/"
    with_slash = await world.http.get("/auth-server/rest/app.info/", params={"auth": world.grant.access})
    assert "time" in with_slash.json()
    fake = await world.http.get("/auth-server/rest/app.info", params={"auth": "fake"})
    assert (fake.status_code, fake.json()["error"]) == (400, "invalid_client")


async def test_profile_says_who_is_an_administrator(world: World) -> None:
    assert (await world.call("profile"))["ADMIN"] is True
    mine = await world.call("profile", token=world.token_of(world.seller))
    assert (mine["ID"], mine["ADMIN"], mine["LAST_NAME"]) == (str(world.seller), False, "Ковалёва")
    assert "ADMIN" not in await world.call("user.current")


async def test_a_page_is_posted_the_viewer_s_token_and_the_place(world: World) -> None:
    seller = world.portal.users[world.seller]
    form = page_form(
        world.portal, world.registered, seller, placement="CRM_DEAL_DETAIL_TAB", options={"ID": "9021"}
    )
    query = parse_qs(urlsplit(form.url).query)
    assert (query["DOMAIN"], query["PROTOCOL"], query["LANG"]) == (["portal.example.org"], ["0"], ["ru"])
    assert query["APP_SID"]
    fields = form.fields
    assert (form.method, fields["PLACEMENT"], fields["status"]) == ("POST", "CRM_DEAL_DETAIL_TAB", "L")
    assert json.loads(fields["PLACEMENT_OPTIONS"])["ID"] == "9021"
    assert fields["APPLICATION_TOKEN"] == world.registered.application_token
    assert (await world.call("profile", token=fields["AUTH_ID"]))["ID"] == str(world.seller)


async def test_what_a_page_is_posted_can_be_broken(world: World) -> None:
    faults, admin = world.portal.faults, world.portal.users[world.admin]
    faults.post_expired_token, faults.post_application_token = True, False
    faults.post_foreign_domain, faults.post_options = "evil.example.org", "none"
    form = page_form(world.portal, world.registered, admin)
    assert parse_qs(urlsplit(form.url).query)["DOMAIN"] == ["evil.example.org"]
    assert not {"APPLICATION_TOKEN", "PLACEMENT_OPTIONS"} & set(form.fields)
    answer = await world.ask("profile", token=form.fields["AUTH_ID"])
    assert answer.json()["error"] == "expired_token"


async def test_the_bi_menu_gets_a_bare_request(world: World) -> None:
    admin = world.portal.users[world.admin]
    form = page_form(world.portal, world.registered, admin, placement="BI_ANALYTICS_MENU")
    assert (form.method, form.fields) == ("GET", {})


async def test_the_main_page_may_have_options_without_an_address(world: World) -> None:
    form = page_form(world.portal, world.registered, world.portal.users[world.admin])
    assert form.fields["PLACEMENT"] == "DEFAULT"
    assert json.loads(form.fields["PLACEMENT_OPTIONS"]) == {"any": "5/"}


async def test_a_lost_token_answer_has_replaced_the_pair_all_the_same(world: World) -> None:
    world.portal.faults.lost_token_answer = True
    with pytest.raises(httpx.ReadError):
        await refresh(world, world.grant.refresh)
    assert (await refresh(world, world.grant.refresh)).status_code == 400


async def test_placements_are_bound_once_and_listed(world: World) -> None:
    place = {
        "PLACEMENT": "CRM_DEAL_DETAIL_TAB",
        "HANDLER": "http://product.example.org/tab",
        "TITLE": "Шаги клиента",
        "LANG_ALL": {"en": {"TITLE": "Client steps"}},
    }
    assert await world.call("placement.bind", place) is True
    assert (await world.ask("placement.bind", place)).json()["error"] == "ERROR_CORE"
    (bound,) = await world.call("placement.get")
    assert (bound["placement"], bound["title"]) == ("CRM_DEAL_DETAIL_TAB", "Шаги клиента")
    wrong = await world.ask("placement.bind", place | {"PLACEMENT": "NO_SUCH"})
    assert (wrong.status_code, wrong.json()["error"]) == (200, "ERROR_PLACEMENT_NOT_FOUND")
    assert await world.call("placement.unbind", {"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}) == {"count": 1}


async def test_application_settings_are_kept_by_administrators(world: World) -> None:
    assert await world.call("app.option.set", {"options": {"a": "1"}}) is True
    assert await world.call("app.option.get", {"option": "a"}) == "1"
    seller = world.token_of(world.seller)
    refused = await world.ask("app.option.set", {"options": {"a": "2"}}, token=seller)
    assert refused.json()["error"] == "ACCESS_DENIED"
    assert await world.call("user.option.get", token=seller) == []
