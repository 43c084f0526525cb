"""Facts for the panel, kept as the ledger grows: a row per deal and step, and sums per day and month.

`thinning` picks an even sample of deals (`app.analytics.thinning`); `grain` is d for a day's sums and m
for a month's, whose `cohort_day` is the month's first day.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table

from app.db.tables.metadata import metadata, tenant
from app.db.types import Instant

deal_step = Table(
    "deal_step",
    metadata,
    tenant(),
    Column("deal_id", String(64), primary_key=True),
    Column("step_key", String(64), primary_key=True),
    Column("pipeline_id", String(64), nullable=False),
    Column("segment_key", String(64), nullable=False),
    Column("responsible_id", String(64), nullable=False),
    Column("cohort_day", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("thinning", SmallInteger, nullable=False),
    Column("done_at", Instant),
    Column("ordered_at", Instant),
    Column("claimed_at", Instant),
    Index(
        "ix_deal_step_step",
        "installation_id",
        "pipeline_id",
        "segment_key",
        "step_key",
        "thinning",
        "cohort_day",
    ),
    Index(
        "ix_deal_step_person",
        "installation_id",
        "pipeline_id",
        "responsible_id",
        "segment_key",
        "step_key",
        "thinning",
        "cohort_day",
    ),
)

step_sum = Table(
    "step_sum",
    metadata,
    tenant(),
    Column("pipeline_id", String(64), primary_key=True),
    Column("grain", String(1), primary_key=True),
    Column("cohort_day", Integer, primary_key=True, autoincrement=False),
    Column("segment_key", String(64), primary_key=True),
    Column("responsible_id", String(64), primary_key=True),
    Column("step_key", String(64), primary_key=True),
    Column("deals", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("ordered", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("ahead", BigInteger, nullable=False),
)
