"""Initial schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _installations()
    _secrets()
    _inbox()
    _background()
    _funnels()
    _deals()
    _ledger()
    _judgement()
    _analytics()
    _lock()


def downgrade() -> None:
    """Drop all tables with all that is in them."""
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names():
        if any(key["referred_table"] == "installation" for key in inspector.get_foreign_keys(table)):
            op.drop_table(table)
    for table in ("lease", "delivery", "authorize_state", "hook_key", "installation"):
        op.drop_table(table)


def _tenant_table(table: str, *rest: Any) -> None:
    """A table that begins with the tenant whose row it is."""
    key = sa.ForeignKey(
        "installation.id", name=f"fk_{table}_installation_id_installation", ondelete="CASCADE"
    )
    column = sa.Column("installation_id", sa.BigInteger(), key, autoincrement=False, nullable=False)
    op.create_table(table, column, *rest)


def _only(condition: str) -> dict[str, Any]:
    """An index of the rows that meet the condition."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _installations() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crm", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), server_default="", nullable=False),
        sa.Column("state", sa.String(length=24), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("service_user_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("settings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("catalog", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("catalog_read_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.UniqueConstraint("crm", "external_id", name=op.f("uq_installation_crm_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hook_key",
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_hook_key")),
    )
    op.create_index(op.f("ix_hook_key_installation_id"), "hook_key", ["installation_id"])
    op.create_table(
        "authorize_state",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("crm", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_authorize_state")),
    )
    op.create_index(op.f("ix_authorize_state_expires_at"), "authorize_state", ["expires_at"])


def _secrets() -> None:
    _tenant_table(
        "credential",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("refresh_owner", sa.String(length=64), nullable=True),
        sa.Column("refresh_until", sa.BigInteger(), nullable=True),
        sa.Column("refresh_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_hook_secret", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_credential")),
    )
    _tenant_table(
        "seen_token",
        sa.Column("token_id", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "token_id", name=op.f("pk_seen_token")),
    )
    op.create_index(op.f("ix_seen_token_expires_at"), "seen_token", ["expires_at"])
    _tenant_table(
        "rate_bucket",
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("refilled_at", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_rate_bucket")),
    )
    _tenant_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), server_default="", nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "seq", name=op.f("pk_audit")),
    )


def _inbox() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_received_at"), "delivery", ["received_at"])
    op.create_index("ix_delivery_tenant", "delivery", ["installation_id", "id"])
    _tenant_table(
        "lane",
        sa.Column("entity", sa.String(length=8), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("want_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("log_cursor", sa.String(length=64), server_default="", nullable=False),
        sa.Column("head_at", sa.BigInteger(), nullable=True),
        sa.Column("turn_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("timer_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("crashes", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "entity", "entity_id", name=op.f("pk_lane")),
    )
    op.create_index(
        "ix_lane_asleep",
        "lane",
        ["installation_id"],
        **_only("head_at IS NULL AND state = 'open' AND want_seq > done_seq"),
    )
    op.create_index(
        "ix_lane_ready",
        "lane",
        ["installation_id", "head_at"],
        **_only("head_at IS NOT NULL AND state = 'open'"),
    )
    op.create_index(
        "ix_lane_turn",
        "lane",
        ["installation_id", "turn_at"],
        **_only("head_at IS NOT NULL AND state = 'open'"),
    )


def _background() -> None:
    _tenant_table(
        "source_cursor",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "source", name=op.f("pk_source_cursor")),
    )
    _tenant_table(
        "backfill",
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_backfill")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )


def _funnels() -> None:
    _tenant_table(
        "funnel_draft",
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "pipeline_id", name=op.f("pk_funnel_draft")),
    )
    _tenant_table(
        "funnel_version",
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "pipeline_id", "number", name=op.f("pk_funnel_version")),
    )
    _tenant_table(
        "checkpoint_answer",
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("checkpoint_key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "installation_id", "deal_id", "checkpoint_key", name=op.f("pk_checkpoint_answer")
        ),
    )


def _deals() -> None:
    _tenant_table(
        "deal",
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("stage_id", sa.String(length=64), nullable=False),
        sa.Column("responsible_id", sa.String(length=64), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("contact_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("loss_reason_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("segment_key", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "deal_id", name=op.f("pk_deal")),
    )
    op.create_index("ix_deal_pipeline", "deal", ["installation_id", "pipeline_id", "created_at"])
    _tenant_table(
        "deal_contact",
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "contact_id", "deal_id", name=op.f("pk_deal_contact")),
    )


def _ledger() -> None:
    _tenant_table(
        "stage_move",
        sa.Column("log_id", sa.String(length=80), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("from_pipeline_id", sa.String(length=64), nullable=True),
        sa.Column("from_stage_id", sa.String(length=64), nullable=True),
        sa.Column("to_pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("to_stage_id", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "log_id", name=op.f("pk_stage_move")),
    )
    op.create_index(
        "ix_stage_move_deal", "stage_move", ["installation_id", "deal_id", "occurred_at", "log_id"]
    )
    _tenant_table(
        "evidence",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("checkpoint_key", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "source_id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_deal", "evidence", ["installation_id", "deal_id", "occurred_at"])


def _judgement() -> None:
    _tenant_table(
        "verdict",
        sa.Column("log_id", sa.String(length=80), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column("segment_key", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("gate_stage", sa.String(length=130), nullable=True),
        sa.Column("checkpoints", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("action", sa.String(length=12), server_default="none", nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("contested_at", sa.BigInteger(), nullable=True),
        sa.Column("contested_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("contest_text", sa.Text(), server_default="", nullable=False),
        sa.Column("objection_closed_at", sa.BigInteger(), nullable=True),
        sa.Column("objection_closed_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("objection_note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "log_id", name=op.f("pk_verdict")),
    )
    op.create_index("ix_verdict_deal", "verdict", ["installation_id", "deal_id", "decided_at"])
    op.create_index(
        "ix_verdict_contested",
        "verdict",
        ["installation_id", "contested_at"],
        sqlite_where=sa.text("contested_at IS NOT NULL"),
        postgresql_where=sa.text("contested_at IS NOT NULL"),
    )
    _tenant_table(
        "outbox",
        sa.Column("op_key", sa.String(length=160), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("log_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("expected_stage", sa.String(length=130), server_default="", nullable=False),
        sa.Column("target_stage", sa.String(length=130), server_default="", nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("crm_ref", sa.String(length=128), server_default="", nullable=False),
        sa.Column("echo_log_id", sa.String(length=80), server_default="", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("installation_id", "op_key", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_deal", "outbox", ["installation_id", "deal_id", "state"])


def _analytics() -> None:
    _tenant_table(
        "deal_step",
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("step_key", sa.String(length=64), nullable=False),
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("segment_key", sa.String(length=64), nullable=False),
        sa.Column("responsible_id", sa.String(length=64), nullable=False),
        sa.Column("cohort_day", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("thinning", sa.SmallInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("installation_id", "deal_id", "step_key", name=op.f("pk_deal_step")),
    )
    op.create_index(
        "ix_deal_step_step",
        "deal_step",
        ["installation_id", "pipeline_id", "segment_key", "step_key", "thinning", "cohort_day"],
    )
    op.create_index(
        "ix_deal_step_person",
        "deal_step",
        [
            "installation_id",
            "pipeline_id",
            "responsible_id",
            "segment_key",
            "step_key",
            "thinning",
            "cohort_day",
        ],
    )
    _tenant_table(
        "step_sum",
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("cohort_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("segment_key", sa.String(length=64), nullable=False),
        sa.Column("responsible_id", sa.String(length=64), nullable=False),
        sa.Column("step_key", sa.String(length=64), nullable=False),
        sa.Column("deals", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("ahead", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "installation_id",
            "pipeline_id",
            "grain",
            "cohort_day",
            "segment_key",
            "responsible_id",
            "step_key",
            name=op.f("pk_step_sum"),
        ),
    )


def _lock() -> None:
    _tenant_table(
        "lock_stage",
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("stage_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("leak_deal_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("leak_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("leak_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("installation_id", "pipeline_id", "stage_id", name=op.f("pk_lock_stage")),
    )
    _tenant_table(
        "lock_trial",
        sa.Column("trial_id", sa.String(length=32), nullable=False),
        sa.Column("pipeline_id", sa.String(length=64), nullable=False),
        sa.Column("stage_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), server_default="", nullable=False),
        sa.Column("code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("results", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("busy_until", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("installation_id", "trial_id", name=op.f("pk_lock_trial")),
    )
    op.create_index("ix_lock_trial_deal", "lock_trial", ["installation_id", "deal_id"])
    op.create_index("ix_lock_trial_state", "lock_trial", ["state"])
