"""What the client has done since the stop makes a move back pointless, as long as it is not sent."""

from dataclasses import replace

from app.domain.verdict import Outcome
from app.outbox.abandon import call_off
from app.outbox.rows import PROVEN_SINCE, OutboxRow, WriteKind, WriteState, open_rows
from app.verdicts.hearing import Hearing
from app.verdicts.store import PendingMove, judged_move


def relent(hearing: Hearing) -> None:
    """Call off each move back of the deal that was not tried yet and would not be decided now.

    The verdict stays: at its time the steps were missing.
    """
    if not hearing.court.has_new_writes(hearing.key):
        return
    hearing.court.store()
    for row in open_rows(hearing.conn, *hearing.key):
        if row.kind is WriteKind.MOVE_BACK and row.state is WriteState.NEW and _is_met(hearing, row):
            call_off(hearing.conn, hearing.installation_id, row.log_id, PROVEN_SINCE, hearing.now)


def _is_met(hearing: Hearing, row: OutboxRow) -> bool:
    """Whether the same step would be let through if it were made now."""
    found = judged_move(hearing.conn, hearing.installation_id, row.log_id)
    if found is None:
        return False
    move, stored = found
    version = hearing.version(PendingMove(move, stored.verdict.version_number, is_new=False))
    today = replace(move, from_stage=row.target, occurred_at=hearing.now)
    return hearing.evaluate(version, today).outcome is Outcome.PASSED
