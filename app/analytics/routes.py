"""The panel's API: the report, the same as a spreadsheet, and the deals behind a number."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from app.analytics.deal_queries import DealState, Question
from app.analytics.deals import deals_behind
from app.analytics.facts import zone_of
from app.analytics.period import period_of
from app.analytics.presentation import BackfillView, ConversionView, DealsView, show_deals, show_report
from app.analytics.queries import Scope
from app.analytics.report import Order, conversion_report, known_version
from app.analytics.rights import counted_for, sight_of
from app.analytics.spreadsheet import spreadsheet
from app.backfill.progress import read_progress
from app.errors import Invalid
from app.installations.auth import CurrentServices, CurrentViewer
from app.installations.services import Services
from app.installations.sessions import SessionViewer
from app.installations.store import get_installation, load_catalog

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])


@dataclass(frozen=True, slots=True)
class Filters:
    """What a report is asked about."""

    pipeline_id: str
    first: date | None
    last: date | None
    segment_key: str
    responsible_id: str
    order: Order

    def scope(self, conn: Connection, viewer: SessionViewer, now: datetime) -> Scope:
        """The deals that the viewer may have counted. Raises BadRequest, Forbidden."""
        tenant = viewer.installation_id
        period = period_of(self.first, self.last, now, zone_of(conn, tenant))
        responsible_id = counted_for(sight_of(conn, viewer), viewer, self.responsible_id)
        return Scope(tenant, self.pipeline_id, *period, self.segment_key, responsible_id)


def filters(
    pipeline_id: Annotated[str, Query(max_length=64)],
    first: Annotated[date | None, Query(alias="from", description="First day, inclusive.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, inclusive.")] = None,
    segment_key: Annotated[str, Query(max_length=64)] = "",
    responsible_id: Annotated[str, Query(max_length=64)] = "",
    order: Order = Order.ORDERED,
) -> Filters:
    """The filters that all reports share."""
    return Filters(pipeline_id, first, last, segment_key, responsible_id, order)


CurrentFilters = Annotated[Filters, Depends(filters)]
Steps = Annotated[list[str] | None, Query(max_length=30)]


@router.get("/conversion", operation_id="conversionReport")
async def conversion(
    services: CurrentServices, viewer: CurrentViewer, asked: CurrentFilters, steps: Steps = None
) -> ConversionView:
    """Conversion per segment over deals created in the period (the last 180 days by default).

    An administrator sees every deal; everybody else his own, unless the account's settings show him
    more. With `steps`, only these checkpoints count, in the order given.
    """
    return await _report(services, viewer, asked, steps)


@router.get("/conversion.csv", operation_id="conversionSpreadsheet", response_class=Response)
async def conversion_spreadsheet(
    services: CurrentServices, viewer: CurrentViewer, asked: CurrentFilters, steps: Steps = None
) -> Response:
    """The same report as a file that the viewer's Excel opens by a double click."""
    view = await _report(services, viewer, asked, steps)
    name = f"stepgate-{view.period.first}-{view.period.last}.csv"
    return Response(
        spreadsheet(view, viewer.language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/deals", operation_id="dealsBehind")
async def deals(
    services: CurrentServices,
    viewer: CurrentViewer,
    asked: CurrentFilters,
    step_key: Annotated[str, Query(max_length=70, description="A step's key, or gate:<stage id>.")],
    state: DealState,
    after: Annotated[str, Query(max_length=90, description="`next` of the page before.")] = "",
) -> DealsView:
    """The deals behind a number of the report with the same filters, newest first, 50 a page."""
    now = services.clock.now()

    def read(conn: Connection) -> DealsView:
        scope = asked.scope(conn, viewer, now)
        version = known_version(conn, scope)
        if version is None or not version.has_step(step_key):
            raise Invalid(f"No funnel of this pipeline has the step {step_key!r}.", code="unknown_step")
        found, following = deals_behind(conn, scope, version, Question(step_key, state, asked.order), after)
        known = get_installation(conn, viewer.installation_id)
        url = services.adapter(known.crm).deal_url
        catalog = load_catalog(conn, viewer.installation_id)
        return show_deals(found, following, catalog, lambda deal_id: url(known.host, deal_id))

    return await services.db.read(read)


async def _report(
    services: Services, viewer: SessionViewer, asked: Filters, steps: list[str] | None
) -> ConversionView:
    now = services.clock.now()

    def read(conn: Connection) -> ConversionView:
        scope = asked.scope(conn, viewer, now)
        report = conversion_report(conn, scope, asked.order, now, steps or ())
        backfill = backfill_view(conn, viewer.installation_id)
        return show_report(report, backfill, sight_of(conn, viewer))

    return await services.db.read(read)


def backfill_view(conn: Connection, installation_id: int) -> BackfillView | None:
    """How far the reading of the past has come, or None when none was asked for."""
    progress = read_progress(conn, installation_id)
    return BackfillView(state=progress.state, done=progress.done, total=progress.total) if progress else None
