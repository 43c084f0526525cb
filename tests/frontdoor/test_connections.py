"""A real server with small limits: whoever only holds connections open keeps nobody out."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.frontdoor.connections import ConnectionLimits, Connections, Proxies, within_open_files
from app.frontdoor.protocol import LONGEST_HEAD, protocol_of

PATIENCE = 60.0
"""Seconds that a test waits for what has to happen."""
REQUEST = b"GET /page HTTP/1.1\r\nhost: x\r\n\r\n"
HOOK = b"POST /hooks/fake/key HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi"
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Site:
    """A server and its clients. `/wait` answers when `news` is set, a hook when its body is there."""

    def __init__(self, limits: ConnectionLimits, proxies: str) -> None:
        self.connections = Connections(limits, Proxies(proxies), self._close)
        self.news, self.waiting = asyncio.Event(), 0
        self.is_closing = False
        self.port = 0
        self.stop: Callable[[], None] = lambda: None
        self._clients: list[asyncio.StreamWriter] = []

    def _close(self) -> None:
        self.is_closing = True
        self.news.set()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["path"] == "/wait":
            self.waiting += 1
            await self.news.wait()
            self.waiting -= 1
        elif scope["path"].startswith("/hooks/"):
            while (message := await receive()).get("more_body"):
                pass
            if message["type"] == "http.disconnect":
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def connect(self, text: bytes = b"") -> Pair:
        """A connection on which `text` is said."""
        pair = await asyncio.open_connection("127.0.0.1", self.port)
        self._clients.append(pair[1])
        pair[1].write(text)
        return pair

    async def ask(self, text: bytes = REQUEST) -> int:
        """The status of the answer on a connection of its own."""
        reader, _ = await self.connect(text)
        return await status_on(reader)

    def hang_up(self) -> None:
        """Close all clients."""
        for writer in self._clients:
            writer.transport.abort()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.01)


async def status_on(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, read to its end; 0 when the server hung up instead."""
    async with asyncio.timeout(PATIENCE):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
        return int(head.split()[1])


