"""Tokens and the app's secret go to portals and the vendor's servers, to nobody that looks like them."""

import asyncio

import pytest

from app.clock import SystemClock
from app.crm.adapters.bitrix24.adapter import build
from app.crm.adapters.bitrix24.hosts import HostList
from app.crm.errors import Unavailable
from app.crm.port import Account
from app.crm.registry import AdapterEnvironment
from app.errors import BadRequest
from tests.crm.bench import FakeSession

HOSTS = HostList(("http://127.0.0.1:9200",), ("crm.firm.example",))
GOOD = [
    "acme.bitrix24.ru", "acme.bitrix24.com", "b24-1a2b3c.bitrix24.kz", "a.bitrix24.com.br",
    "acme.bitrix24.eu", "127.0.0.1:9200", "crm.firm.example",
]  # fmt: skip
BAD = [
    "", ".", "bitrix24.ru", ".bitrix24.ru", "acme.bitrix24.ru.", "ACME.bitrix24.ru", "acme.bitrix24.ru:443",
    "acme.bitrix24.ru:8443", "acme.bitrix24.ru.evil.com", "acme.bitrix24.evil", "acme-bitrix24.ru",
    "acmebitrix24.ru", "evil.com", "evil.com/acme.bitrix24.ru",
    "u@acme.bitrix24.ru", "acme.bitrix24.ru@evil.com",
    "acme.bitrix24.ru/..", "acme.bitrix24.ru#", "acme.bitrix24.ru?", "acme .bitrix24.ru", "аcme.bitrix24.ru",
    "acme。bitrix24.ru", "-acme.bitrix24.ru", "acme-.bitrix24.ru",
    "a" * 64 + ".bitrix24.ru", "a.b.bitrix24.ru",
    "www.bitrix24.ru", "oauth.bitrix24.ru", "oauth.bitrix24.tech", "127.0.0.1", "127.0.0.1:9201", "localhost",
    "169.254.169.254", "[::1]", "crm.firm.example.evil.com", "crm.firm.example:443", "xcrm.firm.example",
    "acme.bitrix24.ru\n", "acme.bitrix24.ru\0", "acme.bitrix24.ru ", "acme%2ebitrix24.ru",
]  # fmt: skip


@pytest.mark.parametrize("host", GOOD)
def test_portals_are_known(host: str) -> None:
    assert HOSTS.check(host) == host
    assert HOSTS.host_of(f"{HOSTS.origin(host)}/rest/") == host


@pytest.mark.parametrize("host", BAD)
def test_what_only_looks_like_a_portal_is_not(host: str) -> None:
    with pytest.raises(BadRequest):
        HOSTS.check(host)
    if not set("/#?\n") & set(host):
        with pytest.raises(BadRequest):
            HOSTS.host_of(f"https://{host}/rest/")


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.bitrix24.ru/rest/",
        "ftp://acme.bitrix24.ru/",
        "https://127.0.0.1:9200/",
        "x",
        "//",
        "https://[",
    ],
)
def test_an_address_must_be_the_portal_s_own(address: str) -> None:
    with pytest.raises(BadRequest):
        HOSTS.host_of(address)


@pytest.mark.parametrize(
    ("endpoint", "server"),
    [
        ("https://oauth.bitrix.info/rest/", "https://oauth.bitrix.info/"),
        ("https://oauth.bitrix24.tech/rest/", "https://oauth.bitrix24.tech/"),
        ("http://127.0.0.1:9200/auth-server/rest/", "http://127.0.0.1:9200/auth-server/"),
    ],
)
def test_the_two_authorisation_servers_are_known(endpoint: str, server: str) -> None:
    assert HOSTS.auth_server(endpoint) == server


@pytest.mark.parametrize(
    "endpoint",
    [
        "", "https://oauth.bitrix.info/", "http://oauth.bitrix.info/rest/", "https://oauth.bitrix.info:444/rest/",
        "https://oauth.bitrix.info.evil.com/rest/", "https://u@oauth.bitrix.info/rest/",
        "https://oauth.bitrix.info/x/rest/", "https://oauth.bitrix.info/rest/?a=1", "https://evil.com/rest/",
        "https://oauth.bitrix.info/rest/#x", "https://acme.bitrix24.ru/rest/", "http://127.0.0.1:9201/rest/",
        "http://127.0.0.1:9200/../rest/", "https://127.0.0.1:9200/rest/", "https://[/rest/",
        "oauth.bitrix.info/rest/",
    ],
)  # fmt: skip
def test_no_other_server_gets_the_secret(endpoint: str) -> None:
    with pytest.raises(BadRequest):
        HOSTS.auth_server(endpoint)


async def test_a_self_hosted_portal_is_reached_at_public_addresses_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator has named the host; where its name leads to is looked at with every connection."""
    met = list[str]()

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append("somebody")
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setenv("STEPGATE_BITRIX24_BOX_HOSTS", host)
    session = FakeSession(Account(1, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", host), ["token"])
    client = build(AdapterEnvironment("https://product.example.org", (), SystemClock())).open_client(session)
    with pytest.raises(Unavailable):
        await client.get_deal("1")
    await client.close()
    server.close()
    assert met == []
