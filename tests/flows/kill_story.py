"""A simulated account under load beside a Stepgate that is killed over and over."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx
import uvicorn
from cryptography.fernet import Fernet
from sqlalchemy import Connection, func, select, update

from app.db.engine import Database
from app.db.tables import delivery, funnel_version, installation, lane, outbox
from app.funnels.publish import publish
from app.installations.hook_keys import hook_key_of
from app.installations.store import load_catalog
from app.installations.vault import Vault
from app.outbox.rows import OPEN_STATES
from app.sandbox.amocrm import installs
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from tests.factories import NOW
from tests.mapping import checkpoint, gate, mapping

CLIENT_ID = "57e96a7e-0000-4000-8000-000000000002"
CLIENT_SECRET = "secret-of-the-kill-story"
STAGES = ["Новая", "Классификация", "КП отправлено"]
PATIENCE = 180.0


@dataclass
class KillStory:
    """`acked` are hashes of hook bodies that were answered with 2xx; `kills` counts deaths."""

    db: Database
    environment: dict[str, str]
    account: Account
    manager: int
    ports: list[int]
    dice: Random = field(default_factory=lambda: Random(1))
    acked: set[bytes] = field(default_factory=set)
    kills: int = 0
    sent: int = 0
    address: str = ""
    lives: dict[int, int] = field(default_factory=dict)
    host: asyncio.subprocess.Process | None = None

    async def begin(self) -> None:
        """Start Stepgate, install it into the account and publish a mapping with one strict gate."""
        self.host = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.flows.kill_host",
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for port in self.ports:
            await self.start(port)
        integration = self.account.integrations.by_id[CLIENT_ID]
        admin = next(iter(self.account.users))
        status = await installs.install_widget(self.account, integration, admin)
        assert status < 400, f"the installation was answered with {status}"
        await self._until(self._is_installed, "Stepgate was not installed")
        await self.db.write(self._publish)
        key = await self.db.read(
            lambda conn: hook_key_of(conn, Vault([self.environment["STEPGATE_SECRET_KEYS"]]), 1)
        )
        self.address = f"/hooks/amocrm/{key}"

    async def start(self, port: int) -> None:
        """Begin a life and wait until it answers."""
        assert self.host is not None
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(f"start {port}\n".encode())
        await self.host.stdin.drain()
        self.lives[port] = int(await self.host.stdout.readline())
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
            for _ in range(600):
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"http://127.0.0.1:{port}/livez")).status_code == 200:
                        return
                await asyncio.sleep(0.03)
        raise AssertionError("Stepgate did not start")

    async def kill(self, port: int) -> None:
        """kill -9, then begin anew."""
        os.kill(self.lives[port], signal.SIGKILL)
        self.kills += 1
        await asyncio.sleep(self.dice.uniform(0, 0.05))
        await self.start(port)

    async def ring(self, http: httpx.AsyncClient) -> None:
        """Hooks about random leads, each with a body of its own."""
        while True:
            lead_id = self.dice.choice(list(self.account.leads) or [1])
            port = self.dice.choice(self.ports)
            await self.ring_once(http, port, lead_id)
            await asyncio.sleep(0.02)

    async def ring_once(self, http: httpx.AsyncClient, port: int, lead_id: int) -> None:
        """One hook; only a 2xx promises anything."""
        self.sent += 1
        body = (
            f"account[id]={self.account.config.account_id}"
            f"&leads[update][0][id]={lead_id}&leads[update][0][number]={self.sent}"
        ).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        with contextlib.suppress(httpx.HTTPError):
            answer = await http.post(f"http://127.0.0.1:{port}{self.address}", content=body, headers=headers)
            if answer.is_success:
                self.acked.add(sha256(body).digest())

    async def sell(self) -> None:
        """Managers drag deals into the gated stage without the client having done anything."""
        line = next(iter(self.account.pipelines.values()))
        stages = [status.id for status in line.statuses.values() if status.name in STAGES]
        while True:
            lead = self.account.create_lead(
                name="Deal", pipeline_id=line.id, status_id=stages[1], by=self.manager
            )
            # The account counts in whole seconds: a drag within the next one looks like the creation.
            await asyncio.sleep(self.dice.uniform(2.1, 3.0))
            self.account.move_lead(lead.id, stages[2], by=self.manager)
            await asyncio.sleep(self.dice.uniform(0.2, 0.5))

    async def come_to_rest(self) -> None:
        """Ring for every deal once more and wait until nothing is left to do."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            for lead_id in list(self.account.leads):
                await self.ring_once(http, self.ports[0], lead_id)
        await self.db.write(_unpark)
        await self._until(self._rests, "Stepgate did not come to rest")

    async def stop(self) -> None:
        """End all lives."""
        if self.host is not None and self.host.stdin is not None:
            self.host.stdin.close()
            await self.host.wait()

    async def stored(self) -> set[bytes]:
        """Hashes of all deliveries in the database."""
        return set(await self.db.read(lambda conn: list(conn.scalars(select(delivery.c.body_hash)))))

    def _publish(self, conn: Connection) -> None:
        line = next(iter(self.account.pipelines.values()))
        gated = next(status for status in line.statuses.values() if status.name == STAGES[2])
        catalog = load_catalog(conn, 1)
        assert catalog is not None
        pipeline = catalog.pipeline(str(line.id))
        assert pipeline is not None
        document = mapping([checkpoint("called")], [gate(str(gated.id), "called")])
        publish(conn, 1, pipeline.id, document, stages=pipeline.stages, by="test", now=NOW)

    async def _until(self, is_so: object, complaint: str) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not await self.db.read(is_so):  # type: ignore[arg-type]
            assert asyncio.get_running_loop().time() < deadline, complaint
            await asyncio.sleep(0.2)

    @staticmethod
    def _is_installed(conn: Connection) -> bool:
        known = conn.execute(select(installation.c.catalog)).first()
        return (
            known is not None
            and known.catalog is not None
            and bool(conn.scalar(select(func.count()).select_from(funnel_version)))
        )

    @staticmethod
    def _rests(conn: Connection) -> bool:
        awake = conn.scalar(select(func.count()).where(lane.c.head_at.is_not(None)))
        to_write = conn.scalar(select(func.count()).where(outbox.c.state.in_(OPEN_STATES)))
        return not awake and not to_write


