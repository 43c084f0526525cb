"""All tables; import from here so that `metadata` is complete."""

from app.db.tables.analytics import deal_step, step_sum
from app.db.tables.funnels import checkpoint_answer, funnel_draft, funnel_version
from app.db.tables.inbox import backfill, delivery, lane, lease, source_cursor
from app.db.tables.installations import (
    audit,
    authorize_state,
    credential,
    hook_key,
    installation,
    rate_bucket,
    seen_token,
)
from app.db.tables.ledger import deal, deal_contact, evidence, outbox, stage_move, verdict
from app.db.tables.lock import lock_stage, lock_trial
from app.db.tables.metadata import metadata

__all__ = [
    "audit",
    "authorize_state",
    "backfill",
    "checkpoint_answer",
    "credential",
    "deal",
    "deal_contact",
    "deal_step",
    "delivery",
    "evidence",
    "funnel_draft",
    "funnel_version",
    "hook_key",
    "installation",
    "lane",
    "lease",
    "lock_stage",
    "lock_trial",
    "metadata",
    "outbox",
    "rate_bucket",
    "seen_token",
    "source_cursor",
    "stage_move",
    "step_sum",
    "verdict",
]
