"""A manager's word for a client's act: quoted, dated, counted apart (grade D)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.db.lane import LaneKey, ring
from app.domain.checkpoint import AnswerState
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.plain_text import has_letters
from app.errors import Invalid
from app.evidence.answers import clear_answer
from app.ledger.read import answers_of
from app.ledger.record import add_evidence

LEAST_QUOTE, MOST_QUOTE = 5, 500
OLDEST = timedelta(days=3 * 365)


class Channel(StrEnum):
    """Where the client said or did it."""

    CALL = "call"
    MEETING = "meeting"
    MESSENGER = "messenger"
    MAIL = "mail"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Vouching:
    """What a manager says: which step, the client's words, the day in the account's zone, the channel."""

    checkpoint_key: str
    quote: str
    happened_on: date
    channel: Channel


def vouch(
    conn: Connection, installation_id: int, deal_id: str, said: Vouching, *, by: str, zone: str, now: datetime
) -> Evidence:
    """Add the manager's word to the ledger and have waiting moves of the deal judged again.

    Said twice in the same words it is one fact. `zone` is the account's time zone. A step that was
    reopened counts as done again. Raises Invalid for a quote or a day that cannot be.
    """
    quote = " ".join(said.quote.split())
    _check(quote, said.happened_on, zone, now)
    fact = Evidence(
        source_id=_source_id(deal_id, said, quote, by),
        deal_id=deal_id,
        kind=EvidenceKind.MANUAL,
        grade=Grade.D,
        occurred_at=moment_of(said.happened_on, zone, now),
        recorded_at=now,
        text=quote,
        author_id=by,
        checkpoint_key=said.checkpoint_key,
        channel=said.channel.value,
    )
    add_evidence(conn, installation_id, [fact])
    if answers_of(conn, installation_id, deal_id).get(said.checkpoint_key) is AnswerState.REOPENED:
        clear_answer(conn, installation_id, deal_id, said.checkpoint_key)
    ring(conn, [LaneKey(installation_id, "deal", deal_id)], now)
    return fact


def moment_of(day: date, zone: str, now: datetime) -> datetime:
    """When something of that day counts as happened: now for today, noon for an earlier day."""
    local = now.astimezone(ZoneInfo(zone))
    if day >= local.date():
        return now
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(now.tzinfo)


def _check(quote: str, day: date, zone: str, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    if not LEAST_QUOTE <= len(quote) <= MOST_QUOTE:
        raise Invalid(
            f"Write down what the client said, {LEAST_QUOTE} to {MOST_QUOTE} characters.", code="quote_length"
        )
    if "\x00" in quote:
        raise Invalid("The quote holds a character that cannot be kept.", code="quote_unprintable")
    if not has_letters(quote):
        raise Invalid("Write down what the client said in words.", code="quote_without_words")
    if day > today:
        raise Invalid("This day has not come yet.", code="day_in_future")
    if day < today - OLDEST:
        raise Invalid("This was too long ago to count.", code="day_too_old")


def _source_id(deal_id: str, said: Vouching, quote: str, by: str) -> str:
    parts = (deal_id, said.checkpoint_key, by, said.happened_on.isoformat(), said.channel.value, quote)
    return f"vouch:{sha256(chr(0).join(parts).encode()).hexdigest()[:40]}"
