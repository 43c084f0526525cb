"""Lines of the events log. https://www.amocrm.ru/developers/content/crm_platform/events-and-notes"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.crm.adapters.amocrm.records import Record, id_of, moment, reading
from app.crm.adapters.amocrm.wire import child

ULID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ULID_LENGTH, ULID_TIME = 26, 10
EVENTS_LIMIT = 100


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line. `author` is empty for a robot; `talk_contact` is set on chat events."""

    id: str
    type: str
    entity: str
    entity_id: str
    author: str
    at: datetime
    after: list[Any]
    before: list[Any]
    talk_contact: str = ""


def event_of(record: Record) -> LogEvent:
    """A line of the log. Raises Unavailable for another shape."""
    with reading():
        created_at = moment(record["created_at"])
        return LogEvent(
            id=str(record["id"]),
            type=str(record["type"]),
            entity=str(record["entity_type"]),
            entity_id=str(record["entity_id"]),
            author=id_of(record.get("created_by")),
            at=exact_time(str(record["id"]), created_at),
            after=_list(record.get("value_after")),
            before=_list(record.get("value_before")),
            talk_contact=id_of(child(record, "_embedded", "entity", "linked_talk_contact_id")),
        )


def in_order(records: Iterable[Record]) -> list[LogEvent]:
    """The lines oldest first, each once; the API promises no order, newest first is a habit."""
    events = {event.id: event for event in map(event_of, records)}
    return sorted(events.values(), key=lambda event: (event.at, event.id))


def exact_time(event_id: str, created_at: datetime) -> datetime:
    """The event's time with the milliseconds of its id, when the id is a ULID of that second.

    Ids of captured events are ULIDs; nothing promises it, so `created_at` has the last word.
    """
    text = event_id.lower()
    if len(text) != ULID_LENGTH or any(letter not in ULID_ALPHABET for letter in text):
        return created_at
    value = 0
    for letter in text[:ULID_TIME]:
        value = value * 32 + ULID_ALPHABET.index(letter)
    seconds, milliseconds = divmod(value, 1000)
    if seconds != int(created_at.timestamp()):
        return created_at
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
