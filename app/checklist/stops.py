"""What the card says of the deal's last judged move: a stop, a wait, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.checklist.answers import MissingView, StopObjection, StopView, WaitingView
from app.checklist.names import Names
from app.domain.checklist import Checklist
from app.domain.deal import MoveOrigin, StageMove
from app.domain.funnel import FunnelVersion
from app.domain.verdict import CheckpointState, Outcome, Verdict
from app.domain.writeback import Action
from app.evidence.contest import Objection, find_objection
from app.funnels.current import current_version
from app.funnels.versions import load_version
from app.ledger.read import moves_of
from app.outbox.rows import OPEN_STATES, OutboxRow, WriteKind, WriteState, rows_of
from app.verdicts.store import StoredVerdict, verdicts_of


@dataclass(frozen=True, slots=True)
class LastMove:
    """The last move that was not our own, with its verdict."""

    move: StageMove
    stored: StoredVerdict


def last_judged(conn: Connection, installation_id: int, deal_id: str) -> LastMove | None:
    """The deal's newest move by somebody else, or None when it has no verdict."""
    verdicts = verdicts_of(conn, installation_id, deal_id)
    for move in reversed(moves_of(conn, installation_id, deal_id)):
        stored = verdicts.get(move.log_id)
        if stored is None:
            return None
        if move.origin is not MoveOrigin.OWN and stored.verdict.reason.value != "own_write":
            return LastMove(move, stored)
    return None


def stop_view(
    conn: Connection, installation_id: int, last: LastMove, checklist: Checklist | None, names: Names
) -> StopView | None:
    """The stop, while at least one of the steps that it lacked is still open."""
    decided, action = last.stored.verdict, last.stored.action
    if decided.outcome is not Outcome.BLOCKED or action not in (Action.MOVE_BACK, Action.WARN):
        return None
    if not _still_missing(decided, checklist):
        return None
    rows = [row for row in rows_of(conn, installation_id, decided.deal_id) if row.log_id == decided.log_id]
    back = next((row for row in rows if row.kind is WriteKind.MOVE_BACK), None)
    objection = find_objection(conn, installation_id, decided.log_id)
    return StopView(
        log_id=decided.log_id,
        action="move_back" if action == Action.MOVE_BACK else "warn",
        state=_state(back or next(iter(rows), None)),
        from_stage_title=names.stage(back.target if back else last.move.from_stage),
        to_stage_title=names.stage(last.move.to_stage),
        moved_by=names.user(last.move.actor_id),
        occurred_at=last.move.occurred_at,
        decided_at=decided.decided_at,
        missing=missing_views(decided, version_of(conn, installation_id, decided, last.move)),
        is_contested=objection is not None,
        objection=_objection(objection, names) if objection else None,
    )


def waiting_view(conn: Connection, installation_id: int, last: LastMove, names: Names) -> WaitingView | None:
    """The move that waits for late evidence, if it does."""
    decided = last.stored.verdict
    if decided.outcome is not Outcome.UNDETERMINED or decided.due_at is None:
        return None
    return WaitingView(
        log_id=decided.log_id,
        to_stage_title=names.stage(last.move.to_stage),
        due_at=decided.due_at,
        missing=missing_views(decided, version_of(conn, installation_id, decided, last.move)),
    )


def missing_views(decided: Verdict, version: FunnelVersion | None) -> list[MissingView]:
    """The steps that the move lacked, in the words of the version that judged it."""
    funnels = [each for each in version.funnels if each.segment.key == decided.segment_key] if version else []
    views = []
    for result in decided.unmet:
        found = funnels[0].checkpoint(result.key) if funnels else None
        title, request = (found.title, found.request) if found else (result.key, result.key)
        views.append(MissingView(key=result.key, title=title, request=request))
    return views


def version_of(
    conn: Connection, installation_id: int, decided: Verdict, move: StageMove
) -> FunnelVersion | None:
    """The version that judged the move."""
    pipeline_id = move.to_stage.pipeline_id
    current = current_version(conn, installation_id, pipeline_id)
    if decided.version_number is None or (current and current.number == decided.version_number):
        return current
    published = load_version(conn, installation_id, pipeline_id, decided.version_number)
    return published.as_rules() if published else None


def _still_missing(decided: Verdict, checklist: Checklist | None) -> bool:
    if checklist is None:
        return False
    states = {item.checkpoint.key: item.result.state for item in checklist.items}
    return any(states.get(result.key) is CheckpointState.UNMET for result in decided.unmet)


def _state(row: OutboxRow | None) -> str:
    if row is None or row.state in OPEN_STATES:
        return "pending"
    return {WriteState.CONFIRMED: "done", WriteState.SUPERSEDED: "superseded"}.get(row.state, "failed")


def _objection(found: Objection, names: Names) -> StopObjection:
    return StopObjection(
        state="open" if found.is_open else "closed",
        text=found.text,
        note=found.note,
        closed_by=names.user(found.closed_by),
    )


def judged_moves(moves: Sequence[StageMove], verdicts: dict[str, StoredVerdict]) -> list[LastMove]:
    """Every move that has a verdict, with it."""
    return [LastMove(move, verdicts[move.log_id]) for move in moves if move.log_id in verdicts]
