"""One server for an SQLite file: a second one is told so instead of fighting over the writes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from app.errors import Conflict


@contextmanager
def only_server(url: str) -> Iterator[None]:
    """Hold the database of `url` as its only server. Raises Conflict when another one does.

    The lock is the kernel's and ends with the process, however that ends. PostgreSQL needs none.
    """
    path = _lock_file(url)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise Conflict(_sentence(path, holder), code="database_in_use") from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _lock_file(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(f"{parsed.database}.lock")


def _sentence(path: Path, holder: str) -> str:
    who = f"process {holder}" if holder else "another process"
    return (
        f"{path.with_suffix('')} is being served by {who} already. Stop that one first, or give this one a "
        "database of its own in STEPGATE_DATABASE_URL; with PostgreSQL any number may run."
    )
