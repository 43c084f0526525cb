"""A process of the demo that does not outlive it: `python -m app.demo.leash <a stepgate verb>`.

The demo holds the other end of the standard input. However it ends, be it by kill -9, that end closes,
and nothing of a demo is worth keeping: the ports are free again at once.
"""

import os
import runpy
import signal
import sys
import threading


def hold() -> None:
    """From now on this process ends with the one that holds its standard input."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    hold()
    runpy.run_module("app.cli", run_name="__main__", alter_sys=True)
