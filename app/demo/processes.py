"""The demo's processes: each is a `stepgate` verb with a log of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

HOME = Path("var/demo")
START_LIMIT = 60.0


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


def environment_for(public_url: str) -> dict[str, str]:
    """This process's environment with a Stepgate of its own: fresh keys, a fresh database."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEPGATE_")}
    return inherited | {
        "STEPGATE_DATABASE_URL": f"sqlite:///{HOME}/stepgate.db",
        "STEPGATE_SPOOL_DIR": f"{HOME}/spool",
        "STEPGATE_PUBLIC_URL": public_url,
        "STEPGATE_SECRET_KEYS": Fernet.generate_key().decode(),
        "STEPGATE_LOG_LEVEL": "info",
    }


def keep_settings(environment: Mapping[str, str]) -> None:
    """Write the demo's settings down, so that any verb can be tried beside it."""
    settings = (f"{name}={value}\n" for name, value in environment.items() if name.startswith("STEPGATE_"))
    path = HOME / "stepgate.env"
    path.touch(mode=0o600)
    path.write_text("".join(settings), encoding="utf-8")


def fresh_home() -> None:
    """Forget the demo before."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)


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

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __call__(self, name: str, *arguments: str) -> None:
        """Start `stepgate <arguments>`."""
        with (HOME / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "app.cli", *arguments],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End all, kindly first."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def processes(environment: Mapping[str, str]) -> Iterator[Started]:
    """A way to start processes that all end with the block."""
    started = Started(environment)
    try:
        yield started
    finally:
        started.stop()


def wait_for(is_so: Callable[[], bool], complaint: str, limit: float = START_LIMIT) -> None:
    """Ask until it is so. Raises DemoError with the complaint after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not is_so():
        if time.monotonic() > deadline:
            raise DemoError(f"{complaint} after {limit:.0f} s; look into {HOME}/*.log.")
        time.sleep(0.3)


def wait_until_up(http: httpx.Client, *addresses: str) -> None:
    """Wait until every address answers. Raises DemoError."""
    for address in addresses:
        wait_for(lambda address=address: _answers(http, address), f"{address} does not answer")  # type: ignore[misc]


def _answers(http: httpx.Client, address: str) -> bool:
    try:
        return http.get(address).is_success
    except httpx.TransportError:
        return False
