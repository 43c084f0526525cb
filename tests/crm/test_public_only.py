"""Only public addresses are connected to, whatever a name says and whenever it changes its mind."""

from collections.abc import Sequence
from typing import Any

import httpcore
import pytest

from app.crm.errors import Unavailable
from app.crm.http import HttpClient, HttpRequest
from app.crm.public_only import PublicOnly, is_public, public_transport

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "192.0.2.1", "localhost", "", "1", "0x7f.1",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"]


class Inner(httpcore.AsyncNetworkBackend):
    """Notes where a connection would go."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    async def connect_tcp(self, host: str, port: int, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        """Note it, and refuse."""
        self.dialled.append(host)
        raise httpcore.ConnectError("not in a test")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_none(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


async def dial(addresses: Sequence[str]) -> list[str]:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return addresses

    inner = Inner()
    with pytest.raises(httpcore.ConnectError):
        await PublicOnly(inner, resolve).connect_tcp("crm.firm.example", 443)
    return inner.dialled


async def test_the_checked_address_is_dialled_not_the_name() -> None:
    assert await dial(["93.184.216.34", "8.8.8.8"]) == ["93.184.216.34"]


@pytest.mark.parametrize("addresses", [[], ["127.0.0.1"], ["93.184.216.34", "10.0.0.1"]])
async def test_one_private_address_among_others_is_enough_to_refuse(addresses: list[str]) -> None:
    assert await dial(addresses) == []


async def test_a_name_that_nobody_knows_is_not_reachable() -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        raise OSError("no such name")

    inner = Inner()
    with pytest.raises(httpcore.ConnectError):
        await PublicOnly(inner, resolve).connect_tcp("x.example", 443)
    with pytest.raises(httpcore.ConnectError):
        await PublicOnly(inner, resolve).connect_unix_socket("/socket")
    assert inner.dialled == []


async def test_the_client_says_that_it_is_not_reachable() -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return ["169.254.169.254"]

    client = HttpClient(public_transport(1, resolve))
    with pytest.raises(Unavailable):
        await client.send(HttpRequest("GET", "http://metadata.example/"))
    await client.close()
    guarded = HttpClient(public_only=True)
    with pytest.raises(Unavailable):
        await guarded.send(HttpRequest("GET", "http://127.0.0.1:9/"))
    await guarded.close()
