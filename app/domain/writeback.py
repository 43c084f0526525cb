"""From a verdict to the writes that it asks of the CRM."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.deal import MoveOrigin, StageMove
from app.domain.funnel import GateMode
from app.domain.stage import StageKind, StageRef
from app.domain.verdict import Outcome, Verdict

SURPRISE_LIMIT = timedelta(minutes=15)
"""A move older than this is never undone: the manager has long gone on from there."""


@dataclass(frozen=True, slots=True)
class MoveBack:
    """Put the deal from `expected` back to `target`, only if it still stands in `expected`."""

    deal_id: str
    expected: StageRef
    target: StageRef


@dataclass(frozen=True, slots=True)
class AddNote:
    """A note in the deal's feed."""

    deal_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AddTask:
    """A task for `responsible_id` on the deal, due at `due_at`."""

    deal_id: str
    text: str
    responsible_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AddTag:
    """A tag on the deal."""

    deal_id: str
    tag: str


Command = MoveBack | AddNote | AddTask | AddTag


class Action:
    """What Stepgate does about a blocked move; plain names for tables and reports."""

    NONE = "none"
    WARN = "warn"
    MOVE_BACK = "move_back"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What bears on a write-back beside the verdict.

    `is_reverted_lately`: this deal was moved back within the last hour (then warn only).
    `is_quiet`: the installation's cap of writes is reached, or an operator's kill switch is on.
    `from_kind` is the kind of the stage that the deal came from.
    """

    now: datetime
    from_kind: StageKind | None
    is_reverted_lately: bool = False
    is_quiet: bool = False


def choose_action(verdict: Verdict, move: StageMove, around: Circumstances) -> str:
    """What to do about `verdict`: nothing, warn, or move back.

    A deal is moved back only by an enforcing gate, at most once an hour, when the move is fresh
    and the old stage is one that the CRM takes a deal back into. Otherwise the gate warns.
    """
    if verdict.outcome is not Outcome.BLOCKED or verdict.mode in (None, GateMode.SHADOW) or around.is_quiet:
        return Action.NONE
    fresh = around.now - move.occurred_at <= SURPRISE_LIMIT + _waited(verdict, move)
    returnable = move.from_stage is not None and around.from_kind is StageKind.OPEN
    can_undo = fresh and returnable and not around.is_reverted_lately and move.origin is not MoveOrigin.OWN
    return Action.MOVE_BACK if verdict.mode is GateMode.ENFORCE and can_undo else Action.WARN


def _waited(verdict: Verdict, move: StageMove) -> timedelta:
    return verdict.due_at - move.occurred_at if verdict.due_at else timedelta(0)
