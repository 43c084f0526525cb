"""A short name for the state of a deal's card: it changes when, and only when, the card would."""

from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from app.db.tables import (
    backfill,
    checkpoint_answer,
    deal,
    evidence,
    funnel_version,
    installation,
    lane,
    lock_stage,
    lock_trial,
    outbox,
    stage_move,
    verdict,
)

LENGTH = 20


def revision_of(conn: Connection, installation_id: int, deal_id: str) -> str | None:
    """The card's revision from a few counts and newest moments, or None when the deal is unknown."""
    known = conn.execute(_deal_query(installation_id, deal_id)).one_or_none()
    if known is None:
        return trial_revision(conn, installation_id, deal_id)
    moving = conn.execute(_moving_query(installation_id, deal_id, known.pipeline_id)).one()
    account = conn.execute(_account_query(installation_id)).one()
    state = repr((tuple(known), tuple(moving), tuple(account)))
    return sha256(state.encode()).hexdigest()[:LENGTH]


def trial_revision(conn: Connection, installation_id: int, deal_id: str) -> str | None:
    """The revision of the card of a deal that was made to try a lock, None for any other."""
    columns = lock_trial.c
    query = select(columns.trial_id, columns.state, columns.code)
    row = conn.execute(
        query.where(columns.installation_id == installation_id, columns.deal_id == deal_id)
    ).first()
    return sha256(repr(tuple(row)).encode()).hexdigest()[:LENGTH] if row else None


def _deal_query(installation_id: int, deal_id: str) -> Select[Any]:
    columns = deal.c
    return select(
        columns.pipeline_id,
        columns.stage_id,
        columns.title,
        columns.price,
        columns.source,
        columns.tags,
        columns.fields,
        columns.is_deleted,
    ).where(columns.installation_id == installation_id, columns.deal_id == deal_id)


def _moving_query(installation_id: int, deal_id: str, pipeline_id: str) -> Select[Any]:
    facts = _of_deal(evidence, installation_id, deal_id)
    verdicts = _of_deal(verdict, installation_id, deal_id)
    writes = _of_deal(outbox, installation_id, deal_id)
    answers = _of_deal(checkpoint_answer, installation_id, deal_id)
    open_states = outbox.c.state.in_(("new", "sent", "unknown"))
    return select(
        facts.with_only_columns(func.count()).scalar_subquery(),
        facts.with_only_columns(func.max(evidence.c.recorded_at)).scalar_subquery(),
        _of_deal(stage_move, installation_id, deal_id).with_only_columns(func.count()).scalar_subquery(),
        verdicts.with_only_columns(func.count()).scalar_subquery(),
        verdicts.with_only_columns(func.max(verdict.c.decided_at)).scalar_subquery(),
        verdicts.with_only_columns(func.max(verdict.c.contested_at)).scalar_subquery(),
        verdicts.with_only_columns(func.max(verdict.c.objection_closed_at)).scalar_subquery(),
        writes.with_only_columns(func.count()).scalar_subquery(),
        writes.where(open_states).with_only_columns(func.count()).scalar_subquery(),
        writes.with_only_columns(func.max(outbox.c.done_at)).scalar_subquery(),
        answers.with_only_columns(func.count()).scalar_subquery(),
        answers.with_only_columns(func.max(checkpoint_answer.c.answered_at)).scalar_subquery(),
        _version_in_force(installation_id, pipeline_id),
        _locks(installation_id, pipeline_id),
        _is_failing(installation_id, deal_id),
    )


def _account_query(installation_id: int) -> Select[Any]:
    progress = select(backfill).where(backfill.c.installation_id == installation_id)
    return select(
        installation.c.state,
        installation.c.state_reason,
        installation.c.catalog_read_at,
        installation.c.settings,
        progress.with_only_columns(backfill.c.state).scalar_subquery(),
        progress.with_only_columns(backfill.c.done).scalar_subquery(),
    ).where(installation.c.id == installation_id)


def _version_in_force(installation_id: int, pipeline_id: str) -> ColumnElement[Any]:
    columns = funnel_version.c
    return (
        select(func.max(columns.number))
        .where(columns.installation_id == installation_id, columns.pipeline_id == pipeline_id)
        .scalar_subquery()
    )


def _locks(installation_id: int, pipeline_id: str) -> ColumnElement[Any]:
    columns = lock_stage.c
    return (
        select(func.max(columns.checked_at))
        .where(columns.installation_id == installation_id, columns.pipeline_id == pipeline_id)
        .scalar_subquery()
    )


def _is_failing(installation_id: int, deal_id: str) -> ColumnElement[Any]:
    return (
        select(func.count())
        .where(
            lane.c.installation_id == installation_id,
            lane.c.entity == "deal",
            lane.c.entity_id == deal_id,
            lane.c.tries > 0,
        )
        .scalar_subquery()
    )


def _of_deal(table: Table, installation_id: int, deal_id: str) -> Select[Any]:
    return select(table).where(table.c.installation_id == installation_id, table.c.deal_id == deal_id)
