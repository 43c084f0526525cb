"""The demo's processes: each is a `stepgate` verb with a log of its own, and ends when the demo does."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from app.demo.home import DemoError, Home

START_LIMIT = 180.0
STOP_LIMIT = 15.0


def check_ports(*ports: int) -> None:
    """Raises DemoError when another program listens there."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise DemoError(
                    f'Port {port} is taken. Choose another: make demo DEMO_ARGS="--port {port + 100}"'
                ) from None


def run_verb(environment: Mapping[str, str], *arguments: str) -> None:
    """Run `stepgate <arguments>` to its end. Raises DemoError with what it printed."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise DemoError(f"stepgate {' '.join(arguments[:2])} failed:\n{done.stderr or done.stdout}")


class Started:
    """The demo's processes; each writes to a log of its own."""

    def __init__(self, environment: Mapping[str, str], home: Home) -> None:
        self._environment, self._home = environment, home
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def logs(self) -> str:
        """Where to look when something is wrong."""
        return self._home.logs

    def __call__(self, name: str, *arguments: str) -> None:
        """Start `stepgate <arguments>`; it ends only when it is told to."""
        with (self._home.path / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "app.demo.leash", *arguments],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raises DemoError when one has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise DemoError(f"{name} stopped by itself; {self._home.path}/{name}.log says why.")

    def wait_for(self, is_so: Callable[[], bool], complaint: str, limit: float = START_LIMIT) -> None:
        """Ask until it is so. Raises DemoError after `limit` seconds, or when a process ended."""
        deadline = time.monotonic() + limit
        while not is_so():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{complaint} after {limit:.0f} s; look into {self._home.logs}.")
            time.sleep(0.3)

    def wait_until_up(self, http: httpx.Client, *addresses: str) -> None:
        """Wait until every address answers. Raises DemoError."""
        for address in addresses:
            self.wait_for(lambda address=address: _answers(http, address), f"{address} does not answer")  # type: ignore[misc]

    def stop(self) -> None:
        """End all, kindly first. An impatient second Ctrl-C must not leave anything behind."""
        impatient = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._stop()
        finally:
            signal.signal(signal.SIGINT, impatient)

    def _stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_LIMIT
        for process in self.running.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()


@contextmanager
def processes(environment: Mapping[str, str], home: Home) -> Iterator[Started]:
    """A way to start processes that all end with the block."""
    started = Started(environment, home)
    try:
        yield started
    finally:
        started.stop()


def _answers(http: httpx.Client, address: str) -> bool:
    try:
        return http.get(address).is_success
    except httpx.TransportError:
        return False
