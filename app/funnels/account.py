"""The account that a mapping belongs to: its catalog, and how many deals stand where."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, func, select

from app.db.tables import deal
from app.domain.stage import Catalog, Pipeline
from app.errors import NotFound
from app.installations.store import load_catalog

DEALS_LOOKED_AT = 2000


def require_pipeline(conn: Connection, installation_id: int, pipeline_id: str) -> tuple[Catalog, Pipeline]:
    """The catalog and one of its pipelines. Raises NotFound."""
    catalog = load_catalog(conn, installation_id)
    if catalog is None:
        raise NotFound("The CRM's pipelines have not been read yet.", code="catalog_missing")
    pipeline = catalog.pipeline(pipeline_id)
    if pipeline is None:
        raise NotFound("The CRM has no such pipeline.", code="pipeline_unknown")
    return catalog, pipeline


def count_by_stage(conn: Connection, installation_id: int, pipeline_id: str) -> dict[str, int]:
    """Known deals of the pipeline by stage id."""
    return dict(_count_by(conn, installation_id, pipeline_id, deal.c.stage_id))


def count_by_segment(conn: Connection, installation_id: int, pipeline_id: str) -> dict[str, int]:
    """Known deals of the pipeline by segment key; deals of no segment are left out."""
    counts = _count_by(conn, installation_id, pipeline_id, deal.c.segment_key)
    return {key: count for key, count in counts.items() if key}


def tags_in_use(conn: Connection, installation_id: int, pipeline_id: str) -> set[str]:
    """Tags of the pipeline's newest deals."""
    return {str(tag) for tags in _of_newest(conn, installation_id, pipeline_id, deal.c.tags) for tag in tags}


def sources_in_use(conn: Connection, installation_id: int, pipeline_id: str) -> tuple[str, ...]:
    """Sources of the pipeline's newest deals, in alphabetical order."""
    found = _of_newest(conn, installation_id, pipeline_id, deal.c.source)
    return tuple(sorted({str(source) for source in found if source}))


def _of_newest(conn: Connection, installation_id: int, pipeline_id: str, column: Column[Any]) -> list[Any]:
    rows = conn.execute(
        select(column)
        .where(deal.c.installation_id == installation_id, deal.c.pipeline_id == pipeline_id)
        .order_by(deal.c.created_at.desc())
        .limit(DEALS_LOOKED_AT)
    )
    return list(rows.scalars())


def _count_by(
    conn: Connection, installation_id: int, pipeline_id: str, column: Column[str]
) -> Mapping[str, int]:
    rows = conn.execute(
        select(column, func.count())
        .where(
            deal.c.installation_id == installation_id,
            deal.c.pipeline_id == pipeline_id,
            deal.c.is_deleted.is_(False),
        )
        .group_by(column)
    )
    return {str(key): int(count) for key, count in rows}
