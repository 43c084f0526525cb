"""A manager says that a stop is wrong: it is kept beside the verdict and counted."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from app.db.tables import verdict
from app.domain.plain_text import has_letters
from app.domain.verdict import Outcome
from app.errors import Invalid, NotFound
from app.installations.audit import write_audit

LEAST_TEXT, MOST_TEXT = 3, 500
MOST_OBJECTIONS = 200
_OPEN: dict[str, Any] = {"objection_closed_at": None, "objection_closed_by": "", "objection_note": ""}


@dataclass(frozen=True, slots=True)
class Objection:
    """A manager's objection to a stop, and what an administrator answered once it is closed."""

    log_id: str
    deal_id: str
    text: str
    by: str
    at: datetime
    note: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while nobody has answered."""
        return self.closed_at is None


def contest(
    conn: Connection, installation_id: int, deal_id: str, log_id: str, text: str, *, by: str, now: datetime
) -> datetime:
    """Note the objection to the verdict on move `log_id`; gives when it was first contested.

    The first objection stays; a second one changes nothing, unless the first was closed: then it is
    open again, in the new words. Raises NotFound when the deal has no
    such verdict or it stopped nothing, Invalid for an empty or endless text.
    """
    words = _checked(text, "Say what is wrong in a few words")
    of_move = (
        verdict.c.installation_id == installation_id,
        verdict.c.log_id == log_id,
        verdict.c.deal_id == deal_id,
        verdict.c.outcome == Outcome.BLOCKED.value,
    )
    columns = verdict.c
    row = conn.execute(
        select(columns.contested_at, columns.objection_closed_at).where(*of_move)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such stop.", code="stop_unknown")
    if row.contested_at is not None and row.objection_closed_at is None:
        known: datetime = row.contested_at
        return known
    said = {"contested_at": now, "contested_by": by, "contest_text": words, **_OPEN}
    conn.execute(update(verdict).where(*of_move).values(**said))
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


def close_objection(
    conn: Connection, installation_id: int, log_id: str, note: str, *, by: str, now: datetime
) -> Objection:
    """Answer the objection to the verdict on move `log_id` with a note that the manager will read.

    Closing a closed one again changes its note. Raises NotFound, and Invalid for an empty or endless
    note.
    """
    words = _checked(note, "Answer in a few words")
    known = find_objection(conn, installation_id, log_id)
    if known is None:
        raise NotFound("There is no such objection.", code="objection_unknown")
    of_move = (verdict.c.installation_id == installation_id, verdict.c.log_id == log_id)
    closed = {"objection_closed_at": now, "objection_closed_by": by, "objection_note": words}
    conn.execute(update(verdict).where(*of_move).values(**closed))
    write_audit(
        conn,
        installation_id,
        actor=by,
        action="objection.close",
        now=now,
        subject=known.deal_id,
        detail={"log_id": log_id},
    )
    return replace(known, note=words, closed_by=by, closed_at=now)


def find_objection(conn: Connection, installation_id: int, log_id: str) -> Objection | None:
    """The objection to the verdict on that move, or None when nobody objected."""
    query = select(verdict).where(
        verdict.c.installation_id == installation_id,
        verdict.c.log_id == log_id,
        verdict.c.contested_at.is_not(None),
    )
    row = conn.execute(query).one_or_none()
    return _read(row) if row else None


def list_objections(conn: Connection, installation_id: int, *, is_open: bool) -> list[Objection]:
    """The newest 200 open or closed objections of an account, newest first."""
    closed_at = verdict.c.objection_closed_at
    query = (
        select(verdict)
        .where(
            verdict.c.installation_id == installation_id,
            verdict.c.contested_at.is_not(None),
            closed_at.is_(None) if is_open else closed_at.is_not(None),
        )
        .order_by(verdict.c.contested_at.desc(), verdict.c.log_id)
        .limit(MOST_OBJECTIONS)
    )
    return [_read(row) for row in conn.execute(query)]


def count_open_objections(conn: Connection, installation_id: int) -> int:
    """How many objections nobody has answered."""
    query = select(func.count()).where(
        verdict.c.installation_id == installation_id,
        verdict.c.contested_at.is_not(None),
        verdict.c.objection_closed_at.is_(None),
    )
    return int(conn.scalar(query) or 0)


def _read(row: Row[Any]) -> Objection:
    return Objection(
        log_id=row.log_id,
        deal_id=row.deal_id,
        text=row.contest_text,
        by=row.contested_by,
        at=row.contested_at,
        note=row.objection_note,
        closed_by=row.objection_closed_by,
        closed_at=row.objection_closed_at,
    )


def _checked(text: str, wish: str) -> str:
    words = " ".join(text.split())
    if not LEAST_TEXT <= len(words) <= MOST_TEXT or "\x00" in words:
        raise Invalid(f"{wish}, {LEAST_TEXT} to {MOST_TEXT} characters.", code="text_length")
    if not has_letters(words):
        raise Invalid(f"{wish}: dots and dashes say nothing.", code="text_without_words")
    return words
