"""The report as the API and the command line show it."""

from datetime import date, datetime

from pydantic import BaseModel

from app.analytics.report import ConversionReport
from app.domain.conversion import FunnelReport, FunnelStep


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
    """The conversion report."""

    pipeline_id: str
    period: PeriodView
    order: str
    as_of: datetime
    version: int | None
    is_rebuilding: bool
    backfill: BackfillView | None
    deals: int
    segments: list[SegmentView]
    bottleneck: BottleneckView | None
    truth_gap: list[TruthGapView]


def show_report(report: ConversionReport, backfill: BackfillView | None) -> ConversionView:
    """The report in the shape of the API."""
    return ConversionView(
        pipeline_id=report.scope.pipeline_id,
        period=PeriodView(first=report.scope.first, last=report.scope.last),
        order=report.order.value,
        as_of=report.as_of,
        version=report.version_number,
        is_rebuilding=report.is_rebuilding,
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
        _disarmed(segment.title),
        _disarmed(step.title),
        *("" if value is None else str(value) for value in numbers),
    ]


def _disarmed(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


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
