"""Judging the moves of deals in the log's order, and deciding what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.domain.deal import Deal
from app.domain.verdict import Outcome, Reason, Verdict
from app.domain.writeback import Action
from app.funnels.current import CurrentVersions
from app.ledger.sight import DealKey, Sight
from app.outbox.abandon import abandon
from app.verdicts.court import Court
from app.verdicts.hearing import Hearing
from app.verdicts.onward import recheck_forward
from app.verdicts.relent import relent
from app.verdicts.store import PendingMove, pending_moves
from app.verdicts.unflag import unflag


@dataclass(frozen=True, slots=True)
class Decided:
    """What is left to do for a deal: writes to be made, and a moment to judge again."""

    has_open_writes: bool
    due_at: datetime | None


def decide(conn: Connection, installation_id: int, deal_id: str, deal: Deal | None, now: datetime) -> Decided:
    """`decide_all` for one deal."""
    key = DealKey(installation_id, deal_id)
    return decide_all(Sight(conn, [key]), {key: deal}, CurrentVersions(conn), now)[key]


def decide_all(
    sight: Sight, deals: Mapping[DealKey, Deal | None], versions: CurrentVersions, now: datetime
) -> dict[DealKey, Decided]:
    """Judge every move of the deals that is new or still waits, store verdicts and intended writes.

    Each deal is as just read, None when the CRM no longer has it: then nothing of it waits any more.
    Each move is judged by the version in force when it is first judged.
    """
    court = Court(sight, versions, now)
    pending = pending_moves(sight.conn, sight.keys)
    versions.load((key[0], item.move.to_stage.pipeline_id) for key in pending for item in pending[key])
    due = {key: _hear(court, key, deals[key], pending[key]) for key in sight.keys}
    court.store()
    return {key: Decided(court.has_open_writes(key), due[key]) for key in sight.keys}


def _hear(court: Court, key: DealKey, deal: Deal | None, pending: list[PendingMove]) -> datetime | None:
    """Judge one deal's moves; when the first of them has to be judged again, if any."""
    if deal is None:
        _close(court, key, pending)
        return None
    hearing = Hearing(court, key, deal)
    verdicts = [hearing.judge(item) for item in pending]
    relent(hearing)
    unflag(hearing)
    recheck_forward(hearing)
    waiting = [each.due_at for each in verdicts if each.outcome is Outcome.UNDETERMINED and each.due_at]
    return min(waiting, default=None)


def _close(court: Court, key: DealKey, pending: list[PendingMove]) -> None:
    for item in pending:
        verdict = Verdict(item.move.log_id, key.deal_id, Outcome.NOT_GOVERNED, Reason.DEAL_GONE, court.now)
        court.gather(key.installation_id, verdict, Action.NONE)
    if court.has_open_writes(key):
        abandon(court.conn, *key, Reason.DEAL_GONE, court.now)
        court.writes[key] = []
