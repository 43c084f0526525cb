"""Where a run of moves began: a step that follows a forbidden one is judged together with it.

Without this, two quick drags (into the gated stage and on from it) would be a back door: the first
move can no longer be undone when it is judged, and the second passes no gate of its own.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.db.tables import outbox
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.funnel import GateMode
from app.domain.stage import StageRef
from app.domain.verdict import Outcome
from app.domain.writeback import SURPRISE_LIMIT, Action
from app.ledger.read import last_move_of
from app.outbox.rows import PROVEN_SINCE, WriteKind, WriteState
from app.verdicts.store import StoredVerdict, previous_move

INSTANT = timedelta(microseconds=1)
LONGEST = 20
"""Steps back that are followed; nobody drags a deal further within a quarter of an hour."""


def origin_of(conn: Connection, installation_id: int, move: StageMove) -> StageRef | None:
    """The last stage that the deal stood in by right before `move`.

    Follows enforced stops that are not carried out yet, because their grace still runs or because
    the deal had gone on; None for a deal that was created into the run.
    """
    start = move
    for _ in range(LONGEST):
        before = previous_move(conn, installation_id, start)
        if before is None or before[0].to_stage != start.from_stage:
            break
        earlier, stored = before
        if stored is None or not _is_open_stop(conn, installation_id, earlier, stored, move):
            break
        start = earlier
    return start.from_stage


def stage_by_right(conn: Connection, installation_id: int, deal: Deal, now: datetime) -> StageRef | None:
    """Where a move of the deal would be judged from if somebody made it now."""
    last = last_move_of(conn, installation_id, deal.id)
    # The CRM's clock may be ahead of ours: nothing that it has told comes after this.
    at = max(now, last.occurred_at + INSTANT) if last else now
    onward = StageMove("", deal.id, deal.stage, deal.stage, "", MoveOrigin.PERSON, at, now)
    return origin_of(conn, installation_id, onward)


def _is_open_stop(
    conn: Connection, installation_id: int, earlier: StageMove, stored: StoredVerdict, move: StageMove
) -> bool:
    decided = stored.verdict
    if decided.mode is not GateMode.ENFORCE or earlier.origin is MoveOrigin.OWN:
        return False
    if decided.outcome is Outcome.UNDETERMINED:
        return True
    since = decided.due_at or earlier.occurred_at
    if decided.outcome is not Outcome.BLOCKED or move.occurred_at - since > SURPRISE_LIMIT:
        return False
    if stored.action == Action.MOVE_BACK:
        return not _is_settled(conn, installation_id, earlier)
    return stored.action == Action.OVERTAKEN


def _is_settled(conn: Connection, installation_id: int, earlier: StageMove) -> bool:
    """False when the move back was given up because the deal had gone on, or has not been tried.

    One that the client has made pointless is settled: the deal stands by right where it is.
    """
    row = conn.execute(
        select(outbox.c.state, outbox.c.last_error).where(
            outbox.c.installation_id == installation_id,
            outbox.c.op_key == f"{earlier.log_id}:{WriteKind.MOVE_BACK}",
        )
    ).one_or_none()
    if row is None:
        return True
    return row.last_error == PROVEN_SINCE or row.state not in (WriteState.SUPERSEDED, WriteState.NEW)
