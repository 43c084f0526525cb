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
from contextlib import contextmanager
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
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "demo",
        "--no-browser",
        "--port",
        str(_free_ports()),
        *arguments,
    ]
    process = subprocess.Popen(
        command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    try:
        yield Demo(_ready(process), folder)
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _ready(process: "subprocess.Popen[str]") -> str:
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


def _free_ports() -> int:
    """A port whose next one is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
