"""The adapter's own settings, and an account in front of it."""

from collections.abc import AsyncIterator

import pytest

from tests.crm.amocrm.kit import CLIENT_ID, SECRET, Bench, make_bench


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", SECRET)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A small account behind the adapter."""
    made = make_bench()
    yield made
    await made.world.close()