def _unpark(conn: Connection) -> None:
    """An operator tries again what was set aside for dying too often: it was we who killed it."""
    conn.execute(update(lane).where(lane.c.crashes > 0).values(crashes=0, state="open"))


@contextlib.asynccontextmanager
async def kill_story(
    database_url: str, db: Database, folder: Path, processes: int
) -> AsyncIterator[KillStory]:
    """An account that is served by this process, and a Stepgate that is not running yet."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ports = [_free_port() for _ in range(processes)]
    account = Account.empty(SandboxConfig(origin=origin))
    account.add_pipeline("Продажи", STAGES, is_main=True)
    manager = account.add_user("Менеджер", email="manager@example.org")
    account.faults.lost_write_rate = 0.05
    account.integrations.register(
        redirect_uri=f"http://127.0.0.1:{ports[0]}/oauth/amocrm/callback",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEPGATE_")}
    environment |= {
        "STEPGATE_DATABASE_URL": database_url,
        "STEPGATE_SPOOL_DIR": str(folder / "spool"),
        "STEPGATE_PUBLIC_URL": f"http://127.0.0.1:{ports[0]}",
        "STEPGATE_SECRET_KEYS": Fernet.generate_key().decode(),
        "STEPGATE_SANDBOX_ORIGINS": origin,
        "STEPGATE_AMOCRM_CLIENT_ID": CLIENT_ID,
        "STEPGATE_AMOCRM_CLIENT_SECRET": CLIENT_SECRET,
    }
    server = uvicorn.Server(uvicorn.Config(create_sandbox(account=account), log_level="critical", ws="none"))
    serving = asyncio.create_task(server.serve([listener]))
    story = KillStory(db, environment, account, manager.id, ports)
    try:
        yield story
    finally:
        await story.stop()
        account.closing = True
        server.should_exit = True
        await serving
        listener.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
