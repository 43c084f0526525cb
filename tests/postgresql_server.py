"""A PostgreSQL server of our own for a test session, from the programs of this machine."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

PLACES = ("/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt", "/usr/pgsql-16", "/usr/pgsql-15")
SUPERUSER = "stepgate"
FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
}
DURABLE = {"listen_addresses": "", "shared_buffers": "256MB", "max_connections": "60"}


def find_programs() -> Path | None:
    """The newest folder that holds initdb and pg_ctl, or None."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [program.parent for place in PLACES for program in sorted(Path(place).glob("**/bin/initdb"))]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Server:
    """A running server that is reached through a socket in `folder`."""

    folder: Path
    programs: Path

    def url(self, database: str) -> str:
        """Where `database` of this server is."""
        return URL.create(
            "postgresql", username=SUPERUSER, database=database, query={"host": str(self.folder)}
        ).render_as_string(hide_password=False)

    def start(self, settings: dict[str, str]) -> None:
        """Start it and wait until it answers."""
        options = " ".join(f"-c {name}={value!r}" for name, value in settings.items())
        self._control("start", "-o", f"-k {self.folder} {options}", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `fast` ends connections in order, `immediate` is a crash."""
        self._control("stop", "-m", mode)

    def _control(self, *arguments: str) -> None:
        run([str(self.programs / "pg_ctl"), "-w", "-s", "-D", str(self.folder / "data"), *arguments])


@contextmanager
def running_server(settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A fresh server; gone with all its data at the end. Raises RuntimeError without programs."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL's initdb and pg_ctl were not found on this machine")
    folder = Path(tempfile.mkdtemp(prefix="sgpg"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = Server(folder, programs)
    try:
        initialise = [str(programs / "initdb"), "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C"]
        run([*initialise, "--no-sync", "-D", str(folder / "data")])
        server.start(settings or FAST)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str]) -> None:
    """Run one of PostgreSQL's programs, which refuse to work for root."""
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
