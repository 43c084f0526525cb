"""Who is an administrator, as far as it is known without him: some CRMs tell it of nobody else."""

from sqlalchemy import Connection, select

from app.db.tables import audit
from app.domain.stage import Catalog

ADMINS_ONLY = (
    "settings.change",
    "funnel.publish",
    "gate.mode",
    "objection.close",
    "lock.trial",
    "lock.cancel",
)
"""What only an administrator can have done here."""


def is_administrator(conn: Connection, installation_id: int, catalog: Catalog | None, user_id: str) -> bool:
    """True when the CRM's list says so, or when he has done here what only administrators may."""
    if catalog and any(user.id == user_id and user.is_admin for user in catalog.users):
        return True
    deed = select(audit.c.seq).where(
        audit.c.installation_id == installation_id,
        audit.c.actor == user_id,
        audit.c.action.in_(ADMINS_ONLY),
    )
    return conn.execute(deed.limit(1)).first() is not None
