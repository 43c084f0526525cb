"""Token pairs as sealed rows. Every change bumps a version, so that a late writer notices."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, or_, select, update

from app.crm.port import TokenPair
from app.db.tables import credential
from app.db.types import from_micros, to_micros
from app.db.upsert import upsert
from app.installations.vault import Vault

PURPOSE = "tokens"
HOOK_PURPOSE = "hook_secret"


class CredentialKind(StrEnum):
    """How the tokens were obtained."""

    OAUTH = "oauth"
    LONG_LIVED = "long_lived"
    """Given by hand, cannot be refreshed."""


@dataclass(frozen=True, slots=True)
class Credential:
    """An installation's tokens as stored. `was_attempted` tells of a refresh that never ended."""

    installation_id: int
    kind: CredentialKind
    tokens: TokenPair
    version: int
    was_attempted: bool


def pack_tokens(tokens: TokenPair) -> bytes:
    """The pair as JSON; times in microseconds since 1970."""
    document = {
        "access": tokens.access_token,
        "refresh": tokens.refresh_token,
        "issued_at": to_micros(tokens.issued_at),
        "expires_at": to_micros(tokens.expires_at),
    }
    return json.dumps(document).encode()


def unpack_tokens(packed: bytes) -> TokenPair:
    """What `pack_tokens` wrote."""
    document = json.loads(packed)
    return TokenPair(
        document["access"],
        document["refresh"],
        from_micros(document["issued_at"]),
        from_micros(document["expires_at"]),
    )


def load_credential(conn: Connection, vault: Vault, installation_id: int) -> Credential | None:
    """The tokens, or None when there are none. Raises VaultError."""
    query = select(credential).where(credential.c.installation_id == installation_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    tokens = unpack_tokens(vault.open(installation_id, PURPOSE, row.sealed))
    return Credential(
        installation_id, CredentialKind(row.kind), tokens, row.version, row.refresh_attempt_at is not None
    )


def save_first_tokens(conn: Connection, vault: Vault, installation_id: int, tokens: TokenPair) -> None:
    """Keep the tokens of a consent; they replace whatever was there."""
    last = conn.scalar(
        select(credential.c.version).where(credential.c.installation_id == installation_id).with_for_update()
    )
    kind = CredentialKind.OAUTH if tokens.refresh_token else CredentialKind.LONG_LIVED
    values = {
        "kind": kind.value,
        "sealed": vault.seal(installation_id, PURPOSE, pack_tokens(tokens)),
        "version": (last or 0) + 1,
        "issued_at": tokens.issued_at,
        "expires_at": tokens.expires_at,
        "refresh_owner": None,
        "refresh_until": None,
        "refresh_attempt_at": None,
    }
    upsert(conn, credential, {"installation_id": installation_id}, values)


def claim_refresh(
    conn: Connection, installation_id: int, version: int, owner: str, now: datetime, lease: timedelta
) -> bool:
    """Take the right to refresh that version; False when somebody else has it or it is gone."""
    columns = credential.c
    done = conn.execute(
        update(credential)
        .where(
            columns.installation_id == installation_id,
            columns.version == version,
            or_(columns.refresh_until.is_(None), columns.refresh_until < now),
        )
        .values(refresh_owner=owner, refresh_until=now + lease, refresh_attempt_at=now)
    )
    return done.rowcount == 1


def release_refresh(conn: Connection, installation_id: int, owner: str, *, is_sent: bool) -> None:
    """Give the right back without new tokens. `is_sent` keeps word of an answer that was lost."""
    values: dict[str, object] = {"refresh_owner": None, "refresh_until": None}
    if not is_sent:
        values["refresh_attempt_at"] = None
    conn.execute(
        update(credential)
        .where(credential.c.installation_id == installation_id, credential.c.refresh_owner == owner)
        .values(**values)
    )


def commit_refresh(
    conn: Connection, vault: Vault, installation_id: int, version: int, tokens: TokenPair
) -> bool:
    """Put the pair that replaces `version` in force; False when that was done already."""
    # What is not sealed anew would keep an old key from being taken away.
    save_hook_secret(conn, vault, installation_id, hook_secret_of(conn, vault, installation_id))
    done = conn.execute(
        update(credential)
        .where(credential.c.installation_id == installation_id, credential.c.version == version)
        .values(
            sealed=vault.seal(installation_id, PURPOSE, pack_tokens(tokens)),
            version=version + 1,
            issued_at=tokens.issued_at,
            expires_at=tokens.expires_at,
            refresh_owner=None,
            refresh_until=None,
            refresh_attempt_at=None,
        )
    )
    return done.rowcount == 1


def save_hook_secret(conn: Connection, vault: Vault, installation_id: int, secret: str) -> None:
    """Keep what the account's hooks prove themselves with; an empty one changes nothing."""
    if secret:
        sealed = vault.seal(installation_id, HOOK_PURPOSE, secret.encode())
        row = credential.c.installation_id == installation_id
        conn.execute(update(credential).where(row).values(sealed_hook_secret=sealed))


def hook_secret_of(conn: Connection, vault: Vault, installation_id: int) -> str:
    """What the account's hooks prove themselves with, empty for nothing. Raises VaultError."""
    query = select(credential.c.sealed_hook_secret).where(credential.c.installation_id == installation_id)
    sealed = conn.scalar(query)
    return vault.open(installation_id, HOOK_PURPOSE, sealed).decode() if sealed else ""


def drop_credential(conn: Connection, installation_id: int) -> None:
    """Forget the tokens."""
    conn.execute(delete(credential).where(credential.c.installation_id == installation_id))
