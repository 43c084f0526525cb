"""The real demo, as a visitor starts it, on free ports and in a folder of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
READY_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where the CRM's board is, and Stepgate's settings for its command line."""

    board: str
    folder: Path

    def stepgate(self, *arguments: str) -> str:
        """What a verb prints, run as an operator beside the demo would."""
        command = [sys.executable, "-m", "app.cli", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def report(self, *arguments: str) -> Any:
        """The conversion report as JSON."""
        return json.loads(self.stepgate("report", "conversion", "--format", "json", *arguments))

    def _environment(self) -> dict[str, str]:
        lines = (self.folder / "var" / "demo" / "stepgate.env").read_text(encoding="utf-8").splitlines()
        return _environment() | dict(line.split("=", 1) for line in lines)


@contextmanager
def running_demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    """`stepgate demo --no-browser` until the block ends; everything that it started ends with it.

    Only the first CRM's, unless `arguments` name another with `--crm`.
    """
    if "--crm" not in arguments:
        arguments = (*arguments, "--crm", "amocrm")
    process = start_demo(folder, free_ports(2), *arguments)
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    try:
        yield Demo(ready(process), folder)
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def start_demo(folder: Path, port: int, *arguments: str) -> "subprocess.Popen[str]":
    """`stepgate demo` as a visitor types it, in that folder; what it prints comes out of one pipe."""
    command = [sys.executable, "-m", "app.cli", "demo", "--no-browser", "--port", str(port), *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ready(process: "subprocess.Popen[str]") -> str:
    """The next address that a demo says is ready; it has one for each CRM."""
    printed = []
    assert process.stdout is not None
    for line in process.stdout:
        printed.append(line)
        found = re.fullmatch(r"Ready: (\S+)\n", line)
        if found:
            return found[1]
    raise AssertionError("the demo did not get ready:\n" + "".join(printed))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STEPGATE_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        with ExitStack() as stack:
            first = _bound(stack, 0)
            try:
                for port in range(first + 1, first + count):
                    _bound(stack, port)
            except OSError:
                continue
            return first


def _bound(stack: ExitStack, port: int) -> int:
    probe = stack.enter_context(socket.socket())
    probe.bind(("127.0.0.1", port))
    return int(probe.getsockname()[1])
