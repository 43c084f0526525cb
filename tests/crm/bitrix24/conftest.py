"""A portal behind the adapter."""

from collections.abc import AsyncIterator

import pytest

from tests.crm.bitrix24.kit import Bench, make_bench


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A fresh portal, the adapter and a client."""
    bench = make_bench(monkeypatch)
    yield bench
    await bench.world.close()
