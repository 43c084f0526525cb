"""An account switched Stepgate off: its tokens go at once, and everything else where its people want that."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from app.db.tables import audit, installation
from app.errors import NotFound
from app.installations.audit import write_audit
from app.installations.credentials import drop_credential
from app.installations.store import Installation, InstallationState, get_installation, set_state

REMOVED = "removed_in_crm"
WIPED = "wiped_in_crm"
"""The reason of an account that is to be forgotten to its last row; `Care` does that."""

CONNECTED = ("installed", "reinstalled")
WHOLE_SECONDS = timedelta(seconds=1)
"""What a CRM says about the time of a removal may be rounded down."""


def remove_account(
    conn: Connection,
    installation_id: int,
    now: datetime,
    *,
    wipes: bool = False,
    happened_at: datetime | None = None,
) -> bool:
    """Switch an account off and forget its tokens; False when there was nothing to switch off.

    Without `wipes` its rules and its ledger wait for the day when it is connected again. With `wipes`
    it gives up its name at once, so that a new consent of the same account begins anew, whatever is
    still left to be deleted. A removal from before the last consent is an old word and changes nothing.
    """
    try:
        known = get_installation(conn, installation_id)
    except NotFound:
        return False
    if happened_at and happened_at + WHOLE_SECONDS < _connected_at(conn, known):
        return False
    if known.state is InstallationState.DISABLED and not wipes:
        return False
    drop_credential(conn, known.id)
    set_state(conn, known.id, InstallationState.DISABLED, WIPED if wipes else REMOVED, removed_at=now)
    if wipes:
        conn.execute(
            update(installation).where(installation.c.id == known.id).values(external_id=f"~{known.id}")
        )
    write_audit(conn, known.id, actor="crm", action="removed", now=now, detail={"wipes": wipes})
    return True


def is_to_be_wiped(known: Installation) -> bool:
    """True for an account whose people want all of it forgotten."""
    return known.state is InstallationState.DISABLED and known.state_reason == WIPED


def _connected_at(conn: Connection, known: Installation) -> datetime:
    """When the account's last consent was given."""
    consents = audit.c.installation_id == known.id, audit.c.action.in_(CONNECTED)
    found: datetime | None = conn.scalar(select(func.max(audit.c.at)).where(*consents))
    return found or known.created_at
