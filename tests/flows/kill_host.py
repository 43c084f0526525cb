"""Starts Stepgate again and again: everything is imported once, each life is a fork.

Reads `start PORT` from its input and answers with the process id of a new life; each one is the
true application under uvicorn, to be killed at will. Leases and settling are short and the cap
of writes is high, so that one test sees many recoveries. Ends with its input, and takes every life with it.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import timedelta

import asyncpg  # noqa: F401  imported before the fork: a life must begin quickly
import structlog
import uvicorn

from app.config import load_settings
from app.inbox.process import Processor
from app.main import create_app
from app.outbox import limits
from app.wiring import real_parts

SHORT_LEASE = timedelta(seconds=12)
"""Longer than the longest call, as the real one is: what was sent must have arrived or be lost."""
SHORT_SETTLE = timedelta(seconds=1)
CALLS_PER_SECOND = 400.0
MANY_WRITES = 100_000


def live(port: int) -> None:
    """One life: serve until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    defaults = Processor.__init__.__kwdefaults__ or {}
    defaults.update(lease=SHORT_LEASE, settle=SHORT_SETTLE)
    limits.WRITES_PER_ACCOUNT = MANY_WRITES
    settings = load_settings(None)
    parts = real_parts(settings)
    fast = {
        name: replace(adapter, calls_per_second=CALLS_PER_SECOND) for name, adapter in parts.registry.items()
    }
    served = create_app(settings, replace(parts, registry=fast))
    config = uvicorn.Config(served, port=port, log_level="critical", access_log=False, ws="none")
    asyncio.run(uvicorn.Server(config).serve())


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
                live(int(line.split()[1]))
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
