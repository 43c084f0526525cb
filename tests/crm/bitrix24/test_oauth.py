"""Consent and tokens: nothing posted is believed, and the secret goes to the vendor's servers only."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.crm.adapters.bitrix24.adapter import build
from app.crm.errors import AuthExpired, CrmError, NotFromCrm, PaymentRequired, Unavailable, Unknown
from app.crm.port import OAuth, TokenPair
from app.errors import BadRequest
from app.sandbox.bitrix24.installs import page_form
from tests.crm.bitrix24.kit import HOST, SERVER, Bench, environment_of
from tests.sandbox.bitrix24.world import ORIGIN


def posted(bench: Bench, user_id: int = 0, **changes: str) -> dict[str, str]:
    """What the portal posts to the install page."""
    user = bench.world.portal.users[user_id or bench.world.admin]
    return {**page_form(bench.world.portal, bench.world.registered, user).fields, **changes}


def told(bench: Bench, event: str = "ONAPPINSTALL", **changes: str) -> dict[str, str]:
    """What the portal's server posts about an install without pages."""
    fields = posted(bench)
    auth = {
        "access_token": fields["AUTH_ID"], "refresh_token": fields["REFRESH_ID"], "expires_in": "3600",
        "server_endpoint": fields["SERVER_ENDPOINT"], "member_id": fields["member_id"],
        "application_token": fields["APPLICATION_TOKEN"], **changes,
    }  # fmt: skip
    return {"event": event, **{f"auth[{name}]": value for name, value in auth.items()}}


def pair(bench: Bench, refresh: str = "", access: str = "x") -> TokenPair:
    now = bench.clock.now()
    return TokenPair(
        access, f"{SERVER}|{refresh or bench.world.grant.refresh}", now, now + timedelta(hours=1)
    )


@pytest.mark.parametrize("event", ["ONAPPINSTALL", "onAppUpdate"])
async def test_an_install_without_pages_is_a_grant(bench: Bench, event: str) -> None:
    grant = await bench.adapter.oauth.grant(told(bench, event))
    assert (grant.external_id, grant.host) == (bench.world.portal.member_id, HOST)
    assert grant.hook_secret == bench.world.registered.application_token
    assert grant.is_admin
    assert grant.user_id == str(bench.world.admin)
    assert grant.tokens.expires_at - grant.tokens.issued_at == timedelta(hours=1)


async def test_the_post_of_the_install_page_is_a_grant(bench: Bench) -> None:
    grant = await bench.adapter.oauth.grant(posted(bench))
    renewed = await bench.adapter.oauth.refresh(grant.host, grant.tokens)
    assert renewed.access_token != grant.tokens.access_token


async def test_a_code_is_exchanged_where_the_redirect_says(bench: Bench) -> None:
    code = bench.world.portal.apps.code_for(bench.world.registered, bench.world.admin)
    params = {"code": code, "server_domain": HOST, "member_id": bench.world.portal.member_id, "domain": HOST}
    grant = await bench.adapter.oauth.grant(params)
    assert grant.host == HOST
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.grant(params)


CHANGES: list[dict[str, str]] = [
    {"AUTH_ID": "f" * 70},
    {"AUTH_ID": "x" * 3000},
    {"REFRESH_ID": ""},
    {"member_id": ""},
    {"member_id": "f" * 32},
    {"SERVER_ENDPOINT": ""},
    {"SERVER_ENDPOINT": "https://evil.example/rest/"},
    {"SERVER_ENDPOINT": "https://portal.example.org/rest/"},
    {"error": "access_denied"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change)[:40])
async def test_a_changed_post_is_no_grant(bench: Bench, change: Mapping[str, str]) -> None:
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.grant({**posted(bench), **change})


async def test_only_an_administrator_connects(bench: Bench) -> None:
    with pytest.raises(BadRequest) as caught:
        await bench.adapter.oauth.grant(posted(bench, bench.world.seller))
    assert caught.value.code == "admin_needed"


