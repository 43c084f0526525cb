"""The one HTTP client: every failure in our words, and what a lost answer means."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.crm.errors import Unavailable, Unknown
from app.crm.http import ANSWER_LIMIT, HttpClient, HttpReply, HttpRequest
from app.observability import configure_logging

READ = HttpRequest("GET", "https://crm.example.org/x", {"A": "b"}, (("k", "1"), ("k", "2")))
WRITE = HttpRequest("POST", "https://crm.example.org/x", json={"a": 1}, is_write=True)
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer) -> HttpClient:
    """A client whose network is a function."""
    return HttpClient(httpx.MockTransport(answer))


def raising(error: type[httpx.TransportError]) -> Answer:
    """A network that fails."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return answer


async def test_the_request_goes_out_as_it_is_and_the_answer_comes_back_whole() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(207, headers={"Content-Type": "Application/HAL+json; charset=utf-8"}, text="да")

    reply = await client(answer).send(READ)
    assert (reply.status, reply.body.decode(), reply.content_type) == (207, "да", "application/hal+json")
    assert str(seen[0].url) == "https://crm.example.org/x?k=1&k=2"
    assert seen[0].headers["a"] == "b"


async def test_every_call_leaves_a_line_that_says_how_it_ended_and_nothing_else() -> None:
    configure_logging("info", "json")
    with capture_logs() as lines:
        await client(lambda _: httpx.Response(429, text="секрет")).send(READ)
        with pytest.raises(Unavailable):
            await client(raising(httpx.ConnectError)).send(READ)
    told = [{key: value for key, value in line.items() if key != "milliseconds"} for line in lines]
    same = {"event": "crm called", "log_level": "info", "source": "calls", "method": "GET"}
    where = {"host": "crm.example.org", "path": "/x"}
    assert told == [{**same, **where, "status": 429}, {**same, **where, "error_type": "ConnectError"}]


async def test_an_answer_without_a_type_has_an_empty_one() -> None:
    assert HttpReply(200, {}, b"").content_type == ""


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_was_never_sent_changed_nothing(error: type[httpx.TransportError]) -> None:
    for request in (READ, WRITE):
        with pytest.raises(Unavailable) as caught:
            await client(raising(error)).send(request)
        assert not isinstance(caught.value, Unknown)


@pytest.mark.parametrize(
    "error", [httpx.ReadError, httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError]
)
async def test_a_lost_answer_leaves_a_write_unknown_and_a_read_undone(
    error: type[httpx.TransportError],
) -> None:
    with pytest.raises(Unknown):
        await client(raising(error)).send(WRITE)
    with pytest.raises(Unavailable) as caught:
        await client(raising(error)).send(READ)
    assert not isinstance(caught.value, Unknown)
    assert "crm.example.org" not in str(caught.value)


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    called: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(302, headers={"Location": "https://evil.example.org/"})

    assert (await client(answer).send(READ)).status == 302
    assert len(called) == 1


async def test_an_endless_answer_is_cut() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(ANSWER_LIMIT // 65_536 + 2):
            yield b"x" * 65_536

    with pytest.raises(Unavailable):
        await client(lambda _: httpx.Response(200, content=endless())).send(READ)


async def test_the_environment_s_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    assert (await client(lambda _: httpx.Response(200)).send(READ)).status == 200


async def test_a_closed_client_gives_its_connections_up() -> None:
    closed = client(lambda _: httpx.Response(200))
    await closed.close()
    with pytest.raises(RuntimeError):
        await closed.send(READ)
