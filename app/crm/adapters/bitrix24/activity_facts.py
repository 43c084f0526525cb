"""Evidence out of activities: calls, letters, chats, forms, to-dos.

Grades: the client spoke, wrote or sent a form: B; a trace that a robot or integration left, and what
we did towards the client: C; what a person of ours typed or ticked: D.
https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/activity-base/crm-activity-list.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.crm.adapters.bitrix24.records import TEXT_LIMIT, Record, id_of, is_yes, moment, number, reading
from app.crm.adapters.bitrix24.wire import child, tree
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade

MARKER = re.compile(r"#ref:[0-9a-f]{8}")
"""What our own notes and tasks end with: they prove nothing."""

OURS = "stepgate"
"""The originator of what we put on a deal ourselves."""

CALL, MAIL = "2", "4"
CALLS, MAILS, CHATS, FORMS, SMS = (
    "VOXIMPLANT_CALL", "CRM_EMAIL", "IMOPENLINES_SESSION", "CRM_WEBFORM", "CRM_SMS",
)  # fmt: skip
WORK = {
    "CRM_TODO": "todo",
    "CRM_MEETING": "meeting",
    "TASKS": "task",
    "CRM_TASKS_TASK": "task",
    "CRM_TASKS_TASK_COMMENT": "task",
}
CALLED_US, REDIRECTED, INFO_CALL = "2", "3", "5"
ANSWERED = "200"


@dataclass(frozen=True, slots=True)
class Around:
    """What was asked about activities: rows of the call statistics and messages of chats by activity id.

    A missing key of `sessions` says that nobody may read the chat. `has_statistics` is False when
    the app may not read the statistics at all.
    """

    calls: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    sessions: Mapping[str, Record] = field(default_factory=dict)
    has_statistics: bool = True


def is_call(activity: Record) -> bool:
    """True for a call of any telephony, and for one that was typed in."""
    return str(activity.get("PROVIDER_ID")) == CALLS or str(activity.get("TYPE_ID")) == CALL


def is_chat(activity: Record) -> bool:
    """True for a session of an open line."""
    return str(activity.get("PROVIDER_ID")) == CHATS


def is_client_s(activity: Record) -> bool:
    """True when the client may have had a part in it: of a contact's activities only these count."""
    is_mail = str(activity.get("TYPE_ID")) == MAIL
    return is_call(activity) or is_mail or str(activity.get("PROVIDER_ID")) in (MAILS, CHATS, FORMS, SMS)


def is_own(activity: Record) -> bool:
    """True for what we put there ourselves."""
    words = f"{activity.get('SUBJECT') or ''} {activity.get('DESCRIPTION') or ''}"
    return activity.get("ORIGINATOR_ID") == OURS or bool(MARKER.search(words))


def activity_facts(
    deal_id: str, activity: Record, around: Around, now: datetime, contact_id: str = ""
) -> list[Evidence]:
    """The facts that an activity holds; none for one of ours and for one that has not happened yet."""
    with reading():
        if is_own(activity):
            return []
        if is_call(activity):
            return _calls(deal_id, activity, around, now, contact_id)
        if is_chat(activity):
            return _chat(deal_id, activity, around, now, contact_id)
        provider = str(activity.get("PROVIDER_ID"))
        if provider == MAILS or str(activity.get("TYPE_ID")) == MAIL:
            kind, channel = EvidenceKind.MAIL, "mail"
            direction = Direction.INCOMING if str(activity.get("DIRECTION")) == "1" else Direction.OUTGOING
        elif provider == SMS:
            kind, channel, direction = EvidenceKind.MESSAGE, "sms", Direction.OUTGOING
        elif provider == FORMS:
            kind, channel, direction = EvidenceKind.FORM, "site", Direction.INCOMING
        else:
            return _work(deal_id, activity, provider, now)
        grade = Grade.B if direction is Direction.INCOMING else Grade.C
        subject = id_of(activity.get("ASSOCIATED_ENTITY_ID")) if kind is EvidenceKind.FORM else ""
        fact = _fact(deal_id, activity, now, kind, grade, direction, channel, contact_id, subject=subject)
        return [fact]


def _calls(deal_id: str, activity: Record, around: Around, now: datetime, contact_id: str) -> list[Evidence]:
    """A conversation is believed when the statistics have it; a call typed in is a seller's word."""
    rows = around.calls.get(str(activity["ID"]), ())
    if rows:
        return [_telephony(deal_id, activity, row, now, contact_id) for row in rows if _is_talk(row)]
    direction = Direction.INCOMING if str(activity.get("DIRECTION")) == "1" else Direction.OUTGOING
    if str(activity.get("PROVIDER_ID")) == CALLS:
        # Its row comes a moment later, unless we may not read the statistics: then it is a trace.
        is_trace = not around.has_statistics
        grade = Grade.C
    else:
        is_trace, grade = is_yes(activity.get("COMPLETED")), Grade.D
    if not is_trace:
        return []
    return [_fact(deal_id, activity, now, EvidenceKind.CALL, grade, direction, "call", contact_id)]


