"""Leases: who of several processes may do a thing now. The row lives in the database of all."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select

from app.db.tables import lease
from app.db.upsert import insert_into


def hold_lease(conn: Connection, name: str, owner: str, now: datetime, length: timedelta) -> int | None:
    """Take or prolong the lease; its fence number when it is ours, None when another holds it.

    The fence rises whenever the owner changes.
    """
    new = insert_into(conn, lease).values(name=name, owner=owner, until=now + length, fence=1)
    taken = new.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "owner": owner,
            "until": now + length,
            "fence": lease.c.fence + (lease.c.owner != owner).cast(lease.c.fence.type),
        },
        where=or_(lease.c.owner == owner, lease.c.until <= now),
    ).returning(lease.c.fence)
    return conn.execute(taken).scalar_one_or_none()


def drop_lease(conn: Connection, name: str, owner: str) -> None:
    """Give the lease up, so that another need not wait for its end."""
    conn.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))


def lease_owner(conn: Connection, name: str) -> str | None:
    """Who holds the lease or held it last."""
    return conn.scalar(select(lease.c.owner).where(lease.c.name == name))
