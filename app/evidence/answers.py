"""What a manager says of a step beyond evidence: it will not happen, or it is open again."""

from datetime import datetime

from sqlalchemy import Connection, delete

from app.db.lane import LaneKey, ring
from app.db.tables import checkpoint_answer
from app.db.upsert import upsert
from app.domain.checkpoint import AnswerState
from app.domain.plain_text import has_letters
from app.errors import Invalid

LEAST_REASON, MOST_REASON = 3, 500


def answer(
    conn: Connection,
    installation_id: int,
    deal_id: str,
    checkpoint_key: str,
    state: AnswerState,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep the answer with its reason and have waiting moves judged again. Raises Invalid."""
    text = " ".join(reason.split())
    if not LEAST_REASON <= len(text) <= MOST_REASON or "\x00" in text:
        raise Invalid(
            f"Say why in a few words, {LEAST_REASON} to {MOST_REASON} characters.", code="reason_length"
        )
    if not has_letters(text):
        raise Invalid("Say why in words: dots and dashes say nothing.", code="reason_without_words")
    key = {"installation_id": installation_id, "deal_id": deal_id, "checkpoint_key": checkpoint_key}
    values = {"answer": state.value, "reason": text, "answered_at": now, "answered_by": by}
    upsert(conn, checkpoint_answer, key, values)
    ring(conn, [LaneKey(installation_id, "deal", deal_id)], now)


def withdraw_answer(
    conn: Connection, installation_id: int, deal_id: str, checkpoint_key: str, now: datetime
) -> None:
    """Take an answer back: evidence alone decides again."""
    clear_answer(conn, installation_id, deal_id, checkpoint_key)
    ring(conn, [LaneKey(installation_id, "deal", deal_id)], now)


def clear_answer(conn: Connection, installation_id: int, deal_id: str, checkpoint_key: str) -> None:
    """Remove the answer's row, if there is one."""
    columns = checkpoint_answer.c
    conn.execute(
        delete(checkpoint_answer).where(
            columns.installation_id == installation_id,
            columns.deal_id == deal_id,
            columns.checkpoint_key == checkpoint_key,
        )
    )
