"""Consent and tokens against the simulated account: ways in, rotation, renaming, switching off."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.crm.adapters import amocrm
from app.crm.errors import AuthExpired, NotFound, NotFromCrm, Unavailable, Unknown
from app.crm.port import CrmAdapter, TokenPair
from app.crm.registry import AdapterEnvironment
from app.errors import BadRequest
from app.sandbox.amocrm.installs import disable, install_widget
from tests.crm.amocrm.kit import CLIENT_ID, HOST, PUBLIC_URL, SECRET, Bench
from tests.crm.amocrm.test_hosts import EVIL


def redirect(bench: Bench, user: int | None = None, **changes: str) -> dict[str, str]:
    """The parameters that the account adds to our redirect address."""
    code = bench.world.account.integrations.make_code(bench.world.integration, user or bench.world.admin)
    return {"code": code, "referer": HOST, "platform": "1", "client_id": CLIENT_ID, **changes}


async def first_pair(bench: Bench) -> TokenPair:
    """Tokens of a fresh consent."""
    return (await bench.adapter.oauth.grant(redirect(bench))).tokens


def removal(
    account_id: str, key: str = SECRET, client: str = CLIENT_ID, name: str = "client_uuid"
) -> dict[str, str]:
    """What the disable hook brings."""
    signature = hmac.new(key.encode(), f"{client}|{account_id}".encode(), hashlib.sha256).hexdigest()
    return {name: client, "account_id": account_id, "signature": signature}


def answering(bench: Bench, status: int, body: bytes) -> CrmAdapter:
    """The adapter in front of a server that answers everything alike."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    return amocrm.build(AdapterEnvironment(PUBLIC_URL, (f"http://{HOST}",), bench.clock, transport))


async def test_the_consent_page_gets_our_id_and_the_state(bench: Bench) -> None:
    address = urlsplit(bench.adapter.oauth.authorize_url("s-1"))
    assert address.netloc == HOST
    assert parse_qs(address.query) == {"client_id": [CLIENT_ID], "state": ["s-1"], "mode": ["popup"]}


async def test_a_code_brings_the_account_and_a_day_s_tokens(bench: Bench) -> None:
    grant = await bench.adapter.oauth.grant(redirect(bench, state="s-1"))
    assert (grant.external_id, grant.host) == (str(bench.world.account.id), HOST)
    assert grant.user_id == str(bench.world.admin)
    assert grant.title == bench.world.account.name
    assert grant.tokens.expires_at - grant.tokens.issued_at == timedelta(hours=24)


async def test_the_account_s_own_call_after_a_widget_install_has_no_state_and_is_taken(bench: Bench) -> None:
    await install_widget(bench.world.account, bench.world.integration, bench.world.admin)
    (call,) = bench.world.product.received
    assert "state" not in call.query
    assert (await bench.adapter.oauth.grant(call.query)).external_id == str(bench.world.account.id)


async def test_a_code_works_once_and_for_twenty_minutes(bench: Bench) -> None:
    params = redirect(bench)
    await bench.adapter.oauth.grant(params)
    late = redirect(bench)
    bench.wait(20 * 60 + 1)
    for used in (params, late):
        with pytest.raises(BadRequest) as caught:
            await bench.adapter.oauth.grant(used)
        assert caught.value.code == "bad_code"


@pytest.mark.parametrize("host", EVIL)
async def test_our_secret_never_goes_to_a_host_of_an_attacker(bench: Bench, host: str) -> None:
    called: list[httpx.Request] = []

    def listen(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(200, json={})

    environment = AdapterEnvironment(
        PUBLIC_URL, ("http://127.0.0.1:9100",), bench.clock, httpx.MockTransport(listen)
    )
    oauth = amocrm.build(environment).oauth
    pair = TokenPair("a", "r", bench.clock.now(), bench.clock.now())
    for attempt in (
        oauth.grant({"code": "c", "referer": host}),
        oauth.adopt(host, "token"),
        oauth.refresh(host, pair),
        oauth.find_host(host, pair),
    ):
        with pytest.raises(BadRequest):
            await attempt
    assert called == []


@pytest.mark.parametrize(
    "changes",
    [
        {"code": ""},
        {"code": "x" * 3000},
        {"client_id": "another"},
        {"error": "access_denied"},
        {"referer": ""},
    ],
)
async def test_a_broken_or_refused_redirect_is_a_bad_request(
    bench: Bench, changes: Mapping[str, str]
) -> None:
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.grant(redirect(bench) | dict(changes))


async def test_without_keys_nothing_is_exchanged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", "")
    oauth = answering(bench, 200, b"{}").oauth
    with pytest.raises(BadRequest):
        await oauth.grant({"code": "c", "referer": HOST})


async def test_a_refresh_voids_the_pair_before_it(bench: Bench) -> None:
    first = await first_pair(bench)
    second = await bench.adapter.oauth.refresh(HOST, first)
    assert second.refresh_token != first.refresh_token
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, first)


