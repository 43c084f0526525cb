"""The demo's folder: its database, keys and logs, fresh at every start."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from app.db.exclusive import InUse, hold_file

USUAL = Path("var/demo")


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of one running demo."""

    path: Path

    @property
    def logs(self) -> str:
        """Where to look when something is wrong."""
        return f"{self.path}/*.log"

    def environment(self, public_url: str) -> dict[str, str]:
        """This process's environment with a Stepgate of its own: fresh keys, a fresh database."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEPGATE_")}
        return inherited | {
            "STEPGATE_DATABASE_URL": f"sqlite:///{self.path}/stepgate.db",
            "STEPGATE_SPOOL_DIR": f"{self.path}/spool",
            "STEPGATE_PUBLIC_URL": public_url,
            "STEPGATE_SECRET_KEYS": Fernet.generate_key().decode(),
            "STEPGATE_LOG_LEVEL": "info",
        }

    def keep_settings(self, environment: Mapping[str, str]) -> None:
        """Write the demo's settings down, so that any verb can be tried beside it."""
        settings = (
            f"{name}={value}\n" for name, value in environment.items() if name.startswith("STEPGATE_")
        )
        path = self.path / "stepgate.env"
        path.touch(mode=0o600)
        path.write_text("".join(settings), encoding="utf-8")


@contextmanager
def fresh_home(port: int) -> Iterator[Home]:
    """An empty folder: `var/demo`, or `var/demo-PORT` beside a demo that runs already.

    Raises DemoError when both are in use.
    """
    USUAL.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for path in (USUAL, USUAL.with_name(f"{USUAL.name}-{port}")):
            try:
                stack.enter_context(hold_file(path.with_name(f"{path.name}.lock")))
            except InUse:
                continue
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
            yield Home(path)
            return
        raise DemoError("A demo runs here already. Use its page, or end it with Ctrl-C.")
