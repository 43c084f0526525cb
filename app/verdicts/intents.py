"""What to write about a stop: the move back, and texts for the people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.db.types import to_micros
from app.domain.deal import Deal, StageMove
from app.domain.funnel import Funnel
from app.domain.stage import Catalog
from app.domain.verdict import Verdict
from app.domain.wording import Situation, missing_of, note_text, stage_title, tag_text, task_text
from app.domain.writeback import Action
from app.outbox.enqueue import Intent
from app.outbox.rows import WriteKind

TASK_DUE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """A blocked move with all that its texts mention. `move.from_stage` is where the deal goes back."""

    verdict: Verdict
    move: StageMove
    deal: Deal
    funnel: Funnel
    catalog: Catalog | None
    language: str
    now: datetime


def intents_for(stop: Stop, action: str) -> tuple[Intent, ...]:
    """The writes that `action` stands for, in the order in which they are to be made."""
    if action == Action.MOVE_BACK:
        back = Intent(WriteKind.MOVE_BACK, {}, stop.move.to_stage, stop.move.from_stage)
        return back, Intent(WriteKind.NOTE, _note(stop, is_back=True)), _task(stop)
    if action == Action.WARN:
        said = task_text(_situation(stop, is_back=False), stop.language)
        tag = Intent(WriteKind.TAG, {"tag": tag_text(stop.language), "text": said})
        return Intent(WriteKind.NOTE, _note(stop, is_back=False)), tag, _task(stop)
    return ()


def _note(stop: Stop, *, is_back: bool) -> dict[str, Any]:
    left = note_text(_situation(stop, is_back=False), stop.language)
    if not is_back:
        return {"text": left}
    return {"text": note_text(_situation(stop, is_back=True), stop.language), "text_if_left": left}


def _task(stop: Stop) -> Intent:
    text = task_text(_situation(stop, is_back=False), stop.language)
    due_at = to_micros(stop.now + TASK_DUE)
    payload = {"text": text, "responsible_id": stop.deal.responsible_id, "due_at": due_at}
    return Intent(WriteKind.TASK, payload)


def _situation(stop: Stop, *, is_back: bool) -> Situation:
    missing = missing_of(stop.verdict, stop.funnel, stop.catalog, stop.language)
    from_title = stage_title(stop.move.from_stage, stop.catalog)
    return Situation(from_title, stage_title(stop.move.to_stage, stop.catalog), missing, is_back)
