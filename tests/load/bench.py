"""All measurements, as a table and in build/bench.json. `python -m tests.load.bench`"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from uvicorn.loops.auto import auto_loop_factory

from tests.load.door_bench import measure_p99, measure_ratio, measure_speed, prepared
from tests.load.engine_bench import measure_hot, measure_spread
from tests.postgresql_server import DURABLE, Server, find_programs, running_server

T = TypeVar("T")
OUT = Path("build/bench.json")
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. `limit` is the least (for milliseconds: the most) that we accept."""

    name: str
    value: float
    unit: str
    limit: float
    note: str

    @property
    def is_met(self) -> bool:
        """True when the value is within its limit."""
        return self.value <= self.limit if self.unit == "ms" else self.value >= self.limit


def on_sqlite(folder: Path) -> Iterator[Figure]:
    """Figures of one process on SQLite with synchronous=FULL."""
    ground = prepared(f"sqlite:///{folder / 'door.db'}")
    acks, ratio = measure_ratio(folder, ground, SECONDS)
    yield Figure("door_acks_ratio", ratio, "", 0.8, "door / bare ASGI with the same commit, median of 3")
    yield Figure("door_acks_sqlite", acks, "acks/s", 800, "1 process, 64 connections, durable")
    p99 = measure_p99(folder, ground, 8.0, 200.0)
    yield Figure("door_p99_ms_at_200", p99, "ms", 100, "open loop, 200 deliveries/s, SQLite")
    spread = as_served(measure_spread(f"sqlite:///{folder / 'spread.db'}", 800))
    yield Figure("engine_spread_sqlite", spread, "events/s", 1000, "one event per deal, judged")
    hot = as_served(measure_hot(f"sqlite:///{folder / 'hot.db'}", 2000))
    yield Figure("engine_hot_sqlite", hot, "events/s", 1000, "all events of one deal, 20 per run")


def on_postgresql(folder: Path, server: Server) -> Iterator[Figure]:
    """Figures on PostgreSQL with its durable defaults."""
    ground = prepared(_database(server, "door"))
    acks = measure_speed(folder, ground, SECONDS, 2)
    yield Figure("door_acks_postgresql_2p", acks, "acks/s", 800, "2 processes, 64 connections, durable")
    spread = as_served(measure_spread(_database(server, "spread"), 800))
    yield Figure("engine_spread_postgresql", spread, "events/s", 1000, "one event per deal, judged")
    hot = as_served(measure_hot(_database(server, "hot"), 2000))
    yield Figure("engine_hot_postgresql", hot, "events/s", 1000, "all events of one deal, 20 per run")


def measure() -> Iterator[Figure]:
    """Everything that this machine can measure."""
    folder = Path(tempfile.mkdtemp(prefix="stepgate-bench"))
    try:
        yield from on_sqlite(folder)
        if find_programs():
            with running_server(DURABLE) as server:
                yield from on_postgresql(folder, server)
        else:
            _say("PostgreSQL's programs were not found: measured on SQLite only.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_served(work: Coroutine[None, None, T]) -> T:
    """Run on the loop that `stepgate serve` and `stepgate worker` use."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(work)


def main() -> int:
    """Measure, print, write; 1 when a limit is not met."""
    figures = []
    _say(f"{'name':<26} {'value':>10} {'unit':<9} {'limit':>8}  note")
    for figure in measure():
        figures.append(figure)
        mark = "" if figure.is_met else "  <- missed"
        numbers = f"{figure.value:>10.2f} {figure.unit:<9} {figure.limit:>8g}"
        _say(f"{figure.name:<26} {numbers}  {figure.note}{mark}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(each) for each in figures], indent=1) + "\n")
    return 0 if all(each.is_met for each in figures) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _database(server: Server, name: str) -> str:
    async def create() -> None:
        import asyncpg

        connection = await asyncpg.connect(host=str(server.folder), user="stepgate", database="postgres")
        await connection.execute(f'CREATE DATABASE "bench_{name}"')
        await connection.close()

    asyncio.run(create())
    return server.url(f"bench_{name}")


if __name__ == "__main__":
    sys.exit(main())
