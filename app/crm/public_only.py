"""Connections to public addresses only, checked when they are made: a name may point anywhere by then."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def is_public(address: str) -> bool:
    """True for an address of the open internet; a mapped one counts as what it maps."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects by the address that was checked, never by the name, so that it cannot change between."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend, resolve: Resolve = resolve) -> None:
        self._inner, self._resolve = inner, resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the interface's own name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection. Raises httpcore.ConnectError when any of the host's addresses is not public."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        if not addresses or not all(map(is_public, addresses)):
            raise httpcore.ConnectError("the address is not public")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  the interface's own name
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never. Raises httpcore.ConnectError."""
        raise httpcore.ConnectError("only public addresses")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def public_transport(connections: int, resolve: Resolve = resolve) -> httpx.AsyncHTTPTransport:
    """A transport of httpx that connects to public addresses only."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    pool: Any = transport._pool
    # The library has no parameter for it; its connection pool has.
    pool._network_backend = PublicOnly(pool._network_backend, resolve)
    return transport
