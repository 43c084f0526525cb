"""The append-only record of moves and evidence, and the deals as last read."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from app.db.tables.metadata import metadata, tenant
from app.db.types import Document, Instant

deal = Table(
    "deal",
    metadata,
    tenant(),
    Column("deal_id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("pipeline_id", String(64), nullable=False),
    Column("stage_id", String(64), nullable=False),
    Column("responsible_id", String(64), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("tags", Document, nullable=False),
    Column("fields", Document, nullable=False),
    Column("contact_ids", Document, nullable=False),
    Column("loss_reason_id", String(64), nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("read_at", Instant, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("segment_key", String(64), nullable=False, server_default=""),
    Index("ix_deal_pipeline", "installation_id", "pipeline_id", "created_at"),
)

deal_contact = Table(
    "deal_contact",
    metadata,
    tenant(),
    Column("contact_id", String(64), primary_key=True),
    Column("deal_id", String(64), primary_key=True),
)

stage_move = Table(
    "stage_move",
    metadata,
    tenant(),
    Column("log_id", String(80), primary_key=True),
    Column("deal_id", String(64), nullable=False),
    Column("from_pipeline_id", String(64)),
    Column("from_stage_id", String(64)),
    Column("to_pipeline_id", String(64), nullable=False),
    Column("to_stage_id", String(64), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("origin", String(12), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_stage_move_deal", "installation_id", "deal_id", "occurred_at", "log_id"),
)

evidence = Table(
    "evidence",
    metadata,
    tenant(),
    Column("source_id", String(128), primary_key=True),
    Column("deal_id", String(64), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("direction", String(8)),
    Column("seconds", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author_id", String(64), nullable=False),
    Column("contact_id", String(64), nullable=False),
    Column("checkpoint_key", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Index("ix_evidence_deal", "installation_id", "deal_id", "occurred_at"),
)

verdict = Table(
    "verdict",
    metadata,
    tenant(),
    Column("log_id", String(80), primary_key=True),
    Column("deal_id", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("version_number", Integer),
    Column("segment_key", String(64), nullable=False),
    Column("mode", String(8)),
    Column("gate_stage", String(130)),
    Column("checkpoints", Document, nullable=False),
    Column("action", String(12), nullable=False, server_default="none"),
    Column("decided_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("contested_at", Instant),
    Column("contested_by", String(64), nullable=False, server_default=""),
    Column("contest_text", Text, nullable=False, server_default=""),
    Index("ix_verdict_deal", "installation_id", "deal_id", "decided_at"),
)

outbox = Table(
    "outbox",
    metadata,
    tenant(),
    Column("op_key", String(160), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("deal_id", String(64), nullable=False),
    Column("log_id", String(80), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("payload", Document, nullable=False),
    Column("expected_stage", String(130), nullable=False, server_default=""),
    Column("target_stage", String(130), nullable=False, server_default=""),
    Column("state", String(12), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("next_at", Instant),
    Column("done_at", Instant),
    Column("crm_ref", String(128), nullable=False, server_default=""),
    Column("echo_log_id", String(80), nullable=False, server_default=""),
    Column("last_error", Text, nullable=False, server_default=""),
    Index("ix_outbox_deal", "installation_id", "deal_id", "state"),
)
