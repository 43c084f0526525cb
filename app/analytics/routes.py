"""The panel's API."""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from app.analytics.facts import zone_of
from app.analytics.presentation import BackfillView, ConversionView, show_report
from app.analytics.queries import Scope
from app.analytics.report import Order, conversion_report
from app.backfill.progress import read_progress
from app.errors import BadRequest, Forbidden
from app.installations.auth import CurrentServices, CurrentViewer

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
DEFAULT_DAYS = 180
LONGEST_DAYS = 3660


@router.get("/conversion", operation_id="conversionReport")
async def conversion(
    services: CurrentServices,
    viewer: CurrentViewer,
    pipeline_id: Annotated[str, Query(max_length=64)],
    first: Annotated[date | None, Query(alias="from", description="First day, inclusive.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, inclusive.")] = None,
    segment_key: Annotated[str, Query(max_length=64)] = "",
    responsible_id: Annotated[str, Query(max_length=64)] = "",
    order: Order = Order.ORDERED,
    steps: Annotated[list[str] | None, Query(max_length=30)] = None,
) -> ConversionView:
    """Conversion per segment over deals created in the period (the last 180 days by default).

    An administrator sees every deal; everybody else his own. With `steps`, only these checkpoints
    count, in the order given.
    """
    if not viewer.is_admin:
        if responsible_id not in ("", viewer.user_id):
            raise Forbidden(
                "Only an administrator sees the numbers of other people.", code="not_your_numbers"
            )
        responsible_id = viewer.user_id
    now = services.clock.now()

    def read(conn: Connection) -> ConversionView:
        period = period_of(first, last, now, zone_of(conn, viewer.installation_id))
        scope = Scope(viewer.installation_id, pipeline_id, *period, segment_key, responsible_id)
        report = conversion_report(conn, scope, order, now, steps or ())
        return show_report(report, backfill_view(conn, viewer.installation_id))

    return await services.db.read(read)


def period_of(first: date | None, last: date | None, now: datetime, zone: str) -> tuple[date, date]:
    """First and last day, inclusive, in the account's zone. Raises BadRequest."""
    last = last or now.astimezone(ZoneInfo(zone)).date()
    first = first or last - timedelta(days=DEFAULT_DAYS)
    if first > last:
        raise BadRequest("The period ends before it begins.", code="period_reversed")
    if (last - first).days > LONGEST_DAYS:
        raise BadRequest("The period is longer than ten years.", code="period_too_long")
    return first, last


def backfill_view(conn: Connection, installation_id: int) -> BackfillView | None:
    """How far the reading of the past has come, or None when none was asked for."""
    progress = read_progress(conn, installation_id)
    return BackfillView(state=progress.state, done=progress.done, total=progress.total) if progress else None
