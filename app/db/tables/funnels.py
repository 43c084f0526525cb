"""Mappings: the draft that an admin edits and the immutable versions that judge."""

from sqlalchemy import Column, Integer, String, Table, Text

from app.db.tables.metadata import metadata, tenant
from app.db.types import Document, Instant

funnel_draft = Table(
    "funnel_draft",
    metadata,
    tenant(),
    Column("pipeline_id", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", String(64), nullable=False),
)

funnel_version = Table(
    "funnel_version",
    metadata,
    tenant(),
    Column("pipeline_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Document, nullable=False),
    Column("stages", Document, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)

checkpoint_answer = Table(
    "checkpoint_answer",
    metadata,
    tenant(),
    Column("deal_id", String(64), primary_key=True),
    Column("checkpoint_key", String(64), primary_key=True),
    Column("answer", String(20), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("answered_at", Instant, nullable=False),
    Column("answered_by", String(64), nullable=False),
)