async def test_another_app_s_token_is_no_grant(bench: Bench) -> None:
    other = bench.world.portal.apps.register(handler_url="http://other.example.org/")
    bench.world.portal.apps.add(other, bench.world.admin)
    token = bench.world.portal.apps.issue(other, bench.world.admin)
    with pytest.raises(BadRequest) as caught:
        await bench.adapter.oauth.grant(posted(bench, AUTH_ID=token.access, REFRESH_ID=token.refresh))
    assert caught.value.code == "bad_token"


@pytest.mark.parametrize(
    "params", [{}, {"event": "ONCRMDEALUPDATE"}, {"code": "x" * 3000}, {"server_domain": "e"}]
)
async def test_what_is_no_consent_is_refused(bench: Bench, params: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.grant(params)


async def test_a_refresh_token_is_good_once(bench: Bench) -> None:
    first = pair(bench)
    second = await bench.adapter.oauth.refresh(HOST, first)
    assert (await bench.adapter.oauth.refresh(HOST, second)).access_token != second.access_token
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, first)


async def test_a_lost_answer_is_unknown_and_a_second_one_tells(bench: Bench) -> None:
    bench.world.portal.faults.lost_token_answer = True
    with pytest.raises(Unknown):
        await bench.adapter.oauth.refresh(HOST, pair(bench))
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, pair(bench))


async def test_an_old_refresh_token_may_have_some_grace(bench: Bench) -> None:
    bench.world.portal.faults.refresh_grace = 60.0
    bench.world.portal.faults.lost_token_answer = True
    with pytest.raises(Unknown):
        await bench.adapter.oauth.refresh(HOST, pair(bench))
    assert (await bench.adapter.oauth.refresh(HOST, pair(bench))).access_token


async def test_a_refusal_with_status_200_is_a_refusal(bench: Bench) -> None:
    bench.world.portal.faults.wrong_client = True
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, pair(bench))


@pytest.mark.parametrize("stored", ["", "token", "|token", "https://evil.example/|token", "http://x|"])
async def test_tokens_without_an_allowed_server_are_not_sent_anywhere(bench: Bench, stored: str) -> None:
    now = bench.clock.now()
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, TokenPair("x", stored, now, now))


async def test_a_renamed_portal_is_found_by_its_token(bench: Bench) -> None:
    access = bench.world.token_of(bench.world.admin)
    assert await bench.adapter.oauth.find_host(HOST, pair(bench, access=access)) == HOST
    bench.world.portal.faults.moved_to_host = "renamed.example.org"
    way = httpx.ASGITransport(bench.world.app)
    environment = environment_of(bench.clock, way)
    trusting = replace(environment, trusted_origins=(ORIGIN, "http://renamed.example.org"))
    assert await build(trusting).oauth.find_host(HOST, pair(bench, access=access)) == "renamed.example.org"
    with pytest.raises(Unavailable):
        await bench.adapter.oauth.find_host(HOST, pair(bench, access=access))


def test_tokens_are_renewed_when_refused_and_kept_alive_before_they_die(bench: Bench) -> None:
    tokens = pair(bench)
    assert not bench.adapter.oauth.should_refresh(tokens, tokens.expires_at + timedelta(days=30))
    assert bench.adapter.oauth.should_refresh(tokens, tokens.issued_at + timedelta(days=151))


async def test_there_are_no_long_lived_tokens_and_no_removals_by_address(bench: Bench) -> None:
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.adopt(HOST, "token")
    with pytest.raises(NotFromCrm):
        bench.adapter.oauth.verify_removal({"member_id": bench.world.portal.member_id})


