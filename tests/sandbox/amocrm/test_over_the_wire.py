"""The sandbox as a real server: background delivery, live streams, cut connections, the command."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from typer.testing import CliRunner

from app.sandbox import discover
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.cli import app as command
from app.sandbox.amocrm.config import SandboxConfig


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


def small_account() -> tuple[Account, int, str]:
    """A real-time account: itself, its pipeline, an access token."""
    account = Account.empty(SandboxConfig())
    line = account.add_pipeline("Продажи", ["Новая", "КП"], is_main=True)
    integration = account.integrations.register(redirect_uri="http://127.0.0.1:1/callback")
    return account, line.id, account.integrations.long_lived(integration, next(iter(account.users)), 3600)


async def test_a_move_reaches_the_subscriber_in_the_background_and_open_pages_at_once() -> None:
    account, line, token = small_account()
    stages = list(account.pipelines[line].statuses)
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    product = FastAPI()

    @product.post("/hook")
    async def take(request: Request) -> Response:
        await arrived.put(await request.body())
        return Response(status_code=204)

    async with (
        served(create_sandbox(account=account)) as sandbox,
        served(product) as receiver,
        httpx.AsyncClient(base_url=sandbox, trust_env=False) as client,
        client.stream("GET", "/sandbox/api/stream") as changes,
    ):
        lines = changes.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        headers = {"authorization": f"Bearer {token}"}
        hook = {"destination": f"{receiver}/hook", "settings": ["add_lead"]}
        assert (await client.post("/api/v4/webhooks", json=hook, headers=headers)).status_code == 201
        form = {"name": "Сделка", "pipeline_id": line, "status_id": stages[1]}
        assert (await client.post("/sandbox/api/leads", json=form)).status_code == 200
        assert b"leads%5Badd%5D" in await arrived.get()
        while "add_lead" not in await anext(lines):
            pass
        account.closing = True


async def test_a_page_hears_each_of_two_moves_made_at_once_as_it_was() -> None:
    account, line, _ = small_account()
    first, second = list(account.pipelines[line].statuses)[1:3]
    lead = account.create_lead(name="Сделка", pipeline_id=line, status_id=first)
    async with (
        served(create_sandbox(account=account)) as sandbox,
        httpx.AsyncClient(base_url=sandbox, trust_env=False) as client,
        client.stream("GET", "/sandbox/api/stream") as changes,
    ):
        lines = changes.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        account.move_lead(lead.id, second, by=next(iter(account.users)))
        account.move_lead(lead.id, first, by=0, origin="api")
        moves = [json.loads(line[6:]) async for line in aslice(lines, "data: ", 2)]
        account.closing = True
    assert [(move["status_id"], move["origin"]) for move in moves] == [(second, "ui"), (first, "api")]


async def aslice(lines: AsyncIterator[str], prefix: str, count: int) -> AsyncIterator[str]:
    """The first `count` lines that begin with the prefix."""
    while count:
        line = await anext(lines)
        if line.startswith(prefix):
            count -= 1
            yield line


async def test_a_cut_connection_is_a_transport_error_for_the_client() -> None:
    account, _, token = small_account()
    headers = {"authorization": f"Bearer {token}"}
    async with (
        served(create_sandbox(account=account)) as sandbox,
        httpx.AsyncClient(base_url=sandbox, trust_env=False, headers=headers) as client,
    ):
        account.faults.update({"lost_write_rate": 1.0, "lost_write_mode": "cut"})
        with pytest.raises(httpx.TransportError):
            await client.post("/api/v4/leads", json=[{"name": "Сделка"}])
        assert [lead.name for lead in account.leads.values()] == ["Сделка"]
        account.faults.down = "cut"
        with pytest.raises(httpx.TransportError):
            await client.get("/api/v4/account")


async def test_the_command_prints_one_line_and_ends_on_ctrl_c() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from app.sandbox.amocrm.cli import app; app()",
        "--empty",
        "--port",
        str(port),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode().strip()
        assert first == f"Sandbox amoCRM: http://127.0.0.1:{port}"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/sandbox/faults")
        assert answer.json()["rate_limit"] is True
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


def test_the_command_is_found_without_naming_it() -> None:
    assert discover()["amocrm"] is command


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--https-port", "9443"], "certificate"),
        (["--widget-archive", __file__], "redirect-uri"),
        (["--log", "/nowhere/log.csv"], "does not exist"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_a_sentence(options: list[str], word: str) -> None:
    result = CliRunner().invoke(command, options, env={"TERMINAL_WIDTH": "200"})
    assert result.exit_code == 2
    assert word in result.output


def test_a_broken_widget_archive_is_refused_with_a_sentence() -> None:
    options = ["--empty", "--redirect-uri", "http://x.example.org/", "--widget-archive", __file__]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 2
    assert "ZIP" in result.output
