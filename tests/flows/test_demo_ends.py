"""However a demo ends, nothing of it is left, and the next one starts on the same ports."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.demo_run import ROOT, free_ports, ready, start_demo

PATIENCE_S = 120.0
INTERRUPT_WHILE_IMPORTING = """
import os, signal, sys
from importlib.abc import MetaPathFinder
class Impatient(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "app.commands":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Impatient())
from app.launch import main
main()
"""


def wait_until_free(*ports: int) -> None:
    """Until nobody listens there. A server that is asked nothing speaks only by its end."""
    for port in ports:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as held:
                    held.recv(1)
            except ConnectionRefusedError:
                break
            except ConnectionError:
                continue


def end_of(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """How it ended, and what it printed last."""
    told, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_demo_leaves_nothing_and_the_next_one_starts_on_its_ports(tmp_path: Path) -> None:
    port = free_ports(3)
    killed = start_demo(tmp_path, port, "--leads", "20")
    assert ready(killed) == f"http://127.0.0.1:{port}/"
    killed.kill()
    killed.communicate()
    wait_until_free(port, port + 1, port + 2)
    again = start_demo(tmp_path, port, "--leads", "20")
    addresses = [ready(again), ready(again)]
    again.send_signal(signal.SIGINT)
    status, told = end_of(again)
    assert addresses == [f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port + 2}/"]
    assert (status, "The demo has ended." in told, "Traceback" in told) == (0, True, False)
    wait_until_free(port, port + 1, port + 2)
    logs = sorted((tmp_path / "var" / "demo").glob("*.log"))
    assert len(logs) == 3
    assert not [log.name for log in logs if "Traceback" in log.read_text("utf-8")]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", range(3))
def test_a_port_that_is_taken_is_named_before_anything_is_started(tmp_path: Path, place: int) -> None:
    """The two CRMs and Stepgate need three in a row."""
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port + place)):
        status, told = end_of(start_demo(tmp_path, port))
    assert status == 1
    assert told.startswith(f"Port {port + place} is taken. Choose another")
    assert not (tmp_path / "var" / "demo").exists()


@pytest.mark.timeout(300)
def test_an_interrupt_while_everything_is_being_imported_ends_in_silence() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT_WHILE_IMPORTING, "keygen"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
