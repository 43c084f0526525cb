"""Evidence out of log lines and the deal itself, by tables.

Grades: the client spoke, wrote or sent a form: B; a trace that a robot or integration left: C; what
a person of ours typed: D. A kind that no table knows is left alone: it proves nothing and harms nothing.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from app.crm.adapters.amocrm.events import LogEvent
from app.crm.adapters.amocrm.records import as_text
from app.crm.adapters.amocrm.wire import child
from app.domain.deal import Deal
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade

TEXT_LIMIT, SOURCE_ID_LIMIT = 2000, 128
FIELD_EVENT = re.compile(r"custom_field_(?:\d+_)?value_changed")
CHATS = {"incoming_chat_message": Direction.INCOMING, "outgoing_chat_message": Direction.OUTGOING}


def event_facts(deal_id: str, events: Iterable[LogEvent], now: datetime) -> list[Evidence]:
    """Facts that the log itself holds: chat messages, tags, field values."""
    facts: list[Evidence] = []
    for event in events:
        if event.type in CHATS:
            facts.append(_chat(deal_id, event, now))
        elif event.type == "entity_tag_added":
            facts.extend(_tags(deal_id, event, now))
        elif FIELD_EVENT.fullmatch(event.type) and event.entity == "lead":
            facts.extend(_fields(deal_id, event, now))
    return facts


def deal_facts(deal: Deal, events: Sequence[LogEvent], now: datetime) -> list[Evidence]:
    """What a deal was born with: its source, and fields and tags that the log has no line about."""
    logged = {
        str(child(item, "custom_field_value", "field_id"))
        for event in events
        for item in (*event.after, *event.before)
    }
    tagged = {str(child(item, "tag", "name")) for event in events for item in event.after}
    facts = [_born(deal, now, EvidenceKind.SOURCE, "source", deal.source, deal.source)] if deal.source else []
    for field_id, values in deal.fields.items():
        if field_id not in logged:
            facts.extend(
                _born(deal, now, EvidenceKind.FIELD, f"field:{field_id}:{number}", field_id, value)
                for number, value in enumerate(values)
            )
    facts.extend(
        _born(deal, now, EvidenceKind.TAG, f"tag:{tag}", tag, tag) for tag in sorted(deal.tags - tagged)
    )
    return facts


def _chat(deal_id: str, event: LogEvent, now: datetime) -> Evidence:
    direction = CHATS[event.type]
    return Evidence(
        source_id=f"event:{event.id}",
        deal_id=deal_id,
        kind=EvidenceKind.MESSAGE,
        grade=grade_of_direction(direction),
        occurred_at=event.at,
        recorded_at=now,
        direction=direction,
        author_id=event.author,
        contact_id=event.talk_contact,
        channel="messenger",
    )


def _tags(deal_id: str, event: LogEvent, now: datetime) -> list[Evidence]:
    names = [str(child(item, "tag", "name") or "") for item in event.after]
    return [
        _changed(deal_id, event, now, EvidenceKind.TAG, number, name, name)
        for number, name in enumerate(names)
        if name
    ]


def _fields(deal_id: str, event: LogEvent, now: datetime) -> list[Evidence]:
    values = [child(item, "custom_field_value") for item in event.after]
    return [
        _changed(deal_id, event, now, EvidenceKind.FIELD, number, str(child(value, "field_id")), text)
        for number, value in enumerate(values)
        if (text := as_text(child(value, "text")))
    ]


def _changed(
    deal_id: str, event: LogEvent, now: datetime, kind: EvidenceKind, number: int, subject: str, text: str
) -> Evidence:
    return Evidence(
        source_id=f"event:{event.id}" + (f":{number}" if number else ""),
        deal_id=deal_id,
        kind=kind,
        grade=grade_of_author(event.author),
        occurred_at=event.at,
        recorded_at=now,
        subject=subject,
        text=text[:TEXT_LIMIT],
        author_id=event.author,
    )


def _born(deal: Deal, now: datetime, kind: EvidenceKind, what: str, subject: str, text: str) -> Evidence:
    return Evidence(
        source_id=f"deal:{deal.id}:{what}"[:SOURCE_ID_LIMIT],
        deal_id=deal.id,
        kind=kind,
        grade=Grade.C if kind is EvidenceKind.SOURCE else grade_of_author(deal.created_by),
        occurred_at=deal.created_at,
        recorded_at=now,
        subject=subject,
        text=text[:TEXT_LIMIT],
        author_id=deal.created_by,
    )


def grade_of_direction(direction: Direction) -> Grade:
    """What the client said or wrote is B, what we did is a trace."""
    return Grade.B if direction is Direction.INCOMING else Grade.C


def grade_of_author(author: str) -> Grade:
    """What a person of ours entered is his word; a robot leaves a trace."""
    return Grade.D if author else Grade.C