async def is_hung_up(reader: asyncio.StreamReader) -> bool:
    """True once the server has closed the connection without a word."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read(1) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def serving(limits: ConnectionLimits, proxies: str = "") -> AsyncIterator[Site]:
    """A server in this process."""
    site = Site(limits, proxies)
    config = uvicorn.Config(
        site.app,
        http=protocol_of(site.connections),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    site.stop = lambda: setattr(server, "should_exit", True)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    site.port = listening.getsockname()[1]
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield site
    finally:
        site.hang_up()
        site.stop()
        await running
    assert site.connections.count == 0


async def test_hundreds_of_idle_connections_keep_no_hook_out() -> None:
    async with serving(ConnectionLimits(total=40, per_client=1000)) as site:
        for _ in range(300):
            await site.connect()
        assert [await site.ask(HOOK) for _ in range(20)] == [200] * 20
        assert site.connections.count <= 40


async def test_half_requests_keep_no_hook_out() -> None:
    async with serving(ConnectionLimits(total=40, per_client=1000)) as site:
        for _ in range(300):
            await site.connect(b"POST /hooks/fake/key HTTP/1.1\r\nhost: x\r\n")
        assert [await site.ask(HOOK) for _ in range(20)] == [200] * 20


async def test_one_address_can_hold_only_so_many_and_its_oldest_go_first() -> None:
    async with serving(ConnectionLimits(per_client=5)) as site:
        first, _ = await site.connect()
        await until(lambda: site.connections.count == 1)
        others = [await site.connect() for _ in range(5)]
        assert await is_hung_up(first)
        assert site.connections.count == 5
        others[-1][1].write(REQUEST)
        assert await status_on(others[-1][0]) == 200


async def test_requests_under_way_are_never_broken_off_for_newcomers() -> None:
    async with serving(ConnectionLimits(total=3, per_client=1000)) as site:
        waits = [await site.connect(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n") for _ in range(3)]
        await until(lambda: site.waiting == 3)
        assert await site.ask() == 503
        site.news.set()
        assert [await status_on(reader) for reader, _ in waits] == [200] * 3
        assert await site.ask() == 200


async def test_waiting_pages_leave_room_for_hooks() -> None:
    async with serving(ConnectionLimits(requests=3)) as site:
        for _ in range(3):
            await site.connect(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
        await until(lambda: site.waiting == 3)
        reader, _ = await site.connect(REQUEST)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        assert answer.startswith(b"HTTP/1.1 503")
        assert json.loads(answer.split(b"\r\n\r\n")[1])["error"]["code"] == "overloaded"
        assert await site.ask(HOOK) == 200


@pytest.mark.parametrize("said", [b"", b"GET /page HT", b"GET /page HTTP/1.1\r\nhost: x\r\n"])
async def test_a_head_that_does_not_come_ends_the_connection(said: bytes) -> None:
    async with serving(ConnectionLimits(head=0.2)) as site:
        reader, _ = await site.connect(said)
        assert await is_hung_up(reader)


async def test_a_head_that_trickles_in_ends_the_connection() -> None:
    async with serving(ConnectionLimits(head=0.3)) as site:
        reader, writer = await site.connect(b"GET /page HTTP/1.1\r\n")

        async def trickle() -> None:
            while True:
                writer.write(b"x: y\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert await is_hung_up(reader)
        trickling.cancel()


async def test_a_second_request_has_to_come_in_time_too() -> None:
    async with serving(ConnectionLimits(head=0.3, next=PATIENCE)) as site:
        reader, writer = await site.connect(REQUEST)
        assert await status_on(reader) == 200
        writer.write(b"GET /page HTTP/1.1\r\n")
        assert await is_hung_up(reader)


async def test_a_body_that_does_not_come_ends_the_connection() -> None:
    async with serving(ConnectionLimits(reply=0.3)) as site:
        reader, _ = await site.connect(b"POST /hooks/a/b HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab")
        assert await is_hung_up(reader)


async def test_an_answer_that_nobody_fetches_ends_the_connection() -> None:
    async with serving(ConnectionLimits(reply=0.3)) as site:
        reader, _ = await site.connect(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
        await until(lambda: site.waiting == 1)
        assert await is_hung_up(reader)
        site.news.set()


async def test_a_resting_connection_ends_soon_but_a_proxys_may_stay() -> None:
    limits = ConnectionLimits(next=0.2, next_of_proxy=PATIENCE)
    async with serving(limits) as site:
        reader, _ = await site.connect(REQUEST)
        assert await status_on(reader) == 200
        assert await is_hung_up(reader)
    async with serving(limits, proxies="10.0.0.1,127.0.0.0/8") as site:
        reader, writer = await site.connect(REQUEST)
        assert await status_on(reader) == 200
        stranger_goes, _ = await site.connect()
        await until(lambda: site.connections.count == 2)
        writer.write(REQUEST)
        assert await status_on(reader) == 200
        assert not stranger_goes.at_eof()


async def test_an_endless_head_is_refused() -> None:
    async with serving(ConnectionLimits()) as site:
        reader, writer = await site.connect(b"GET /page HTTP/1.1\r\nx: ")
        writer.write(b"y" * (LONGEST_HEAD + 1))
        assert await status_on(reader) == 431


async def test_several_requests_in_one_go_are_all_answered() -> None:
    async with serving(ConnectionLimits()) as site:
        reader, _ = await site.connect(REQUEST + HOOK + REQUEST)
        assert [await status_on(reader) for _ in range(3)] == [200] * 3


async def test_whoever_waits_for_news_is_told_when_the_server_ends() -> None:
    async with serving(ConnectionLimits()) as site:
        reader, _ = await site.connect(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
        await until(lambda: site.waiting == 1)
        answer = asyncio.create_task(status_on(reader))
        site.stop()
        assert await answer == 200
        assert site.is_closing


@pytest.mark.parametrize(
    ("trusted", "host", "is_proxy"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "203.0.113.9", False),
        ("*", "203.0.113.9", True),
        ("10.0.0.0/8, ::1", "10.9.8.7", True),
        ("10.0.0.0/8, ::1", "::1", True),
        ("10.0.0.0/8", "2001:db8::1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_proxies_are_known_by_address_and_network(trusted: str, host: str, *, is_proxy: bool) -> None:
    assert (host in Proxies(trusted)) is is_proxy


def test_no_more_connections_are_held_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("app.frontdoor.connections.getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr("app.frontdoor.connections.setrlimit", lambda _, limits: asked.append(limits))
    limits = within_open_files(ConnectionLimits(total=8000, per_client=1000))
    assert asked == [(4096, 4096)]
    assert (limits.total, limits.per_client) == (3896, 974)
    monkeypatch.setattr("app.frontdoor.connections.getrlimit", lambda _: (65536, 65536))
    assert within_open_files(ConnectionLimits()) == ConnectionLimits()
