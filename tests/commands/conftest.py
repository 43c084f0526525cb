"""A shell with nothing connected yet."""

from pathlib import Path

import pytest

import app.wiring
from app.clock import SystemClock
from app.config import Settings
from app.installations.vault import new_key
from tests.commands.shell import Shell
from tests.installations.portal import Portal, adapter_of


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Settings of the environment; adapters replaced by the portal's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", new_key())
    monkeypatch.setenv("STEPGATE_DATABASE_URL", f"sqlite:///{tmp_path}/stepgate.db")
    monkeypatch.setenv("STEPGATE_SPOOL_DIR", str(tmp_path / "spool"))
    portal = Portal()

    def parts(_: Settings) -> app.wiring.Parts:
        return app.wiring.Parts({"fake": adapter_of(portal)}, SystemClock())

    monkeypatch.setattr(app.wiring, "real_parts", parts)
    return Shell(portal)
