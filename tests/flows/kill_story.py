"""A simulated account under load beside a Stepgate that is killed over and over."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
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
from app.domain.deal import StageMove
from app.funnels.publish import publish
from app.installations.hook_keys import hook_key_of
from app.installations.store import load_catalog
from app.installations.vault import Vault
from app.ledger.read import moves_of
from app.outbox.rows import OPEN_STATES
from tests.factories import NOW
from tests.flows.kill_crm import SimulatedCrm
from tests.mapping import checkpoint, gate, mapping

PATIENCE = 180.0
NOWHERE = "-"
MakeCrm = Callable[[str, str], SimulatedCrm]
"""Makes an account for its own origin and Stepgate's address."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of Stepgate's processes: `serve` with its port, or `work` without one."""

    kind: str
    port: int = 0


@dataclass
class KillStory:
    """`acked` are hashes of hook bodies that were answered with 2xx; `kills` counts deaths."""

    db: Database
    environment: dict[str, str]
    crm: SimulatedCrm
    places: list[Place]
    dice: Random = field(default_factory=lambda: Random(1))
    acked: set[bytes] = field(default_factory=set)
    dragged: list[str] = field(default_factory=list)
    kills: int = 0
    sent: int = 0
    address: str = ""
    lives: dict[Place, int] = field(default_factory=dict)
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
        for place in self.places:
            await self.start(place)
        await self.crm.install()
        await self._until(self._is_installed, "Stepgate was not installed")
        await self.db.write(self._publish)
        vault = Vault([self.environment["STEPGATE_SECRET_KEYS"]])
        key = await self.db.read(lambda conn: hook_key_of(conn, vault, 1))
        self.address = f"/hooks/{self.crm.name}/{key}"

    async def start(self, place: Place) -> None:
        """Begin a life and wait until it answers, if it is one that does."""
        await self._bear(place, NOWHERE)
        if place.kind == "serve":
            await self._until_it_answers(place.port)

    async def kill(self, place: Place) -> None:
        """kill -9, then begin anew."""
        os.kill(self.lives[place], signal.SIGKILL)
        self.kills += 1
        await asyncio.sleep(self.dice.uniform(0, 0.05))
        await self.start(place)

    async def die_at(self, place: Place, point: str) -> None:
        """A life that ends itself as soon as its engine comes to that point; then another."""
        os.kill(self.lives[place], signal.SIGKILL)
        await self._bear(place, point)
        await _ended(self.lives[place], point)
        self.kills += 2
        await self.start(place)

    async def ring(self, http: httpx.AsyncClient) -> None:
        """Hooks about random deals, each with a body of its own."""
        while True:
            deal_id = self.dice.choice(self.crm.deals() or ["1"])
            await self.ring_once(http, self.dice.choice(self._ports), deal_id)
            await asyncio.sleep(0.02)

    async def ring_once(self, http: httpx.AsyncClient, port: int, deal_id: str) -> None:
        """One hook; only a 2xx promises anything."""
        self.sent += 1
        body = self.crm.hook(deal_id, self.sent)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        with contextlib.suppress(httpx.HTTPError):
            answer = await http.post(f"http://127.0.0.1:{port}{self.address}", content=body, headers=headers)
            if answer.is_success:
                self.acked.add(sha256(body).digest())

    async def sell(self) -> None:
        """Managers drag deals into the gated stage without the client having done anything."""
        while True:
            deal_id = self.crm.create()
            # The account counts in whole seconds: a drag within the next one looks like the creation.
            await asyncio.sleep(self.dice.uniform(2.1, 3.0))
            self.crm.drag(deal_id)
            self.dragged.append(deal_id)
            await asyncio.sleep(self.dice.uniform(0.2, 0.5))

    async def come_to_rest(self) -> None:
        """Ring for every deal and wait until nothing is left to do; then once more, since the hooks of the
        last moves back may still be on their way.
        """
        self.crm.calm()
        for _ in range(2):
            async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                for deal_id in self.crm.deals():
                    await self.ring_once(http, self._ports[0], deal_id)
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

    async def ledger(self, deal_id: str) -> list[StageMove]:
        """What Stepgate knows of a deal's way."""
        return await self.db.read(lambda conn: moves_of(conn, 1, deal_id))

    @property
    def _ports(self) -> list[int]:
        return [place.port for place in self.places if place.port]

    async def _bear(self, place: Place, point: str) -> None:
        assert self.host is not None
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(f"{place.kind} {place.port} {point}\n".encode())
        await self.host.stdin.drain()
        self.lives[place] = int(await self.host.stdout.readline())

    async def _until_it_answers(self, port: int) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http, asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"http://127.0.0.1:{port}/livez")).status_code == 200:
                        return
                await asyncio.sleep(0.03)

    def _publish(self, conn: Connection) -> None:
        catalog = load_catalog(conn, 1)
        assert catalog is not None
        pipeline = catalog.pipeline(self.crm.gated.pipeline_id)
        assert pipeline is not None
        document = mapping([checkpoint("called")], [gate(self.crm.gated.stage_id, "called")])
        publish(conn, 1, pipeline.id, document, stages=pipeline.stages, by="test", now=NOW)

    async def _until(self, is_so: Callable[[Connection], bool], complaint: str) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not await self.db.read(is_so):
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


async def _ended(process: int, point: str) -> None:
    """Wait until the kernel says that a process is gone."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
    except TimeoutError:
        raise AssertionError(f"no engine came to {point}") from None
    finally:
        loop.remove_reader(handle)
        os.close(handle)


@contextlib.asynccontextmanager
async def kill_story(
    make_crm: MakeCrm, database_url: str, db: Database, folder: Path, kinds: list[str]
) -> AsyncIterator[KillStory]:
    """An account that is served by this process, and a Stepgate of these processes that does not run yet."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    places = [Place(kind, _free_port() if kind == "serve" else 0) for kind in kinds]
    public_url = f"http://127.0.0.1:{places[0].port}"
    crm = make_crm(origin, public_url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEPGATE_")}
    environment |= {
        "STEPGATE_DATABASE_URL": database_url,
        "STEPGATE_SPOOL_DIR": str(folder / "spool"),
        "STEPGATE_PUBLIC_URL": public_url,
        "STEPGATE_SECRET_KEYS": Fernet.generate_key().decode(),
        "STEPGATE_SANDBOX_ORIGINS": origin,
        **crm.environment,
    }
    server = uvicorn.Server(uvicorn.Config(crm.app(), log_level="critical", ws="none"))
    serving = asyncio.create_task(server.serve([listener]))
    story = KillStory(db, environment, crm, places)
    try:
        yield story
    finally:
        await story.stop()
        crm.close()
        server.should_exit = True
        await serving
        listener.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
