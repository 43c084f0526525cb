"""Published versions as rows: immutable, numbered from 1 in each pipeline."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.db.tables import funnel_version
from app.domain.funnel import FunnelVersion
from app.domain.stage import Stage
from app.funnels.document import FunnelDocument
from app.funnels.stages import unpack_stages


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One published mapping and who published it when. `published_by` is a user id of the CRM."""

    pipeline_id: str
    number: int
    document: FunnelDocument
    stages: tuple[Stage, ...]
    published_at: datetime
    published_by: str
    note: str

    def as_rules(self) -> FunnelVersion:
        """What the judge reads."""
        return self.document.to_version(self.pipeline_id, self.number, self.stages, self.published_at)


@dataclass(frozen=True, slots=True)
class VersionHead:
    """What a list of versions shows of each."""

    number: int
    published_at: datetime
    published_by: str
    note: str


def latest_number(conn: Connection, installation_id: int, pipeline_id: str) -> int:
    """The number of the version in force; 0 when nothing was ever published."""
    query = select(func.coalesce(func.max(funnel_version.c.number), 0)).where(
        funnel_version.c.installation_id == installation_id,
        funnel_version.c.pipeline_id == pipeline_id,
    )
    return int(conn.execute(query).scalar_one())


def load_version(
    conn: Connection, installation_id: int, pipeline_id: str, number: int
) -> PublishedVersion | None:
    """The version of that number, or None."""
    row = conn.execute(
        select(funnel_version).where(
            funnel_version.c.installation_id == installation_id,
            funnel_version.c.pipeline_id == pipeline_id,
            funnel_version.c.number == number,
        )
    ).one_or_none()
    if row is None:
        return None
    return PublishedVersion(
        pipeline_id,
        row.number,
        FunnelDocument.model_validate(row.document),
        unpack_stages(pipeline_id, row.stages),
        row.published_at,
        row.published_by,
        row.note,
    )


def list_versions(conn: Connection, installation_id: int, pipeline_id: str) -> list[VersionHead]:
    """Heads of all versions, newest first."""
    columns = funnel_version.c
    rows = conn.execute(
        select(columns.number, columns.published_at, columns.published_by, columns.note)
        .where(columns.installation_id == installation_id, columns.pipeline_id == pipeline_id)
        .order_by(columns.number.desc())
    )
    return [VersionHead(*row) for row in rows]
