"""Two servers never share an SQLite file, and a killed one leaves nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.db.exclusive import only_server
from app.errors import Conflict

HOLD = (
    "import sys; from app.db.exclusive import only_server\n"
    "with only_server(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deep/stepgate.db"


def holder(url: str) -> "subprocess.Popen[str]":
    """Another process that serves the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_second_server_is_refused_until_the_first_has_ended_however(url: str, ending: int) -> None:
    with holder(url) as first:
        try:
            with pytest.raises(Conflict) as refusal, only_server(url):
                pass
            assert f"process {first.pid}" in refusal.value.sentence
            assert "stepgate.db is being served" in refusal.value.sentence
        finally:
            first.send_signal(ending)
    with only_server(url), pytest.raises(Conflict), only_server(url):
        pass
    with only_server(url):
        pass


@pytest.mark.parametrize("shared", ["postgresql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_file_of_ours_is_not_locked(shared: str) -> None:
    with only_server(shared), only_server(shared):
        pass