def test_consent_is_given_at_the_operator_s_own_portal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadRequest) as caught:
        bench.adapter.oauth.authorize_url("s")
    assert caught.value.code == "install_in_crm"
    monkeypatch.setenv("STEPGATE_BITRIX24_PORTAL", "acme.bitrix24.ru")
    address = urlsplit(build(environment_of(bench.clock, Watch())).oauth.authorize_url("s t"))
    assert (address.scheme, address.netloc, address.path) == (
        "https",
        "acme.bitrix24.ru",
        "/oauth/authorize/",
    )
    assert parse_qs(address.query) == {"client_id": [bench.world.registered.client_id], "state": ["s t"]}


async def test_without_keys_nothing_is_connected(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    params = posted(bench)
    monkeypatch.setenv("STEPGATE_BITRIX24_CLIENT_SECRET", "")
    watch = Watch()
    with pytest.raises(BadRequest) as caught:
        await build(environment_of(bench.clock, watch)).oauth.grant(params)
    assert caught.value.code == "crm_not_configured"
    assert not watch.seen


class Watch(httpx.AsyncBaseTransport):
    """Notes every request, answers all with `answer`."""

    def __init__(self, status: int = 500, answer: Any = None) -> None:
        self.status, self.answer = status, answer
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note it."""
        self.seen.append(request)
        return httpx.Response(self.status, json=self.answer)


FORGED = [
    "https://evil.example/rest/", "http://oauth.bitrix.info/rest/", "https://oauth.bitrix.info.evil.example/rest/",
    "https://oauth.bitrix.info@evil.example/rest/", "https://portal.bitrix24.ru/rest/",
    "file:///rest/", "//evil/rest/",
]  # fmt: skip


@pytest.mark.parametrize("server", FORGED)
async def test_no_request_leaves_for_a_forged_server(bench: Bench, server: str) -> None:
    watch = Watch()
    oauth: OAuth = build(environment_of(bench.clock, watch)).oauth
    with pytest.raises(BadRequest):
        await oauth.grant(posted(bench, SERVER_ENDPOINT=server))
    assert watch.seen == []


@pytest.mark.parametrize(
    "domain", ["evil.example", "oauth.bitrix.info.evil.example", "portal.bitrix24.ru", "/", "x@y"]
)
async def test_no_code_is_exchanged_at_a_forged_server(bench: Bench, domain: str) -> None:
    watch = Watch()
    with pytest.raises(BadRequest):
        await build(environment_of(bench.clock, watch)).oauth.grant({"code": "c", "server_domain": domain})
    assert watch.seen == []


async def test_the_secret_travels_in_the_body_to_the_vendor_alone(bench: Bench) -> None:
    watch = Watch(401, {"error": "PAYMENT_REQUIRED"})
    oauth = build(environment_of(bench.clock, watch)).oauth
    now = bench.clock.now()
    with pytest.raises(PaymentRequired):
        await oauth.refresh("evil.example", TokenPair("x", "https://oauth.bitrix24.tech/|r", now, now))
    request = watch.seen[0]
    assert str(request.url) == "https://oauth.bitrix24.tech/oauth/token/"
    assert bench.world.registered.client_secret.encode() in request.content


@pytest.mark.parametrize(
    "answer",
    [
        None, [], {}, {"access_token": "a"}, {"access_token": "a", "refresh_token": 5},
        {"access_token": "a", "refresh_token": "r", "server_endpoint": "https://evil.example/rest/"},
    ],
)  # fmt: skip
async def test_tokens_that_cannot_be_read_are_unknown(bench: Bench, answer: Any) -> None:
    oauth = build(environment_of(bench.clock, Watch(200, answer))).oauth
    with pytest.raises(Unknown):
        await oauth.refresh(HOST, pair(bench))


async def test_a_portal_that_the_server_does_not_name_is_no_grant(bench: Bench) -> None:
    answer = {"result": {"client_id": bench.world.registered.client_id, "user_id": 1, "install": {}}}
    oauth = build(environment_of(bench.clock, Watch(200, answer))).oauth
    with pytest.raises(CrmError):
        await oauth.grant(posted(bench))
