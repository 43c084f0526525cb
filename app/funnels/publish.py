"""Publishing: one more immutable version, and word to the readers of the ledger."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.db.tables import deal, funnel_version, installation, source_cursor
from app.db.upsert import upsert
from app.domain.stage import Stage
from app.funnels.document import FunnelDocument
from app.funnels.stages import pack_stages
from app.funnels.versions import latest_number

REBUILD = "rebuild:"


def publish(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    document: FunnelDocument,
    *,
    stages: Sequence[Stage],
    by: str,
    now: datetime,
    note: str = "",
) -> int:
    """Write `document` as the pipeline's next version and give its number.

    `stages` are the pipeline's stages in the CRM's order, `by` the id of the CRM user who
    publishes. The row `rebuild:<pipeline_id>` in `source_cursor` asks the panel's facts to be read
    again. The document is not validated here: see `validate.problems_of`.
    """
    conn.execute(select(installation.c.id).where(installation.c.id == installation_id).with_for_update())
    number = latest_number(conn, installation_id, pipeline_id) + 1
    conn.execute(
        insert(funnel_version).values(
            installation_id=installation_id,
            pipeline_id=pipeline_id,
            number=number,
            document=document.model_dump(mode="json"),
            stages=pack_stages(stages),
            published_at=now,
            published_by=by,
            note=note,
        )
    )
    ask_rebuild(conn, installation_id, pipeline_id, now)
    return number


def count_deals(conn: Connection, installation_id: int, pipeline_id: str) -> int:
    """How many known deals stand in the pipeline: those that a new version re-reads."""
    query = select(func.count()).where(
        deal.c.installation_id == installation_id,
        deal.c.pipeline_id == pipeline_id,
        deal.c.is_deleted.is_(False),
    )
    return int(conn.execute(query).scalar_one())


def ask_rebuild(conn: Connection, installation_id: int, pipeline_id: str, now: datetime) -> None:
    """Have the panel's facts of the pipeline read again; a rebuild under way starts over.

    The row's value is the last deal that was read.
    """
    key = {"installation_id": installation_id, "source": REBUILD + pipeline_id}
    upsert(conn, source_cursor, key, {"value": "", "updated_at": now})


def ask_all_rebuilds(conn: Connection, installation_id: int, now: datetime) -> None:
    """Have the facts of every pipeline with a published mapping read again."""
    columns = funnel_version.c
    query = select(columns.pipeline_id).where(columns.installation_id == installation_id).distinct()
    for pipeline_id in conn.scalars(query).all():
        ask_rebuild(conn, installation_id, pipeline_id, now)
