"""amoCRM's log, notes and tasks as moves and evidence.

https://www.amocrm.ru/developers/content/crm_platform/events-and-notes
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.crm.adapters.amocrm.records import moment, optional_id
from app.crm.adapters.amocrm.wire import child
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import StageRef

ROBOT = "0"
TEXT_LIMIT = 500
FIELD_EVENT = re.compile(r"custom_field(?:_\d+)?_value_changed")
FORM_WORDS = re.compile(r"\b(?:форм|анкет|form|survey)", re.IGNORECASE)
CROCKFORD = {digit: value for value, digit in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}
CALLS = {"call_in": Direction.INCOMING, "call_out": Direction.OUTGOING}
NOTE_TYPES = (*CALLS, "amomail_message", "service_message", "extended_service_message", "common")
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the log says of one lead, oldest first."""

    moves: tuple[StageMove, ...]
    evidence: tuple[Evidence, ...]


def event_time(event: Record) -> datetime:
    """When an event happened, to the millisecond where its id tells.

    Ids decode as ULIDs on the one real capture at hand, which is no contract: the id is believed
    only when it agrees with `created_at`.
    """
    second = moment(event.get("created_at"))
    milliseconds = _ulid_milliseconds(str(event.get("id", "")))
    if milliseconds is not None and milliseconds // 1000 == int(second.timestamp()):
        return second.replace(microsecond=milliseconds % 1000 * 1000)
    return second


def read_events(deal_id: str, events: Iterable[Record], recorded_at: datetime) -> Told:
    """Moves and facts of one lead's events, oldest first; what proves nothing is passed over."""
    ordered = sorted(events, key=lambda event: (event_time(event), str(event.get("id"))))
    moves = [move for event in ordered if (move := _move(deal_id, event, recorded_at))]
    facts = [fact for event in ordered if (fact := _fact(deal_id, event, recorded_at))]
    return Told(tuple(moves), tuple(facts))


def creation(deal: Deal, added: Record | None, first_stage: StageRef, recorded_at: datetime) -> StageMove:
    """The entry of a new lead into its first stage, which `lead_added` does not name."""
    author = optional_id(added.get("created_by")) if added else deal.created_by
    return StageMove(
        log_id=str(added["id"]) if added else f"created:{deal.id}",
        deal_id=deal.id,
        from_stage=None,
        to_stage=first_stage,
        actor_id=author,
        origin=MoveOrigin.CREATION,
        occurred_at=event_time(added) if added else deal.created_at,
        recorded_at=recorded_at,
    )


def born_with(deal: Deal, changed: Iterable[Evidence], recorded_at: datetime) -> tuple[Evidence, ...]:
    """What a lead was created with: its source, and fields and tags that no event put there."""
    known = {(fact.kind, fact.subject) for fact in changed}
    by_robot = deal.created_by == ROBOT
    grade = Grade.C if by_robot else Grade.D

    def fact(kind: EvidenceKind, subject: str, text: str = "", strength: Grade = grade) -> Evidence:
        source_id = f"born:{deal.id}:{kind}:{subject}"[:128]
        return Evidence(
            source_id,
            deal.id,
            kind,
            strength,
            deal.created_at,
            recorded_at,
            subject=subject,
            text=text[:TEXT_LIMIT],
            author_id=deal.created_by,
        )

    facts = [fact(EvidenceKind.FIELD, key, ", ".join(values)) for key, values in deal.fields.items()]
    facts += [fact(EvidenceKind.TAG, tag) for tag in sorted(deal.tags)]
    if deal.source:
        facts.append(fact(EvidenceKind.SOURCE, deal.source, deal.source, Grade.B if by_robot else Grade.C))
        if by_robot:
            facts.append(fact(EvidenceKind.FORM, deal.source, deal.source, Grade.B))
    return tuple(item for item in facts if (item.kind, item.subject) not in known)


def read_notes(
    deal_id: str, notes: Iterable[Record], recorded_at: datetime, contact_id: str = ""
) -> tuple[Evidence, ...]:
    """Calls, letters, forms and remarks among the notes of a lead (or of its contact)."""
    facts = (_note(deal_id, note, recorded_at, contact_id) for note in notes)
    return tuple(fact for fact in facts if fact)


def read_tasks(deal_id: str, tasks: Iterable[Record], recorded_at: datetime) -> tuple[Evidence, ...]:
    """Tasks that were completed with a result; a seller's word."""
    return tuple(
        Evidence(
            source_id=f"task:{task.get('id')}",
            deal_id=deal_id,
            kind=EvidenceKind.TASK,
            grade=Grade.D,
            occurred_at=moment(task.get("updated_at")),
            recorded_at=recorded_at,
            subject=optional_id(task.get("task_type_id")),
            text=str(child(task.get("result"), "text"))[:TEXT_LIMIT],
            author_id=optional_id(task.get("updated_by")),
        )
        for task in tasks
        if task.get("is_completed") and child(task.get("result"), "text")
    )