async def test_of_two_refreshes_at_once_one_wins(bench: Bench) -> None:
    pair = await first_pair(bench)
    oauth = bench.adapter.oauth
    results = await asyncio.gather(*(oauth.refresh(HOST, pair) for _ in range(2)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AuthExpired", "TokenPair"]


async def test_a_revoked_integration_is_refused(bench: Bench) -> None:
    pair = await first_pair(bench)
    bench.world.account.integrations.revoke(bench.world.integration)
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, pair)


async def test_a_long_lived_token_is_adopted_with_its_own_end_and_never_refreshed(bench: Bench) -> None:
    account = bench.world.account
    token = account.integrations.long_lived(bench.world.integration, bench.world.admin, 86_400 * 30)
    grant = await bench.adapter.oauth.adopt(HOST, token)
    assert grant.tokens.refresh_token == ""
    assert grant.tokens.expires_at - bench.clock.now() == timedelta(days=30)
    assert not bench.adapter.oauth.should_refresh(grant.tokens, bench.clock.now() + timedelta(days=29))
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.refresh(HOST, grant.tokens)
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.find_host(HOST, grant.tokens)


@pytest.mark.parametrize("token", ["", "a" * 9000, "токен", "a\r\nX: y"])
async def test_what_cannot_be_a_token_is_not_sent(bench: Bench, token: str) -> None:
    with pytest.raises(BadRequest):
        await bench.adapter.oauth.adopt(HOST, token)


async def test_a_token_that_the_account_does_not_know_is_refused(bench: Bench) -> None:
    with pytest.raises(AuthExpired):
        await bench.adapter.oauth.adopt(HOST, "unknown")


async def test_a_refresh_is_due_after_three_quarters_of_the_life(bench: Bench) -> None:
    pair = await first_pair(bench)
    due = bench.adapter.oauth.should_refresh
    assert not due(pair, pair.issued_at + timedelta(hours=17, minutes=59))
    assert due(pair, pair.issued_at + timedelta(hours=18))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b'{"access_token":"a","refresh_token":"r"}'),
        (200, b'{"access_token":"a","refresh_token":"","expires_in":86400}'),
        (200, b'{"access_token":"a","refresh_token":"r","expires_in":0}'),
        (200, b'{"access_token":"a","refresh_token":"r","expires_in":"86400"}'),
        (500, b""),
        (504, b"<html>"),
    ],
)
async def test_an_exchange_without_a_readable_pair_may_have_voided_the_old_one(
    bench: Bench, status: int, body: bytes
) -> None:
    pair = TokenPair("a", "r", bench.clock.now(), bench.clock.now())
    with pytest.raises(Unknown):
        await answering(bench, status, body).oauth.refresh(HOST, pair)


@pytest.mark.parametrize("status", [400, 401, 422])
async def test_a_refused_exchange_is_told_by_its_status_never_by_its_words(bench: Bench, status: int) -> None:
    pair = TokenPair("a", "r", bench.clock.now(), bench.clock.now())
    with pytest.raises(AuthExpired):
        await answering(bench, status, b"whatever").oauth.refresh(HOST, pair)


async def test_a_renamed_account_is_found_by_its_refresh_token(bench: Bench) -> None:
    pair = await first_pair(bench)
    bench.world.account.faults.moved_to_host = "newname.amocrm.ru"
    for status, error in ((404, NotFound), (401, AuthExpired)):
        bench.world.account.faults.moved_status = status
        with pytest.raises(error):
            await bench.adapter.oauth.refresh(HOST, pair)
    assert await bench.adapter.oauth.find_host(HOST, pair) == "newname.amocrm.ru"


async def test_an_account_that_moved_to_a_foreign_host_is_not_followed(bench: Bench) -> None:
    pair = await first_pair(bench)
    bench.world.account.faults.moved_to_host = "evil.example.com"
    with pytest.raises(Unavailable):
        await bench.adapter.oauth.find_host(HOST, pair)


@pytest.mark.parametrize("name", ["client_uuid", "client_id"])
async def test_switching_off_is_believed_under_both_names_of_the_parameter(bench: Bench, name: str) -> None:
    bench.world.account.faults.disable_hook_parameter = name
    bench.world.integration.disable_hook_uri = f"{PUBLIC_URL}/oauth/amocrm/removed"
    await disable(bench.world.account, bench.world.integration)
    (call,) = bench.world.product.received
    assert name in call.query
    assert bench.adapter.oauth.verify_removal(call.query) == str(bench.world.account.id)


@pytest.mark.parametrize(
    "params",
    [
        {},
        removal("5", key="another"),
        removal("5", client="another"),
        removal("5") | {"account_id": "6"},
        removal("5") | {"signature": ""},
        removal("5") | {"signature": "é"},
        removal(""),
        {name: value for name, value in removal("5").items() if name != "client_uuid"},
    ],
)
async def test_a_forged_switching_off_is_not_from_the_crm(bench: Bench, params: dict[str, str]) -> None:
    with pytest.raises(NotFromCrm):
        bench.adapter.oauth.verify_removal(params)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": "5"}'])
async def test_tokens_of_nobody_knows_which_account_are_not_kept(bench: Bench, body: bytes) -> None:
    with pytest.raises(Unavailable):
        await answering(bench, 200, body).oauth.adopt(HOST, "token")
