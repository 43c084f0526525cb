"""Evidence out of notes: calls, letters, text messages, and what people and services wrote.

https://www.amocrm.ru/developers/content/crm_platform/events-and-notes
"""

import re
from collections.abc import Iterable
from datetime import datetime

from app.crm.adapters.amocrm.facts import CHATS, TEXT_LIMIT, grade_of_author, grade_of_direction
from app.crm.adapters.amocrm.records import Holder, Record, id_of, moment, reading
from app.crm.adapters.amocrm.wire import child
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.own_traces import MARKER

QUOTED = re.compile(r"«([^»]+)»")
DIRECTIONS = {
    "call_in": (EvidenceKind.CALL, Direction.INCOMING, "call"),
    "call_out": (EvidenceKind.CALL, Direction.OUTGOING, "call"),
    "sms_in": (EvidenceKind.MESSAGE, Direction.INCOMING, "sms"),
    "sms_out": (EvidenceKind.MESSAGE, Direction.OUTGOING, "sms"),
}
TYPED = ("common", "attachment", "service_message", "extended_service_message")
CLIENT_NOTES = (*DIRECTIONS, "amomail_message")
NOTE_TYPES = (*CLIENT_NOTES, *TYPED)
CLIENT_EVENTS = frozenset(
    {
        *CHATS,
        "incoming_call",
        "outgoing_call",
        "incoming_sms",
        "outgoing_sms",
        "incoming_mail",
        "outgoing_mail",
    }
)
FORM_SERVICES = {"формы", "forms", "amoforms"}
NO_TALK = {1, 2, 3, 5, 6, 7}
"""Values of `call_status` that are no conversation: left message, call later, absent, wrong number,
no answer, busy. https://www.amocrm.ru/developers/content/crm_platform/calls-api"""


def note_facts(
    deal_id: str, notes: Iterable[Record], now: datetime, holder: Holder | None = None
) -> list[Evidence]:
    """Facts that notes hold. Of a contact's notes only what the client did counts."""
    facts = []
    for note in notes:
        with reading():
            kind = note["note_type"]
            if kind in DIRECTIONS:
                facts.append(_call_or_sms(deal_id, note, now, holder))
            elif kind == "amomail_message":
                facts.append(_mail(deal_id, note, now, holder))
            elif kind in TYPED and holder is None and not MARKER.search(_text(note)):
                facts.append(_typed(deal_id, note, now))
    return facts


def _call_or_sms(deal_id: str, note: Record, now: datetime, holder: Holder | None) -> Evidence:
    kind, direction, channel = DIRECTIONS[note["note_type"]]
    params = note.get("params") or {}
    seconds = int(params.get("duration") or 0) if kind is EvidenceKind.CALL else 0
    if params.get("call_status") in NO_TALK:
        seconds = 0
    said = params.get("call_result") if kind is EvidenceKind.CALL else params.get("text")
    return _of_note(
        deal_id,
        note,
        now,
        holder,
        kind=kind,
        direction=direction,
        channel=channel,
        seconds=seconds,
        text=str(said or ""),
        grade=_call_grade(seconds) if kind is EvidenceKind.CALL else grade_of_direction(direction),
    )


def _mail(deal_id: str, note: Record, now: datetime, holder: Holder | None) -> Evidence:
    direction = Direction.INCOMING if child(note, "params", "income") else Direction.OUTGOING
    text = str(child(note, "params", "subject") or "")
    return _of_note(
        deal_id,
        note,
        now,
        holder,
        kind=EvidenceKind.MAIL,
        direction=direction,
        channel="mail",
        text=text,
        grade=grade_of_direction(direction),
    )


def _typed(deal_id: str, note: Record, now: datetime) -> Evidence:
    service, text = str(child(note, "params", "service") or ""), _text(note)
    if service.casefold() in FORM_SERVICES:
        named = QUOTED.search(text)
        subject = named[1] if named else service
        return _of_note(
            deal_id, note, now, None, kind=EvidenceKind.FORM, grade=Grade.B, subject=subject, text=text,
            direction=Direction.INCOMING, channel="site",
        )  # fmt: skip
    is_ours = note["note_type"] not in ("service_message", "extended_service_message")
    grade = grade_of_author(id_of(note.get("created_by"))) if is_ours else Grade.C
    return _of_note(deal_id, note, now, None, kind=EvidenceKind.NOTE, grade=grade, subject=service, text=text)


def _of_note(
    deal_id: str,
    note: Record,
    now: datetime,
    holder: Holder | None,
    *,
    kind: EvidenceKind,
    grade: Grade,
    text: str,
    direction: Direction | None = None,
    seconds: int = 0,
    subject: str = "",
    channel: str = "",
) -> Evidence:
    return Evidence(
        source_id=f"note:{note['id']}",
        deal_id=deal_id,
        kind=kind,
        grade=grade,
        occurred_at=moment(note["created_at"]),
        recorded_at=now,
        direction=direction,
        seconds=seconds,
        subject=subject,
        text=text[:TEXT_LIMIT],
        author_id=id_of(note.get("created_by") or note.get("responsible_user_id")),
        contact_id=holder.id if holder else "",
        channel=channel,
    )


def _text(note: Record) -> str:
    return str(child(note, "params", "text") or child(note, "params", "file_name") or "")


def _call_grade(seconds: int) -> Grade:
    return Grade.B if seconds else Grade.C
