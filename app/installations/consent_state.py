"""The state of a consent that began with us: single use, twenty minutes."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert

from app.db.tables import authorize_state
from app.installations.vault import Vault

PURPOSE = "authorize_state"
LIFETIME = timedelta(minutes=20)


def begin_consent(conn: Connection, vault: Vault, crm: str, now: datetime) -> str:
    """A fresh state to send along to the CRM."""
    state = secrets.token_urlsafe(32)
    conn.execute(
        insert(authorize_state).values(
            state_hash=vault.digest(PURPOSE, state), crm=crm, expires_at=now + LIFETIME
        )
    )
    return state


def use_consent_state(conn: Connection, vault: Vault, crm: str, state: str, now: datetime) -> bool:
    """True for a state of ours that was never used before; it is used up now."""
    done = conn.execute(
        delete(authorize_state).where(
            authorize_state.c.state_hash.in_(vault.digests(PURPOSE, state)),
            authorize_state.c.crm == crm,
            authorize_state.c.expires_at > now,
        )
    )
    return done.rowcount == 1
