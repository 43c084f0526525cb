"""A move forward is looked at once more with what the CRM has just told, before it is sent."""

from app.domain.forward import Standing, in_doubt, is_open, may_enter
from app.outbox.abandon import stop_forward
from app.outbox.rows import OutboxRow, WriteKind, WriteState, open_rows
from app.verdicts.chain import stage_by_right
from app.verdicts.hearing import Hearing

NOT_SATISFIED, WRITES_OFF = "not_satisfied", "writes_off"


def recheck_forward(hearing: Hearing) -> None:
    """Give up the deal's move forward when its evidence has gone stale since the press, or when the
    account has switched writing off."""
    if not hearing.court.has_new_writes(hearing.key):
        return
    for row in open_rows(hearing.conn, *hearing.key):
        if row.kind is WriteKind.MOVE_FORWARD and row.state is WriteState.NEW:
            if reason := _why_not(hearing, row):
                stop_forward(hearing.conn, *hearing.key, reason, hearing.now)
            return


def _why_not(hearing: Hearing, row: OutboxRow) -> str:
    if hearing.account.settings.writes_off:
        return WRITES_OFF
    if row.target is None or hearing.deal.stage != row.expected:
        return ""  # The guard finds that out by itself, and says so.
    version = hearing.court.version(hearing.installation_id, row.target.pipeline_id)
    if version is None:
        return NOT_SATISFIED
    hearing.court.store()
    came_from = stage_by_right(hearing.conn, hearing.installation_id, hearing.deal, hearing.now)
    standing = Standing(hearing.deal, hearing.facts, hearing.now, hearing.answers, came_from)
    excused = in_doubt(version, hearing.catalog, hearing.deal) if hearing.catalog else ()
    verdict = may_enter(version, standing, row.target, excused)
    return "" if is_open(verdict, row.target, {row.target}) else NOT_SATISFIED
