"""Who did what to an installation: rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from app.db.tables import audit, installation

SYSTEM = "system"
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. `actor` is a user id of the CRM, `system` or `operator`."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def write_audit(
    conn: Connection,
    installation_id: int,
    *,
    actor: str,
    action: str,
    now: datetime,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry and give its number, counted from 1 without gaps in each installation."""
    conn.execute(select(installation.c.id).where(installation.c.id == installation_id).with_for_update())
    last = conn.scalar(
        select(func.coalesce(func.max(audit.c.seq), 0)).where(audit.c.installation_id == installation_id)
    )
    seq = int(last or 0) + 1
    conn.execute(
        insert(audit).values(
            installation_id=installation_id,
            seq=seq,
            at=now,
            actor=actor,
            action=action,
            subject=subject,
            detail=dict(detail or {}),
        )
    )
    return seq


def read_audit(conn: Connection, installation_id: int, limit: int = 100) -> list[AuditEntry]:
    """The newest entries, newest first."""
    columns = audit.c
    rows = conn.execute(
        select(columns.seq, columns.at, columns.actor, columns.action, columns.subject, columns.detail)
        .where(columns.installation_id == installation_id)
        .order_by(columns.seq.desc())
        .limit(limit)
    )
    return [AuditEntry(*row) for row in rows]
