"""A desk on each store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.checklist.desk import Desk, open_desk


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """The application in front of a small CRM, with two tenants."""
    async with open_desk(database_url, tmp_path) as opened:
        yield opened