def _is_talk(row: Record) -> bool:
    return str(row.get("CALL_TYPE")) != INFO_CALL


def _telephony(deal_id: str, activity: Record, row: Record, now: datetime, contact_id: str) -> Evidence:
    """https://apidocs.bitrix24.com/api-reference/telephony/voximplant/statistic/voximplant-statistic-get.html"""
    is_incoming = str(row.get("CALL_TYPE")) in (CALLED_US, REDIRECTED)
    seconds = number(row.get("CALL_DURATION")) if str(row.get("CALL_FAILED_CODE")) == ANSWERED else 0
    return Evidence(
        source_id=f"call:{row['ID']}",
        deal_id=deal_id,
        kind=EvidenceKind.CALL,
        grade=Grade.B if seconds else Grade.C,
        occurred_at=moment(row["CALL_START_DATE"]),
        recorded_at=now,
        direction=Direction.INCOMING if is_incoming else Direction.OUTGOING,
        seconds=seconds,
        text=str(activity.get("SUBJECT") or "")[:TEXT_LIMIT],
        author_id=id_of(row.get("PORTAL_USER_ID")),
        contact_id=contact_id,
        channel="call",
    )


def _chat(deal_id: str, activity: Record, around: Around, now: datetime, contact_id: str) -> list[Evidence]:
    """Every message of the client counts; a chat that nobody may read is a trace of one."""
    session = around.sessions.get(str(activity["ID"]))
    if session is None:
        if not is_yes(activity.get("IS_INCOMING_CHANNEL")):
            return []
        kind, direction = EvidenceKind.MESSAGE, Direction.INCOMING
        return [_fact(deal_id, activity, now, kind, Grade.C, direction, "messenger", contact_id)]
    people = tree(session.get("users"))
    facts = []
    for message in tree(session.get("message")).values():
        sender = id_of(child(message, "senderid"))
        if sender:
            facts.append(_message(deal_id, message, tree(people.get(sender)), now, contact_id))
    return facts


def _message(deal_id: str, message: Record, sender: Record, now: datetime, contact_id: str) -> Evidence:
    """Who writes from an outer channel is the client.

    https://apidocs.bitrix24.com/api-reference/imopenlines/openlines/sessions/imopenlines-session-history-get.html
    """
    is_client = bool(sender.get("connector"))
    return Evidence(
        source_id=f"message:{message['id']}",
        deal_id=deal_id,
        kind=EvidenceKind.MESSAGE,
        grade=Grade.B if is_client else Grade.C,
        occurred_at=moment(message["date"]),
        recorded_at=now,
        direction=Direction.INCOMING if is_client else Direction.OUTGOING,
        text=str(message.get("text") or "")[:TEXT_LIMIT],
        author_id="" if is_client or sender.get("bot") else id_of(sender.get("id")),
        contact_id=contact_id,
        channel="messenger",
    )


def _work(deal_id: str, activity: Record, provider: str, now: datetime) -> list[Evidence]:
    """To-dos, meetings and tasks, once they are ticked off."""
    subject = WORK.get(provider) or ("meeting" if str(activity.get("TYPE_ID")) == "1" else "")
    if not subject or not is_yes(activity.get("COMPLETED")):
        return []
    fact = _fact(
        deal_id, activity, now, EvidenceKind.TASK, Grade.D, None, "", "", subject=subject, at="LAST_UPDATED"
    )
    return [fact]


def _fact(
    deal_id: str,
    activity: Record,
    now: datetime,
    kind: EvidenceKind,
    grade: Grade,
    direction: Direction | None,
    channel: str,
    contact_id: str,
    *,
    subject: str = "",
    at: str = "CREATED",
) -> Evidence:
    text = "\n".join(str(activity.get(name) or "") for name in ("SUBJECT", "DESCRIPTION"))
    return Evidence(
        source_id=f"activity:{activity['ID']}",
        deal_id=deal_id,
        kind=kind,
        grade=grade,
        occurred_at=moment(activity[at]),
        recorded_at=now,
        direction=direction,
        subject=subject,
        text=text.strip()[:TEXT_LIMIT],
        author_id=id_of(activity.get("RESPONSIBLE_ID")),
        contact_id=contact_id,
        channel=channel,
    )
