"""What is known of stages that the CRM itself locks, and the trials that found it out.

A trial's row outlives its deal: whatever the CRM still tells of that deal is then known to be ours.
"""

from sqlalchemy import Column, Index, String, Table

from app.db.tables.metadata import metadata, tenant
from app.db.types import Document, Instant

lock_stage = Table(
    "lock_stage",
    metadata,
    tenant(),
    Column("pipeline_id", String(64), primary_key=True),
    Column("stage_id", String(64), primary_key=True),
    Column("signature", String(16), nullable=False),
    Column("state", String(12), nullable=False),
    Column("code", String(32), nullable=False, server_default=""),
    Column("checked_at", Instant),
    Column("checked_by", String(64), nullable=False, server_default=""),
    Column("leak_deal_id", String(64), nullable=False, server_default=""),
    Column("leak_by", String(64), nullable=False, server_default=""),
    Column("leak_at", Instant),
)

lock_trial = Table(
    "lock_trial",
    metadata,
    tenant(),
    Column("trial_id", String(32), primary_key=True),
    Column("pipeline_id", String(64), nullable=False),
    Column("stage_id", String(64), nullable=False),
    Column("signature", String(16), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("deal_id", String(64), nullable=False, server_default=""),
    Column("title", String(255), nullable=False),
    Column("state", String(12), nullable=False),
    Column("outcome", String(12), nullable=False, server_default=""),
    Column("code", String(32), nullable=False, server_default=""),
    Column("results", Document, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", String(64), nullable=False),
    Column("busy_until", Instant),
    Column("done_at", Instant),
    Index("ix_lock_trial_deal", "installation_id", "deal_id"),
    Index("ix_lock_trial_state", "state"),
)
