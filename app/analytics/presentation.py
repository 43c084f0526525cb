"""The report as the API and the command line show it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from pydantic import BaseModel

from app.analytics.deals import DealBehind
from app.analytics.report import ConversionReport
from app.analytics.rights import Sees
from app.domain.conversion import FunnelReport, FunnelStep
from app.domain.plain_text import disarmed, shown
from app.domain.stage import Catalog


class PeriodView(BaseModel):
    """First and last day, inclusive, in the account's zone."""

    first: date
    last: date


class StepView(BaseModel):
    """One step; rates are shares from 0 to 1, `entered` is the denominator of `step_rate`."""

    key: str
    title: str
    position: int
    done: int
    claimed: int | None
    entered: int
    dropped: int
    step_rate: float | None
    step_interval: tuple[float, float] | None
    rate: float | None
    rate_of: int
    median_seconds: float | None
    is_optional: bool


class SegmentView(BaseModel):
    """One segment's funnel."""

    key: str
    title: str
    deals: int
    steps: list[StepView]


class BottleneckView(BaseModel):
    """Where most clients stop."""

    segment_key: str
    segment_title: str
    step_key: str
    step_title: str
    dropped: int
    entered: int


class TruthGapView(BaseModel):
    """What statuses say and what clients say of one gated stage."""

    stage_id: str
    stage_title: str
    statuses_say: int
    clients_say: int


class BackfillView(BaseModel):
    """How far the reading of the past has come; `total` is 0 while unknown."""

    state: str
    done: int
    total: int


class ConversionView(BaseModel):
    """The conversion report. `sees` says whose deals this viewer has counted: his own, or everyone's."""

    pipeline_id: str
    period: PeriodView
    order: str
    as_of: datetime
    version: int | None
    is_rebuilding: bool
    sees: Sees
    backfill: BackfillView | None
    deals: int
    segments: list[SegmentView]
    bottleneck: BottleneckView | None
    truth_gap: list[TruthGapView]


class DealRow(BaseModel):
    """One deal behind a number; `url` is its page in the CRM."""

    id: str
    title: str
    stage_title: str
    responsible: str
    since: datetime
    url: str


class DealsView(BaseModel):
    """A page of deals; `next` is asked for as `after`, null on the last page."""

    deals: list[DealRow]
    next: str | None


def show_deals(
    found: Sequence[DealBehind], following: str, catalog: Catalog | None, url: Callable[[str], str]
) -> DealsView:
    """A page of deals in the shape of the API; names that the CRM lost are empty."""
    return DealsView(deals=[_deal(each, catalog, url) for each in found], next=following or None)


def _deal(found: DealBehind, catalog: Catalog | None, url: Callable[[str], str]) -> DealRow:
    stage = catalog.stage(found.stage) if catalog else None
    return DealRow(
        id=found.id,
        title=shown(found.title),
        stage_title=shown(stage.title) if stage else "",
        responsible=shown(catalog.user_name(found.responsible_id)) if catalog else "",
        since=found.since,
        url=url(found.id),
    )


def show_report(
    report: ConversionReport, backfill: BackfillView | None, sees: Sees = Sees.EVERYONE
) -> ConversionView:
    """The report in the shape of the API."""
    return ConversionView(
        pipeline_id=report.scope.pipeline_id,
        period=PeriodView(first=report.scope.first, last=report.scope.last),
        order=report.order.value,
        as_of=report.as_of,
        version=report.version_number,
        is_rebuilding=report.is_rebuilding,
        sees=sees,
        backfill=backfill,
        deals=report.deals,
        segments=[_segment(segment) for segment in report.segments],
        bottleneck=_bottleneck(report),
        truth_gap=[
            TruthGapView(
                stage_id=gap.stage_id,
                stage_title=gap.stage_title,
                statuses_say=gap.statuses_say,
                clients_say=gap.clients_say,
            )
            for gap in report.truth_gap
        ],
    )


def csv_rows(view: ConversionView) -> list[list[str]]:
    """The report as a table with a header; texts that a spreadsheet would run are disarmed."""
    header = [
        "segment",
        "step",
        "done",
        "entered",
        "step_rate",
        "rate",
        "rate_of",
        "claimed",
        "median_seconds",
    ]
    return [header, *(_row(segment, step) for segment in view.segments for step in segment.steps)]


def _row(segment: SegmentView, step: StepView) -> list[str]:
    numbers = (
        step.done,
        step.entered,
        step.step_rate,
        step.rate,
        step.rate_of,
        step.claimed,
        step.median_seconds,
    )
    return [
        disarmed(segment.title),
        disarmed(step.title),
        *("" if value is None else str(value) for value in numbers),
    ]


def _segment(segment: FunnelReport) -> SegmentView:
    steps = [_step(step) for step in segment.steps]
    return SegmentView(key=segment.segment_key, title=segment.title, deals=segment.deals, steps=steps)


def _step(step: FunnelStep) -> StepView:
    return StepView(**{name: getattr(step, name) for name in StepView.model_fields})


def _bottleneck(report: ConversionReport) -> BottleneckView | None:
    if report.bottleneck is None:
        return None
    segment, step = report.bottleneck
    return BottleneckView(
        segment_key=segment.segment_key,
        segment_title=segment.title,
        step_key=step.key,
        step_title=step.title,
        dropped=step.dropped,
        entered=step.entered,
    )
