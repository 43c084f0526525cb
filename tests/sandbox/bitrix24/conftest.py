"""One small simulated portal per test, in process and on virtual time."""

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.bitrix24.world import World, make_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A portal, its API and a product that listens."""
    made = make_world()
    yield made
    await made.close()
