"""From a verdict to the writes that it asks of the CRM."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.deal import MoveOrigin, StageMove
from app.domain.funnel import GateMode
from app.domain.stage import StageKind, StageRef
from app.domain.verdict import Outcome, Verdict

SURPRISE_LIMIT = timedelta(minutes=15)
"""A move older than this is never undone: the manager has long gone on from there."""

WARN_LIMIT = timedelta(days=2)
"""A move older than this is not even remarked on: nobody acts on last week's news."""


@dataclass(frozen=True, slots=True)
class MoveBack:
    """Put the deal from `expected` back to `target`, only if it still stands in `expected`."""

    deal_id: str
    expected: StageRef
    target: StageRef


@dataclass(frozen=True, slots=True)
class MoveForward:
    """Put the deal from `expected` on to `target`, because somebody pressed the button for it."""

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
    """A tag on the deal. `text` says more, in words, where a CRM's own sort of tag has room for it."""

    deal_id: str
    tag: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Our tag goes from the deal: what it asked for is done, or is asked for no more."""

    deal_id: str
    tag: str


Move = MoveBack | MoveForward
Command = Move | AddNote | AddTask | AddTag | RemoveTag


class Action:
    """What Stepgate does about a blocked move; plain names for tables and reports."""

    NONE = "none"
    WARN = "warn"
    MOVE_BACK = "move_back"
    OVERTAKEN = "overtaken"
    """The deal has left that stage before anything could be done about it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What bears on a write-back beside the verdict.

    `from_kind` is the kind of the stage that the deal would go back to, None when there is no such
    stage. `stands_there`: the deal is still where the move put it. `stands_beyond`: it is there or
    further on in the same pipeline. `is_reverted_lately`: this deal was moved back within the last
    hour (then warn only). `is_quiet`: the installation's cap of writes is reached, or an operator's
    kill switch is on.
    """

    now: datetime
    from_kind: StageKind | None
    stands_there: bool = True
    stands_beyond: bool = True
    is_reverted_lately: bool = False
    is_quiet: bool = False


def choose_action(verdict: Verdict, move: StageMove, around: Circumstances) -> str:
    """What to do about `verdict`: nothing, warn, or move back.

    A deal is moved back only by an enforcing gate, at most once an hour, when the move is fresh,
    the deal still stands there and the old stage is one that the CRM takes a deal back into.
    Otherwise the gate warns; a move that is days old is only recorded.
    """
    if verdict.outcome is not Outcome.BLOCKED or verdict.mode in (None, GateMode.SHADOW):
        return Action.NONE
    if around.is_quiet or move.origin is MoveOrigin.OWN or _age(verdict, move, around.now) > WARN_LIMIT:
        return Action.NONE
    if verdict.mode is GateMode.ENFORCE and _can_undo(verdict, move, around):
        return Action.MOVE_BACK if around.stands_there else Action.OVERTAKEN
    return Action.WARN if around.stands_beyond else Action.OVERTAKEN


def _can_undo(verdict: Verdict, move: StageMove, around: Circumstances) -> bool:
    is_fresh = _age(verdict, move, around.now) <= SURPRISE_LIMIT
    return is_fresh and around.from_kind is StageKind.OPEN and not around.is_reverted_lately


def _age(verdict: Verdict, move: StageMove, now: datetime) -> timedelta:
    """How long the move could have been dealt with: from its own moment, or from the end of its grace."""
    return now - max(move.occurred_at, verdict.due_at or move.occurred_at)
