"""Forgetting an account on each store."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from app.db.engine import Database
from app.db.tables import deal_contact, metadata
from app.installations import forget
from app.installations.forget import forget_installation, tenant_tables
from app.installations.spool import TokenSpool
from app.installations.vault import Vault, new_key
from tests.factories import add_installation
from tests.tenants import count_rows, fill_tables


def _more_contacts(conn: Connection, tenant: int) -> None:
    rows = [{"installation_id": tenant, "contact_id": str(n), "deal_id": "1"} for n in range(10)]
    conn.execute(insert(deal_contact), rows)


async def test_nothing_stays_of_the_account_and_all_of_its_neighbour(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forget, "PORTION", 3)
    gone = await db.write(add_installation)
    stays = await db.write(lambda conn: add_installation(conn, external_id="1002"))
    await db.write(lambda conn: fill_tables(conn, gone, stays))
    await db.write(lambda conn: _more_contacts(conn, gone))
    before = await db.read(lambda conn: count_rows(conn, stays))
    assert min(before.values()) > 0
    spool = TokenSpool(tmp_path / "spool", Vault([new_key()]))
    rows = await forget_installation(db, spool, gone)
    assert rows == len(before) + 10
    assert set((await db.read(lambda conn: count_rows(conn, gone))).values()) == {0}
    assert await db.read(lambda conn: count_rows(conn, stays)) == before
    assert await forget_installation(db, spool, gone) == 0


def test_every_table_of_accounts_is_cleared() -> None:
    named = {table.name for table in tenant_tables()}
    others = {table.name for table in metadata.sorted_tables} - named
    assert others == {"installation", "lease", "authorize_state"}
