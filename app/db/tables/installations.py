"""The plugin in one CRM account, its secrets and its signs of life."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from app.db.tables.metadata import metadata, tenant
from app.db.types import Document, Identity, Instant

installation = Table(
    "installation",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("crm", String(32), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("title", String(255), nullable=False, server_default=""),
    Column("state", String(24), nullable=False, server_default="active"),
    Column("state_reason", Text, nullable=False, server_default=""),
    Column("service_user_id", String(64), nullable=False, server_default=""),
    Column("settings", Document, nullable=False),
    Column("catalog", Document),
    Column("catalog_read_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
    UniqueConstraint("crm", "external_id"),
    # A session or a sealed token of a forgotten account must not open the next one's door.
    sqlite_autoincrement=True,
)

hook_key = Table(
    "hook_key",
    metadata,
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("installation_id", BigInteger, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("valid_until", Instant),
)

credential = Table(
    "credential",
    metadata,
    tenant(),
    Column("kind", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("refresh_owner", String(64)),
    Column("refresh_until", Instant),
    Column("refresh_attempt_at", Instant),
    Column("sealed_hook_secret", LargeBinary),
)

authorize_state = Table(
    "authorize_state",
    metadata,
    Column("state_hash", LargeBinary(32), primary_key=True),
    Column("crm", String(32), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

seen_token = Table(
    "seen_token",
    metadata,
    tenant(),
    Column("token_id", String(128), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

rate_bucket = Table(
    "rate_bucket",
    metadata,
    tenant(),
    Column("tokens", BigInteger, nullable=False),
    Column("refilled_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("pause_reason", String(64), nullable=False, server_default=""),
)

audit = Table(
    "audit",
    metadata,
    tenant(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(255), nullable=False, server_default=""),
    Column("detail", Document, nullable=False),
)
