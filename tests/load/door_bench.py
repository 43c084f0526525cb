"""How many deliveries a second the door takes, and how that compares with the bare limit."""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.db.engine import open_database
from app.db.schema import upgrade
from app.installations.hook_keys import ensure_hook_key
from app.installations.vault import Vault, new_key
from tests.factories import NOW, add_installation
from tests.load.generator import Plan
from tests.load.serving import ACCOUNTS, DEALS, make_parts

CONNECTIONS = 64


class Ground:
    """A database with accounts, and the deliveries that they send."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = new_key()
        self.requests: list[tuple[str, str]] = []

    async def prepare(self) -> None:
        """Make the schema and the accounts."""
        await upgrade(self.url)
        vault, db = Vault([self.key]), open_database(self.url)
        [crm, *_] = make_parts().registry
        for number in range(ACCOUNTS):
            external_id = str(30_000_000 + number)

            def make(conn: Any, external_id: str = external_id) -> str:
                made = add_installation(conn, crm=crm, external_id=external_id, host="bench.crm.test")
                return ensure_hook_key(conn, vault, made, NOW)

            key = await db.write(make)
            self.requests += [
                (f"/hooks/{crm}/{key}", delivery(external_id, number * DEALS + deal + 1))
                for deal in range(DEALS)
            ]
        await db.close()

    @contextmanager
    def serving(self, kind: str, processes: int = 1) -> Iterator[list[int]]:
        """Servers of that kind; gives their ports."""
        command = [sys.executable, "-m", "tests.load.serving", kind, self.url, self.key]
        servers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        try:
            yield [int(server.stdout.readline()) for server in servers if server.stdout]
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(30)
                if server.stdout:
                    server.stdout.close()

    def load(self, folder: Path, ports: list[int], seconds: float, rate: float = 0.0) -> dict[str, Any]:
        """What the generator saw. Raises RuntimeError when an answer was not a success."""
        plan = folder / "plan.json"
        plan.write_text(json.dumps(asdict(Plan(ports, self.requests, CONNECTIONS, seconds, rate=rate))))
        ran = subprocess.run(
            [sys.executable, "-m", "tests.load.generator", str(plan)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        seen: dict[str, Any] = json.loads(ran.stdout)
        if set(seen["statuses"]) != {"204"}:
            raise RuntimeError(f"not every delivery was taken: {seen['statuses']}")
        return seen


def delivery(account_id: str, deal_id: int) -> str:
    """A change of a deal as the first CRM tells it, of usual size."""
    deal = {
        "id": deal_id,
        "name": "Поставка насосов на объект",
        "status_id": 142_000 + deal_id % 7,
        "price": 250_000,
        "responsible_user_id": 501,
        "last_modified": 1_767_600_000,
        "modified_user_id": 501,
        "created_user_id": 501,
        "date_create": 1_767_500_000,
        "pipeline_id": 7001,
        "account_id": account_id,
        "created_at": 1_767_500_000,
        "updated_at": 1_767_600_000,
    }
    pairs = [(f"leads[update][0][{name}]", value) for name, value in deal.items()]
    return urlencode([*pairs, ("account[id]", account_id), ("account[subdomain]", "bench")])


def measure_ratio(folder: Path, ground: Ground, seconds: float, rounds: int = 3) -> tuple[float, float]:
    """(door's acks a second, their ratio to the bare limit), the median of interleaved rounds."""
    doors, ratios = [], []
    for _ in range(rounds):
        speeds = {}
        for kind in ("bare", "door"):
            with ground.serving(kind) as ports:
                speeds[kind] = _speed(ground.load(folder, ports, seconds))
        doors.append(speeds["door"])
        ratios.append(speeds["door"] / speeds["bare"])
    return statistics.median(doors), statistics.median(ratios)


def measure_speed(folder: Path, ground: Ground, seconds: float, processes: int) -> float:
    """Acks a second of that many processes on one database."""
    with ground.serving("door", processes) as ports:
        return _speed(ground.load(folder, ports, seconds))


def measure_p99(folder: Path, ground: Ground, seconds: float, rate: float) -> float:
    """The 99th percentile of the time to an ack at a steady rate, in milliseconds."""
    with ground.serving("door") as ports:
        times: list[float] = ground.load(folder, ports, seconds, rate)["milliseconds"]
    return statistics.quantiles(times, n=100)[98]


def prepared(url: str) -> Ground:
    """A ground that is ready."""
    ground = Ground(url)
    asyncio.run(ground.prepare())
    return ground


def _speed(seen: dict[str, Any]) -> float:
    return float(sum(seen["statuses"].values()) / seen["seconds"])
