"""The card of a deal, from our own tables only: it opens while the CRM is down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from app.checklist.answers import (
    BackfillProgress,
    ChecklistView,
    DealSegment,
    DealView,
    ItemView,
    ObjectionView,
    OpensView,
    StepRef,
)
from app.checklist.forward import forward_view
from app.checklist.names import Names
from app.checklist.revision import revision_of
from app.checklist.stops import last_judged, stop_view, waiting_view
from app.checklist.trial import read_trial_card
from app.db.tables import backfill, lane
from app.domain.breakage import rules_in_doubt
from app.domain.checklist import Checklist, ChecklistItem, build_checklist
from app.domain.deal import Deal
from app.domain.evidence import Grade
from app.domain.order_words import describe_conditions
from app.domain.plain_text import shown
from app.domain.stage import Catalog
from app.domain.verdict import CheckpointState
from app.funnels.current import current_version
from app.installations.sessions import SessionViewer
from app.installations.store import InstallationState, get_installation, load_catalog
from app.ledger.read import answers_of, deal_of, evidence_of

CRM_UNAVAILABLE = "crm_unavailable"
RULE_BROKEN = "rule_broken"


def read_card(conn: Connection, viewer: SessionViewer, deal_id: str, now: datetime) -> ChecklistView | None:
    """The card as it stands now, or None when the deal was never read or is gone from the CRM."""
    installation_id = viewer.installation_id
    deal = deal_of(conn, installation_id, deal_id)
    revision = revision_of(conn, installation_id, deal_id)
    if deal is None or revision is None:
        return read_trial_card(conn, viewer, deal_id, now)
    known = get_installation(conn, installation_id)
    names = Names(load_catalog(conn, installation_id), viewer.language)
    checklist = checklist_of(conn, installation_id, deal, names.catalog, now)
    last = last_judged(conn, installation_id, deal_id)
    reason = _stale_reason(conn, installation_id, deal_id)
    return ChecklistView(
        revision=revision,
        as_of=deal.read_at,
        stale=reason is not None,
        stale_reason=reason,
        backfill=_backfill(conn, installation_id),
        deal=_deal_view(deal, names),
        segment=DealSegment(key=checklist.segment_key, title=checklist.segment_title) if checklist else None,
        version=checklist.version_number if checklist else None,
        met=checklist.met_count if checklist else 0,
        total=len(checklist.items) if checklist else 0,
        next_key=(checklist.next_key or None) if checklist else None,
        items=_item_views(checklist, names) if checklist else [],
        stop=stop_view(conn, installation_id, last, checklist, names) if last else None,
        waiting=waiting_view(conn, installation_id, last, names) if last else None,
        forward=forward_view(conn, known, deal, names, now),
        lock_trial=None,
    )


def checklist_of(
    conn: Connection, installation_id: int, deal: Deal, catalog: Catalog | None, now: datetime
) -> Checklist | None:
    """The deal's steps under the version in force; None without a version or a segment.

    A step whose rule names something that is gone from the CRM is unknown and not missing: the
    client is not to blame for it.
    """
    version = current_version(conn, installation_id, deal.stage.pipeline_id)
    funnel = version.funnel_for(deal) if version else None
    if version is None or funnel is None:
        return None
    facts = evidence_of(conn, installation_id, deal.id)
    built = build_checklist(version, deal, facts, now, answers_of(conn, installation_id, deal.id))
    broken = rules_in_doubt(funnel, catalog) if catalog else frozenset()
    if built is None or not broken:
        return built
    items = tuple(_in_doubt(item) if item.checkpoint.key in broken else item for item in built.items)
    owed = (
        item.checkpoint.key
        for item in items
        if item.result.state is CheckpointState.UNMET and not item.checkpoint.is_optional
    )
    return replace(built, items=items, next_key=next(owed, ""))


def _in_doubt(item: ChecklistItem) -> ChecklistItem:
    if item.result.state is not CheckpointState.UNMET:
        return item
    return replace(item, result=replace(item.result, state=CheckpointState.UNKNOWN))


def _deal_view(deal: Deal, names: Names) -> DealView:
    return DealView(
        id=deal.id,
        title=shown(deal.title),
        pipeline_id=deal.stage.pipeline_id,
        stage_id=deal.stage.stage_id,
        stage_title=names.stage(deal.stage),
    )


def _item_views(checklist: Checklist, names: Names) -> list[ItemView]:
    titles = {item.checkpoint.key: item.checkpoint.title for item in checklist.items}
    return [_item_view(item, titles, names) for item in checklist.items]


def _item_view(item: ChecklistItem, titles: Mapping[str, str], names: Names) -> ItemView:
    checkpoint, result = item.checkpoint, item.result
    after, within = checkpoint.proof.after, checkpoint.proof.within
    in_doubt = result.state is CheckpointState.UNKNOWN
    return ItemView(
        key=checkpoint.key,
        title=checkpoint.title,
        request=checkpoint.request,
        state=result.state.value,
        reason=RULE_BROKEN if in_doubt else result.reason.value,
        grade=Grade(result.grade) if result.grade else None,
        accepts=checkpoint.accepts,
        is_optional=checkpoint.is_optional,
        met_at=result.met_at,
        hint=checkpoint.hint,
        objections=[ObjectionView(says=each.says, answer=each.answer) for each in checkpoint.objections],
        opens=_opens_view(item, names),
        needs=names.needs(checkpoint.proof),
        after=StepRef(key=after, title=titles[after]) if after in titles else None,
        before=[StepRef(key=key, title=titles[key]) for key in checkpoint.before if key in titles],
        within_hours=within // timedelta(hours=1) if within else None,
        conditions=describe_conditions(checkpoint, titles, names.language),
        facts=[names.fact(fact) for fact in item.facts],
    )


def _opens_view(item: ChecklistItem, names: Names) -> OpensView | None:
    if item.opens is None or item.mode is None:
        return None
    return OpensView(stage_id=item.opens.stage_id, stage_title=names.stage(item.opens), mode=item.mode)


def _stale_reason(conn: Connection, installation_id: int, deal_id: str) -> str | None:
    account = get_installation(conn, installation_id)
    if account.state is not InstallationState.ACTIVE:
        return account.state.value
    failing = select(func.count()).where(
        lane.c.installation_id == installation_id,
        lane.c.entity == "deal",
        lane.c.entity_id == deal_id,
        lane.c.tries > 0,
    )
    return CRM_UNAVAILABLE if conn.scalar(failing) else None


def _backfill(conn: Connection, installation_id: int) -> BackfillProgress | None:
    query = select(backfill.c.state, backfill.c.done, backfill.c.total)
    row = conn.execute(query.where(backfill.c.installation_id == installation_id)).one_or_none()
    if row is None or row.state == "done":
        return None
    return BackfillProgress(state=row.state, done=row.done, total=row.total)
