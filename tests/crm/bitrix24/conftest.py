"""A portal behind the adapter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crm.bitrix24.keyring import Keyring, make_keyring
from tests.crm.bitrix24.kit import Bench, make_bench


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A fresh portal, the adapter and a client."""
    bench = make_bench(monkeypatch)
    yield bench
    await bench.world.close()


@pytest.fixture
async def ring(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keyring]:
    """A connected portal with an enforcing gate before the third stage."""
    async with make_keyring(database_url, tmp_path, monkeypatch) as ring:
        yield ring
