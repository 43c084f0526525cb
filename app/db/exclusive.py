"""One server for an SQLite file: a second one is told so instead of fighting over the writes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from app.errors import Conflict


class InUse(Exception):
    """Another process holds the file; `holder` is its number, if it has told."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"held by {holder or 'another process'}")
        self.holder = holder


@contextmanager
def hold_file(path: Path) -> Iterator[None]:
    """Hold a file of that name while the block runs. Raises InUse.

    The lock is the kernel's and ends with the process, however that ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(os.read(descriptor, 20).decode("ascii", "replace").strip()) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


@contextmanager
def only_server(url: str) -> Iterator[None]:
    """Hold the database of `url` as its only server. Raises Conflict when another one does.

    PostgreSQL needs no such lock.
    """
    path = _lock_file(url)
    if path is None:
        yield
        return
    try:
        with hold_file(path):
            yield
    except InUse as used:
        raise Conflict(_sentence(path, used.holder), code="database_in_use") from None


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
