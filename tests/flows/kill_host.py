"""Starts Stepgate again and again: everything is imported once, each life is a fork.

Reads lines from its input and answers each with the process id of a new life: `serve PORT POINT` is the
true application under uvicorn, `work 0 POINT` the true worker without one. A life is to be killed at
will; when its engine comes to that named point, it kills itself. Leases and settling are short
and the caps of writes and calls are high, so that one test sees many recoveries. Ends with its input, and
takes every life with it.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import asyncpg  # noqa: F401  imported before the fork: a life must begin quickly
import structlog
import uvicorn

import app.wiring
from app.config import load_settings
from app.inbox.process import Processor
from app.installations.rate import RateLimiter
from app.main import create_app
from app.outbox import limits
from app.wiring import build_worker, open_services
from app.worker import run_until_signal
from tests.sim.run import swapped

SHORT_LEASE = timedelta(seconds=12)
"""Longer than the longest call, as the real one is: what was sent must have arrived or be lost."""
SHORT_SETTLE = timedelta(seconds=1)
CALLS_PER_SECOND = 400.0
MANY_WRITES = 100_000
LANES = 4
ADMIT = RateLimiter.admit


def live(kind: str, port: str, point: str) -> None:
    """One life, until it is killed or kills itself."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    hurried = [
        (
            app.wiring,
            "Processor",
            partial(Processor, at=_deadly(point), lease=SHORT_LEASE, settle=SHORT_SETTLE),
        ),
        (limits, "WRITES_PER_ACCOUNT", MANY_WRITES),
        (RateLimiter, "admit", _admit),
    ]
    with swapped(hurried):
        asyncio.run(_serve(int(port)) if kind == "serve" else _work())


async def _admit(
    limiter: RateLimiter, installation_id: int, per_second: float, priority: int, saved_calls: float = 0.0
) -> None:
    """Leave for a call, as if every plan allowed many."""
    del per_second, saved_calls
    await ADMIT(limiter, installation_id, CALLS_PER_SECOND, priority)


async def _serve(port: int) -> None:
    served = create_app(load_settings(None))
    config = uvicorn.Config(served, port=port, log_level="critical", access_log=False, ws="none")
    await uvicorn.Server(config).serve()


async def _work() -> None:
    services = open_services(load_settings(None))
    await services.keeper.recover()
    await run_until_signal(build_worker(services, lanes=LANES))


def _deadly(point: str) -> Callable[[str], None]:
    def at(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def main() -> None:
    """Fork a life for every line of input."""
    alive: list[int] = []
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                live(*line.split())
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(0)
        alive.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
