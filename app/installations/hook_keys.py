"""The secret part of a hook's address: kept sealed, found by a keyed hash."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update

from app.db.tables import hook_key, installation
from app.installations.store import Installation, get_installation
from app.installations.vault import Vault

PURPOSE = "hook_key"
KEY_BYTES = 32
OVERLAP = timedelta(hours=24)
"""After a change of key the CRM may still ring at the old address for a while."""


def hook_key_of(conn: Connection, vault: Vault, installation_id: int) -> str | None:
    """The key in force, or None. Raises VaultError."""
    sealed = conn.scalar(
        select(hook_key.c.sealed)
        .where(hook_key.c.installation_id == installation_id, hook_key.c.valid_until.is_(None))
        .order_by(hook_key.c.created_at.desc())
        .limit(1)
    )
    return None if sealed is None else vault.open(installation_id, PURPOSE, sealed).decode()


def ensure_hook_key(conn: Connection, vault: Vault, installation_id: int, now: datetime) -> str:
    """The key in force; made when there is none."""
    known = hook_key_of(conn, vault, installation_id)
    if known:
        return known
    key = secrets.token_urlsafe(KEY_BYTES)
    conn.execute(
        insert(hook_key).values(
            key_hash=vault.digest(PURPOSE, key),
            installation_id=installation_id,
            sealed=vault.seal(installation_id, PURPOSE, key.encode()),
            created_at=now,
        )
    )
    return key


def rotate_hook_key(conn: Connection, vault: Vault, installation_id: int, now: datetime) -> str:
    """A new key; the old one is good for another 24 hours."""
    conn.execute(
        update(hook_key)
        .where(hook_key.c.installation_id == installation_id, hook_key.c.valid_until.is_(None))
        .values(valid_until=now + OVERLAP)
    )
    return ensure_hook_key(conn, vault, installation_id, now)


def find_by_hook_key(
    conn: Connection, vault: Vault, crm: str, key: str, now: datetime
) -> Installation | None:
    """The installation that `key` belongs to, in whatever state, or None."""
    owner = conn.scalar(
        select(hook_key.c.installation_id)
        .join(installation, installation.c.id == hook_key.c.installation_id)
        .where(
            hook_key.c.key_hash.in_(vault.digests(PURPOSE, key)),
            installation.c.crm == crm,
            or_(hook_key.c.valid_until.is_(None), hook_key.c.valid_until > now),
        )
    )
    return None if owner is None else get_installation(conn, owner)


def hook_url(public_url: str, crm: str, key: str) -> str:
    """The address that the CRM calls."""
    return f"{public_url}/hooks/{crm}/{key}"
