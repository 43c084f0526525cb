"""Lanes whose holder is gone: what a killed process had in work need not wait for its lease to end.

Taking a living one for dead would cost time and nothing else. Its fence is passed, so it can commit
nothing more and mark no write as sent; and a call that it has begun is looked for only after the
longest that a call may take (`app.outbox.deliver`). So how we know who lives may be simple.
"""

from datetime import datetime

from sqlalchemy import Connection, func, null, text, update

from app.db.lane_statements import OPEN
from app.db.tables import lane

PREFIX = "stepgate "
"""How our sessions call themselves, before the name of their process."""

FIRST_DEATH = 1
"""A lane that has died more often waits for its lease: it may be what brings processes down, and one
that is restarted at once must not meet it each time. Deaths are counted as ever, and so is parking."""

_LIVING = text(
    "SELECT substr(application_name, :first) FROM pg_stat_activity"
    " WHERE datname = current_database() AND starts_with(application_name, :prefix)"
).bindparams(first=len(PREFIX) + 1, prefix=PREFIX)


def free_orphans(conn: Connection, now: datetime) -> int:
    """Free the lanes whose process does not live any more; how many. For a process that begins.

    The owner of a lane is the name of his process, a colon, and what he likes.
    """
    held = [lane.c.state == OPEN, lane.c.lease_until.is_not(None), lane.c.crashes <= FIRST_DEATH]
    if names := living(conn):
        held.append(func.split_part(lane.c.owner, ":", 1).not_in(names))
    freed = conn.execute(update(lane).where(*held).values(lease_until=null(), owner=null(), turn_at=now))
    return freed.rowcount


def living(conn: Connection) -> set[str]:
    """The names of the processes that may hold lanes beside the one that begins.

    On PostgreSQL those that have a session: all of one Stepgate come as the same role, and so see each
    other's. On SQLite none, since a server holds the file alone (`app.db.exclusive`).
    """
    return set(conn.scalars(_LIVING)) if conn.dialect.name == "postgresql" else set()
