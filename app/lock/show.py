"""The lock of a pipeline as the administrator sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from app.crm.port import RolesPlan
from app.domain.lock import GatedStage, LockCode, LockState, TriedWay, closed_ways
from app.domain.plain_text import shown
from app.domain.stage import Catalog, StageRef
from app.ledger.read import deal_of
from app.lock.answers import (
    LockedStageView,
    LockPassage,
    LockPlan,
    LockResult,
    LockRow,
    LockStageRef,
    LockTrialView,
    LockView,
    TrialState,
)
from app.lock.standing import StandingLock, standing_locks
from app.lock.store import KnownLock, Trial, TrialStep, newest_trial
from app.lock.words import lock_text

STEPS: dict[TrialStep, TrialState] = {
    TrialStep.MAKING: "making",
    TrialStep.WAITING: "waiting",
    TrialStep.TRYING: "trying",
    TrialStep.CLEANING: "done",
    TrialStep.OVER: "done",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Who is shown what: names of the catalog, a language, and the addresses of deals."""

    installation_id: int
    catalog: Catalog | None
    language: str
    url: Callable[[str], str]

    def stage(self, ref: StageRef) -> str:
        """A stage's name, empty for one that is gone."""
        found = self.catalog.stage(ref) if self.catalog else None
        return shown(found.title) if found else ""

    def user(self, user_id: str) -> str:
        """A person's name, empty for an unknown one."""
        return shown(self.catalog.user_name(user_id)) if self.catalog else ""

    def named(self, ref: StageRef) -> LockStageRef:
        """A stage with its name."""
        return LockStageRef(stage_id=ref.stage_id, title=self.stage(ref))


def show_lock(
    conn: Connection, to: Shown, pipeline_id: str, roles_url: str | None, plan: RolesPlan
) -> LockView:
    """The lock of one pipeline. `roles_url` is None for a CRM without a native lock."""
    standing = standing_locks(conn, to.installation_id, pipeline_id, to.catalog)
    newest = newest_trial(conn, to.installation_id, pipeline_id)
    is_shown = newest is not None and newest.code is not LockCode.CANCELLED
    return LockView(
        is_supported=roles_url is not None,
        roles_url=roles_url or "",
        plan=LockPlan(is_enough=plan.is_enough, title=shown(plan.title)),
        matrix=_matrix(to, [each.gated for each in standing]),
        stages=[_stage_view(conn, to, each) for each in standing],
        trial=show_trial(to, newest) if newest and is_shown else None,
    )


def show_trial(to: Shown, trial: Trial) -> LockTrialView:
    """A trial with its results so far."""
    return LockTrialView(
        trial_id=trial.id,
        pipeline_id=trial.stage.pipeline_id,
        stage_id=trial.stage.stage_id,
        stage_title=to.stage(trial.stage),
        user_id=trial.user_id,
        user_name=to.user(trial.user_id),
        deal_id=trial.deal_id,
        deal_url=to.url(trial.deal_id) if trial.deal_id else "",
        state=STEPS[trial.step],
        outcome=trial.outcome,
        code=trial.code,
        text=trial_text(trial, to.language),
        started_at=trial.started_at,
        results=[_result(to, each) for each in trial.results],
    )


def trial_text(trial: Trial, language: str) -> str:
    """Why the trial ended so; empty while it goes on."""
    if trial.outcome is None and not trial.code:
        return ""
    return lock_text(trial.outcome or LockState.UNKNOWN, trial.code, language)


def _matrix(to: Shown, gated: list[GatedStage]) -> list[LockRow]:
    rows: dict[StageRef, list[StageRef]] = {}
    for way in closed_ways(gated):
        rows.setdefault(way.came_from, []).append(way.went_to)
    order = [stage.ref for each in (to.catalog.pipelines if to.catalog else ()) for stage in each.stages]
    return [
        LockRow(
            stage_id=start.stage_id,
            title=to.stage(start),
            closed=[to.named(ref) for ref in sorted(rows[start], key=order.index)],
        )
        for start in sorted(rows, key=order.index)
    ]


def _stage_view(conn: Connection, to: Shown, each: StandingLock) -> LockedStageView:
    known, gated = each.known, each.gated
    return LockedStageView(
        stage_id=gated.stage.ref.stage_id,
        title=shown(gated.stage.title),
        mode=gated.mode,
        closed_to=[to.named(ref) for ref in gated.closed_to],
        state=each.state,
        code=each.code,
        text=lock_text(each.state, each.code, to.language),
        checked_at=known.checked_at if known else None,
        checked_by=to.user(known.checked_by) if known else "",
        leak=_passage(conn, to, known) if known and each.is_current else None,
    )


def _passage(conn: Connection, to: Shown, known: KnownLock) -> LockPassage | None:
    if not known.leak_deal_id or known.leak_at is None:
        return None
    deal = deal_of(conn, to.installation_id, known.leak_deal_id)
    return LockPassage(
        deal_id=known.leak_deal_id,
        title=shown(deal.title) if deal else "",
        url=to.url(known.leak_deal_id),
        by=to.user(known.leak_by),
        at=known.leak_at,
    )


def _result(to: Shown, each: TriedWay) -> LockResult:
    return LockResult(
        from_stage_id=each.way.came_from.stage_id,
        from_stage_title=to.stage(each.way.came_from),
        to_stage_id=each.way.went_to.stage_id,
        to_stage_title=to.stage(each.way.went_to),
        state=each.state,
        code=each.code,
        text=lock_text(each.state, each.code, to.language),
    )
