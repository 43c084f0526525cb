"""One small simulated account per test, in process and on virtual time."""

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.amocrm.world import World, make_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An account, its API and a product that listens."""
    made = make_world()
    yield made
    await made.close()
