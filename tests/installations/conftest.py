"""A portal, a vault and a keeper of its tokens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.db.engine import Database
from app.installations.credentials import save_first_tokens
from app.installations.spool import TokenSpool
from app.installations.tokens import TokenKeeper
from app.installations.vault import Vault, new_key
from tests.factories import TestClock
from tests.installations.portal import Portal, adapter_of


@pytest.fixture
def portal() -> Portal:
    """The account's side."""
    return Portal()


@pytest.fixture
def clock() -> TestClock:
    """Time that the test owns."""
    return TestClock()


@pytest.fixture
def vault() -> Vault:
    """A vault with a fresh key."""
    return Vault([new_key()])


@pytest.fixture
def spool(tmp_path: Path, vault: Vault) -> TokenSpool:
    """An empty spool."""
    return TokenSpool(tmp_path / "spool", vault)


KeeperMaker = Callable[..., TokenKeeper]


@pytest.fixture
def make_keeper(
    db: Database, vault: Vault, spool: TokenSpool, portal: Portal, clock: TestClock
) -> KeeperMaker:
    """Makes keepers as separate processes would: they share only the database and the disk."""

    def make(**changes: object) -> TokenKeeper:
        given: dict[str, object] = {"clock": clock, **changes}
        return TokenKeeper(db, vault, spool, {"fake": adapter_of(portal)}, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
async def connected(db: Database, vault: Vault, portal: Portal, installation_id: int) -> int:
    """An installation with its first tokens."""
    await db.write(lambda conn: save_first_tokens(conn, vault, installation_id, portal.issue()))
    return installation_id
