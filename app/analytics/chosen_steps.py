"""Counts for steps chosen by the reader: read from the ledger itself, deal by deal.

The sums know only the published order of steps. A head of sales who asks "and how many went from
the first to the fourth straight?" gets his answer from here; it costs a pass over the deals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from app.analytics.facts import cohort_day, zone_of
from app.analytics.queries import Scope, StepTotals
from app.db.tables import deal as deal_table
from app.domain.checkpoint import Checkpoint
from app.domain.dating import date_by_claims
from app.domain.deal import Deal
from app.domain.funnel import Funnel, FunnelVersion
from app.domain.progress import follow_in_order
from app.domain.proof import settle_checkpoints
from app.ledger.read import deal_of, evidence_of


def count_chosen(
    conn: Connection, scope: Scope, version: FunnelVersion, step_keys: Sequence[str], now: datetime
) -> dict[tuple[str, str], StepTotals]:
    """Totals per (segment key, step key) for `step_keys` in the order given."""
    counts: dict[tuple[str, str], list[int]] = {}
    for deal, funnel in _deals(conn, scope, version):
        chosen = _chosen(funnel, step_keys)
        told = evidence_of(conn, scope.installation_id, deal.id)
        facts = date_by_claims(version, replace(funnel, checkpoints=chosen), told)
        done = {key: result.met_at for key, result in settle_checkpoints(chosen, facts, now).items()}
        ordered = follow_in_order(chosen, facts, done, now)
        for checkpoint in chosen:
            count = counts.setdefault((funnel.segment.key, checkpoint.key), [0, 0, 0])
            count[0] += 1
            count[1] += done[checkpoint.key] is not None
            count[2] += ordered[checkpoint.key] is not None
    return {
        key: StepTotals(total, done_n, ordered_n, 0) for key, (total, done_n, ordered_n) in counts.items()
    }


def _chosen(funnel: Funnel, step_keys: Sequence[str]) -> tuple[Checkpoint, ...]:
    found = (funnel.checkpoint(key) for key in step_keys)
    return tuple(replace(checkpoint, fresh_for=None) for checkpoint in found if checkpoint)


def _deals(conn: Connection, scope: Scope, version: FunnelVersion) -> Iterator[tuple[Deal, Funnel]]:
    zone = zone_of(conn, scope.installation_id)
    first, last = scope.first.toordinal(), scope.last.toordinal()
    ids = conn.scalars(
        select(deal_table.c.deal_id).where(
            deal_table.c.installation_id == scope.installation_id,
            deal_table.c.pipeline_id == scope.pipeline_id,
            deal_table.c.is_deleted.is_(False),
        )
    ).all()
    for deal_id in ids:
        deal = deal_of(conn, scope.installation_id, deal_id)
        funnel = version.funnel_for(deal) if deal else None
        if deal is None or funnel is None or not first <= cohort_day(deal.created_at, zone) <= last:
            continue
        if scope.segment_key in ("", funnel.segment.key) and scope.responsible_id in (
            "",
            deal.responsible_id,
        ):
            yield deal, funnel
