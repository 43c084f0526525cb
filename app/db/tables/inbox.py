"""Requests as received, and the lane of each deal: the queue."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from app.db.tables.metadata import metadata, tenant
from app.db.types import Identity, Instant

delivery = Table(
    "delivery",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("installation_id", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
    Column("sealed_body", LargeBinary, nullable=False),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Index("ix_delivery_tenant", "installation_id", "id"),
)

lane = Table(
    "lane",
    metadata,
    tenant(),
    Column("entity", String(8), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("want_seq", BigInteger, nullable=False, server_default="0"),
    Column("done_seq", BigInteger, nullable=False, server_default="0"),
    Column("log_cursor", String(64), nullable=False, server_default=""),
    Column("head_at", Instant),
    Column("turn_at", Instant, nullable=False, server_default="0"),
    Column("timer_at", Instant),
    Column("lease_until", Instant),
    Column("owner", String(64)),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("crashes", SmallInteger, nullable=False, server_default="0"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("state", String(8), nullable=False, server_default="open"),
    Column("last_error", Text, nullable=False, server_default=""),
)
Index(
    "ix_lane_ready",
    lane.c.installation_id,
    lane.c.head_at,
    sqlite_where=text("head_at IS NOT NULL AND state = 'open'"),
    postgresql_where=text("head_at IS NOT NULL AND state = 'open'"),
)
Index(
    "ix_lane_turn",
    lane.c.installation_id,
    lane.c.turn_at,
    sqlite_where=text("head_at IS NOT NULL AND state = 'open'"),
    postgresql_where=text("head_at IS NOT NULL AND state = 'open'"),
)
Index(
    "ix_lane_asleep",
    lane.c.installation_id,
    sqlite_where=text("head_at IS NULL AND state = 'open' AND want_seq > done_seq"),
    postgresql_where=text("head_at IS NULL AND state = 'open' AND want_seq > done_seq"),
)

source_cursor = Table(
    "source_cursor",
    metadata,
    tenant(),
    Column("source", String(32), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

backfill = Table(
    "backfill",
    metadata,
    tenant(),
    Column("state", String(12), nullable=False),
    Column("since", Instant, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("cursor", Text, nullable=False, server_default=""),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("last_error", Text, nullable=False, server_default=""),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", Instant, nullable=False),
    Column("fence", Integer, nullable=False),
)
