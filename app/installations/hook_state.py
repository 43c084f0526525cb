"""What is known of the CRM's calls to us: when the subscription was last seen in order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from app.db.tables import source_cursor
from app.db.upsert import upsert

SOURCE = "hooks"


@dataclass(frozen=True, slots=True)
class HookState:
    """The last check; `reason` is empty when all was well, else the kind of error."""

    checked_at: datetime
    reason: str


def save_hook_state(conn: Connection, installation_id: int, reason: str, now: datetime) -> None:
    """Keep the outcome of a check."""
    key = {"installation_id": installation_id, "source": SOURCE}
    upsert(conn, source_cursor, key, {"value": reason, "updated_at": now})


def hook_state(conn: Connection, installation_id: int) -> HookState | None:
    """The last check, or None when there was none yet."""
    row = conn.execute(
        select(source_cursor.c.value, source_cursor.c.updated_at).where(
            source_cursor.c.installation_id == installation_id, source_cursor.c.source == SOURCE
        )
    ).one_or_none()
    return HookState(row.updated_at, row.value) if row else None


def drop_hook_state(conn: Connection, installation_id: int) -> None:
    """Forget the last check: the CRM keeps no subscription of ours any more."""
    mine = (source_cursor.c.installation_id == installation_id, source_cursor.c.source == SOURCE)
    conn.execute(delete(source_cursor).where(*mine))
