"""Forgetting an account: not one row of it stays. It goes in portions, so that nobody else waits."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, select, tuple_

from app.db.engine import Database
from app.db.tables import installation, metadata
from app.installations.credentials import drop_credential
from app.installations.spool import TokenSpool
from app.installations.store import InstallationState, set_state

PORTION = 2_000
"""Rows per transaction."""


def tenant_tables() -> Sequence[Table]:
    """Every table that holds rows of accounts, those first that others refer to last."""
    return [table for table in reversed(metadata.sorted_tables) if "installation_id" in table.columns]


async def forget_installation(db: Database, spool: TokenSpool, installation_id: int) -> int:
    """Delete all that is kept of an installation and give the number of rows. It may be repeated.

    The account is switched off first: from then on no hook is taken and no call is made for it.
    What a request under way still adds goes with the last portion.
    """
    await db.write(lambda conn: _switch_off(conn, installation_id))
    total = 0
    for table in tenant_tables():
        while gone := await db.write(lambda conn, table=table: _delete_some(conn, table, installation_id)):  # type: ignore[misc]
            total += gone
    total += await db.write(lambda conn: _delete_last(conn, installation_id))
    spool.forget(installation_id)
    return total


def _switch_off(conn: Connection, installation_id: int) -> None:
    set_state(conn, installation_id, InstallationState.DISABLED, "forgotten")
    drop_credential(conn, installation_id)


def _delete_some(conn: Connection, table: Table, installation_id: int) -> int:
    keys = list(table.primary_key.columns)
    mine = table.c.installation_id == installation_id
    some = select(*keys).where(mine).limit(PORTION)
    return conn.execute(delete(table).where(tuple_(*keys).in_(some))).rowcount


def _delete_last(conn: Connection, installation_id: int) -> int:
    """The installation itself, with what came meanwhile."""
    late = sum(
        conn.execute(delete(table).where(table.c.installation_id == installation_id)).rowcount
        for table in tenant_tables()
    )
    return late + conn.execute(delete(installation).where(installation.c.id == installation_id)).rowcount
