"""The conversion report: sums in, a funnel per segment out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.analytics.chosen_steps import count_chosen
from app.analytics.queries import Scope, StepTotals, median_waits, totals_by_step
from app.analytics.rebuild import rebuild_pending
from app.domain.conversion import FunnelReport, FunnelStep, StepCount, funnel_report
from app.domain.funnel import GATE_PREFIX, Funnel, FunnelVersion
from app.errors import Invalid, NotFound
from app.funnels.current import current_version
from app.installations.store import load_catalog

Totals = Mapping[tuple[str, str], StepTotals]
NOTHING = StepTotals(0, 0, 0, 0)


class Order(StrEnum):
    """Whether steps count only one after another."""

    ANY = "any"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True)
class TruthGap:
    """A gated stage: deals that the seller's statuses put there or beyond, and how many of these
    deals have all the client's acts that the stage rests on."""

    stage_id: str
    stage_title: str
    statuses_say: int
    clients_say: int


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """All segments of one pipeline over one period. `version_number` is None before the first
    publication; `is_rebuilding` while older deals still show the version before."""

    scope: Scope
    order: Order
    as_of: datetime
    version_number: int | None
    is_rebuilding: bool
    segments: tuple[FunnelReport, ...]
    truth_gap: tuple[TruthGap, ...]

    @property
    def deals(self) -> int:
        """Deals of all segments."""
        return sum(segment.deals for segment in self.segments)

    @property
    def bottleneck(self) -> tuple[FunnelReport, FunnelStep] | None:
        """The segment and step where most clients stop, if enough deals tell."""
        found = [(segment, segment.bottleneck) for segment in self.segments]
        worst = [(segment, step) for segment, step in found if step]
        return max(worst, key=lambda pair: pair[1].dropped, default=None)


def conversion_report(
    conn: Connection, scope: Scope, order: Order, now: datetime, steps: Sequence[str] = ()
) -> ConversionReport:
    """The report of `scope`. With `steps`, only those checkpoints and in that order.

    Raises NotFound for a pipeline or a segment that there is not, Invalid when a chosen step is in
    none of the pipeline's funnels.
    """
    version = known_version(conn, scope)
    if version is None:
        return ConversionReport(scope, order, now, None, is_rebuilding=False, segments=(), truth_gap=())
    _check_steps(version, steps)
    totals = count_chosen(conn, scope, version, steps, now) if steps else totals_by_step(conn, scope)
    funnels = [funnel for funnel in version.funnels if scope.segment_key in ("", funnel.segment.key)]
    return ConversionReport(
        scope,
        order,
        now,
        version.number,
        rebuild_pending(conn, scope.installation_id, scope.pipeline_id),
        tuple(_segment(conn, scope, order, funnel, totals, steps) for funnel in funnels),
        _truth_gap(version, funnels, totals),
    )


def known_version(conn: Connection, scope: Scope) -> FunnelVersion | None:
    """The version in force of the scope's pipeline, None before the first publication.

    Raises NotFound for a pipeline or a segment that there is not.
    """
    version = current_version(conn, scope.installation_id, scope.pipeline_id)
    if version is None:
        catalog = load_catalog(conn, scope.installation_id)
        if catalog and catalog.pipeline(scope.pipeline_id) is None:
            raise NotFound("The CRM has no such pipeline.", code="pipeline_unknown")
    elif scope.segment_key and all(each.segment.key != scope.segment_key for each in version.funnels):
        raise NotFound("This pipeline has no such segment of clients.", code="segment_unknown")
    return version


def _check_steps(version: FunnelVersion, steps: Sequence[str]) -> None:
    known = {checkpoint.key for funnel in version.funnels for checkpoint in funnel.checkpoints}
    unknown = [step for step in steps if step not in known]
    if unknown:
        raise Invalid(f"No funnel of this pipeline has the step {unknown[0]!r}.", code="unknown_step")


def _segment(
    conn: Connection, scope: Scope, order: Order, funnel: Funnel, totals: Totals, steps: Sequence[str]
) -> FunnelReport:
    key = funnel.segment.key
    chosen = [funnel.checkpoint(step) for step in steps] if steps else list(funnel.checkpoints)
    checkpoints = [checkpoint for checkpoint in chosen if checkpoint]
    gated = {gated_key for gate in funnel.gates for gated_key in gate.checkpoint_keys}
    found = {checkpoint.key: totals.get((key, checkpoint.key), NOTHING) for checkpoint in checkpoints}
    is_ordered = order is Order.ORDERED
    taken = {step: total.ordered if is_ordered else total.done for step, total in found.items()}
    medians = {} if steps else median_waits(conn, scope, key, taken, ordered=is_ordered)
    counts = [
        StepCount(
            checkpoint.key,
            checkpoint.title,
            taken[checkpoint.key],
            found[checkpoint.key].claimed if checkpoint.key in gated and not steps else None,
            medians.get(checkpoint.key),
            checkpoint.is_optional,
        )
        for checkpoint in checkpoints
    ]
    deals = max((total.deals for total in found.values()), default=0)
    return funnel_report(key, funnel.segment.title, deals, counts)


def _truth_gap(version: FunnelVersion, funnels: Sequence[Funnel], totals: Totals) -> tuple[TruthGap, ...]:
    rows = []
    for stage in version.stages:
        step = GATE_PREFIX + stage.ref.stage_id
        sums = [
            totals[funnel.segment.key, step] for funnel in funnels if (funnel.segment.key, step) in totals
        ]
        if sums:
            claimed, done = sum(item.claimed for item in sums), sum(item.done for item in sums)
            rows.append(TruthGap(stage.ref.stage_id, stage.title, claimed, done))
    return tuple(rows)
