"""The card of a deal that was made to try a lock: it has no client and no steps."""

from datetime import datetime

from sqlalchemy import Connection

from app.checklist.answers import ChecklistView, DealView
from app.checklist.names import Names
from app.checklist.revision import trial_revision
from app.domain.plain_text import shown
from app.installations.sessions import SessionViewer
from app.installations.store import load_catalog
from app.lock.answers import LockTrialNote
from app.lock.show import STEPS, trial_text
from app.lock.store import Trial, trial_of_deal


def read_trial_card(
    conn: Connection, viewer: SessionViewer, deal_id: str, now: datetime
) -> ChecklistView | None:
    """The card of a trial's deal, or None when the deal is none."""
    trial = trial_of_deal(conn, viewer.installation_id, deal_id)
    if trial is None:
        return None
    names = Names(load_catalog(conn, viewer.installation_id), viewer.language)
    deal = DealView(
        id=deal_id,
        title=shown(trial.title),
        pipeline_id=trial.stage.pipeline_id,
        stage_id=trial.stage.stage_id,
        stage_title=names.stage(trial.stage),
    )
    return ChecklistView(
        revision=trial_revision(conn, viewer.installation_id, deal_id) or "",
        as_of=now,
        stale=False,
        stale_reason=None,
        backfill=None,
        deal=deal,
        segment=None,
        version=None,
        met=0,
        total=0,
        next_key=None,
        items=[],
        stop=None,
        waiting=None,
        forward=None,
        lock_trial=_note(trial, viewer, names),
    )


def _note(trial: Trial, viewer: SessionViewer, names: Names) -> LockTrialNote:
    return LockTrialNote(
        trial_id=trial.id,
        stage_title=names.stage(trial.stage),
        state=STEPS[trial.step],
        outcome=trial.outcome,
        code=trial.code,
        text=trial_text(trial, viewer.language),
        is_yours=trial.user_id == viewer.user_id,
    )
