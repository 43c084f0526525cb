"""A manager says that a stop is wrong: it is kept beside the verdict and counted."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from app.db.tables import verdict
from app.domain.verdict import Outcome
from app.errors import Invalid, NotFound
from app.installations.audit import write_audit

LEAST_TEXT, MOST_TEXT = 3, 500


def contest(
    conn: Connection, installation_id: int, deal_id: str, log_id: str, text: str, *, by: str, now: datetime
) -> datetime:
    """Note the objection to the verdict on move `log_id`; gives when it was first contested.

    The first objection stays; a second one changes nothing. Raises NotFound when the deal has no
    such verdict or it stopped nothing, Invalid for an empty or endless text.
    """
    words = " ".join(text.split())
    if not LEAST_TEXT <= len(words) <= MOST_TEXT or "\x00" in words:
        raise Invalid(
            f"Say what is wrong in a few words, {LEAST_TEXT} to {MOST_TEXT} characters.", code="text_length"
        )
    of_move = (
        verdict.c.installation_id == installation_id,
        verdict.c.log_id == log_id,
        verdict.c.deal_id == deal_id,
        verdict.c.outcome == Outcome.BLOCKED.value,
    )
    row = conn.execute(select(verdict.c.contested_at).where(*of_move)).one_or_none()
    if row is None:
        raise NotFound("There is no such stop.", code="stop_unknown")
    if row.contested_at is not None:
        known: datetime = row.contested_at
        return known
    conn.execute(
        update(verdict).where(*of_move).values(contested_at=now, contested_by=by, contest_text=words)
    )
    write_audit(
        conn,
        installation_id,
        actor=by,
        action="stop.contest",
        now=now,
        subject=deal_id,
        detail={"log_id": log_id},
    )
    return now