def _ulid_milliseconds(text: str) -> int | None:
    if len(text) != 26 or any(digit not in CROCKFORD for digit in text.lower()):
        return None
    value = 0
    for digit in text.lower()[:10]:
        value = value * 32 + CROCKFORD[digit]
    return value


def _move(deal_id: str, event: Record, recorded_at: datetime) -> StageMove | None:
    if event.get("type") != "lead_status_changed":
        return None
    before, after = _stage(event.get("value_before")), _stage(event.get("value_after"))
    if after is None:
        return None
    author = optional_id(event.get("created_by"))
    return StageMove(
        log_id=str(event.get("id")),
        deal_id=deal_id,
        from_stage=before,
        to_stage=after,
        actor_id=author,
        origin=MoveOrigin.ROBOT if author == ROBOT else MoveOrigin.PERSON,
        occurred_at=event_time(event),
        recorded_at=recorded_at,
    )


def _stage(side: Any) -> StageRef | None:
    status = child(_first(side), "lead_status")
    ids = child(status, "pipeline_id"), child(status, "id")
    return StageRef(str(ids[0]), str(ids[1])) if all(isinstance(value, int) for value in ids) else None


def _first(side: Any) -> Any:
    return side[0] if isinstance(side, Sequence) and not isinstance(side, str) and side else None


def _fact(deal_id: str, event: Record, recorded_at: datetime) -> Evidence | None:
    kind, after = str(event.get("type")), _first(event.get("value_after"))
    author = optional_id(event.get("created_by"))
    typed = Grade.C if author == ROBOT else Grade.D

    def fact(what: EvidenceKind, grade: Grade, subject: str = "", text: str = "") -> Evidence:
        direction = Direction.INCOMING if what in (EvidenceKind.MESSAGE, EvidenceKind.MAIL) else None
        return Evidence(
            str(event.get("id")),
            deal_id,
            what,
            grade,
            event_time(event),
            recorded_at,
            direction=direction,
            subject=subject,
            text=text[:TEXT_LIMIT],
            author_id=author,
            contact_id=optional_id(child(event, "_embedded", "entity", "linked_talk_contact_id")),
        )

    if kind in ("incoming_chat_message", "incoming_sms"):
        return fact(EvidenceKind.MESSAGE, Grade.B)
    if kind == "entity_tag_added" and child(after, "tag", "name"):
        return fact(EvidenceKind.TAG, typed, str(child(after, "tag", "name")))
    if FIELD_EVENT.fullmatch(kind):
        value = child(after, "custom_field_value")
        text = str(child(value, "text") or "")
        return fact(EvidenceKind.FIELD, typed, optional_id(child(value, "field_id")), text) if text else None
    return None


def _note(deal_id: str, note: Record, recorded_at: datetime, contact_id: str) -> Evidence | None:
    kind, params = str(note.get("note_type")), note.get("params")
    author = optional_id(note.get("created_by"))
    words = str(child(params, "text") or "")

    def fact(
        what: EvidenceKind, grade: Grade, direction: Direction | None = None, seconds: int = 0, text: str = ""
    ) -> Evidence:
        return Evidence(
            f"note:{note.get('id')}",
            deal_id,
            what,
            grade,
            moment(note.get("created_at")),
            recorded_at,
            direction=direction,
            seconds=seconds,
            text=text[:TEXT_LIMIT],
            author_id=author,
            contact_id=contact_id,
        )

    if kind in CALLS:
        seconds = _seconds(child(params, "duration"))
        return fact(
            EvidenceKind.CALL,
            Grade.B if seconds else Grade.C,
            CALLS[kind],
            seconds,
            str(child(params, "call_result") or ""),
        )
    if kind == "amomail_message" and child(params, "income"):
        return fact(EvidenceKind.MAIL, Grade.B, Direction.INCOMING, text=str(child(params, "subject") or ""))
    if kind in ("service_message", "extended_service_message"):
        is_form = author == ROBOT and FORM_WORDS.search(f"{child(params, 'service')} {words}")
        return fact(EvidenceKind.FORM, Grade.B, text=words) if is_form else None
    return fact(EvidenceKind.NOTE, Grade.D, text=words) if kind == "common" and words else None


def _seconds(value: Any) -> int:
    try:
        return max(0, min(86_400, int(value)))
    except (TypeError, ValueError):
        return 0
