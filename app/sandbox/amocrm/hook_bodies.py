"""Bodies of webhooks in their old (v2) shape, built from the account as it stands at that moment."""

import json
from datetime import UTC, datetime

from app.sandbox.amocrm.field_values import as_text
from app.sandbox.amocrm.model import Contact, CustomField, Lead, Note, Notice, Task
from app.sandbox.amocrm.state import AccountState

Body = dict[str, object]
ELEMENT_TYPES = {"contacts": 1, "leads": 2, "companies": 3}
NOTE_TYPE_NUMBERS = {"common": 4, "attachment": 5, "call_in": 10, "call_out": 11, "service_message": 25}
# One action raises several hooks; the doc's samples show stage fields in update hooks as well.
PAIRS = {
    "status_lead": ("update_lead", "status_lead"),
    "responsible_lead": ("update_lead", "responsible_lead"),
}


def hooks_of(account: AccountState, notice: Notice) -> list[tuple[str, Body]]:
    """(subscription code, body without the account block) for everything that a change raises."""
    codes = list(PAIRS.get(notice.code, (notice.code,)))
    order = account.faults.pair_order
    if order == "status_first" or (order == "random" and account.rng.random() < 0.5):
        codes.reverse()
    made: list[tuple[str, Body]] = []
    for code in codes:
        for ids in _groups(notice.ids, account.faults.mass_hooks):
            body = _body(account, code, ids, notice)
            if body:
                made.append((code, body))
    if notice.code == "update_task" and notice.extra.get("action_close") and account.faults.double_task_hooks:
        made = [*made, *made]
    if notice.extra.get("twice"):
        made = [*made, *made]
    return made


def _groups(ids: tuple[int, ...], mode: str) -> list[tuple[int, ...]]:
    singles: list[tuple[int, ...]] = [(number,) for number in ids]
    if len(ids) == 1 or mode == "single":
        return singles
    return [ids] if mode == "grouped" else [ids, *singles]


def _body(account: AccountState, code: str, ids: tuple[int, ...], notice: Notice) -> Body | None:
    action, _, kind = code.partition("_")
    if kind == "lead":
        return {"leads": {action: [_lead(account, number, action, notice) for number in ids]}}
    if kind in {"contact", "company"}:
        # A change of the responsible person of a contact arrives as an update.
        return {"contacts": {action: [_contact(account, number, action, notice) for number in ids]}}
    if kind == "task":
        return {"task": {action: [_task(account, number, notice) for number in ids]}}
    if kind == "message":
        return {"message": {"add": [_message(account, str(notice.extra["message"]))]}}
    if kind == "talk":
        return {"talk": {action: [_talk(account, number) for number in ids]}}
    if kind == "unsorted":
        return {"unsorted": {action: [_unsorted(account, str(notice.extra["uid"]), action, notice.by)]}}
    return None


def _lead(account: AccountState, number: int, action: str, notice: Notice) -> Body:
    lead = account.leads[number]
    if action == "note":
        return {"note": _note(account, account.notes[int(str(notice.extra["note"]))])}
    if action == "delete" or (account.faults.thin_hooks and action in {"add", "status"}):
        return {"id": lead.id, "status_id": lead.status_id, "pipeline_id": lead.pipeline_id}
    body: Body = {"id": lead.id, "name": _clean(account, lead.name), "status_id": lead.status_id}
    if action != "add" and lead.old_status_id is not None:
        body["old_status_id"] = lead.old_status_id
        if action == "status" and account.faults.old_pipeline_in_hooks:
            body["old_pipeline_id"] = lead.old_pipeline_id
    body |= {"price": lead.price, "responsible_user_id": lead.responsible_user_id}
    if action != "add" and lead.old_responsible_user_id is not None:
        body["old_responsible_user_id"] = lead.old_responsible_user_id
    body |= {
        "last_modified": lead.updated_at,
        "modified_user_id": _author(account, lead.updated_by),
        "created_user_id": lead.created_by,
        "date_create": lead.created_at,
        "pipeline_id": lead.pipeline_id,
    }
    if lead.tags:
        body["tags"] = [{"id": tag, "name": account.tags[tag].name} for tag in lead.tags]
    body["account_id"] = account.id
    body |= _fields(account, lead)
    return body | {"created_at": lead.created_at, "updated_at": lead.updated_at}


def _contact(account: AccountState, number: int, action: str, notice: Notice) -> Body:
    contact = account.contacts[number]
    if action == "delete":
        return {"id": contact.id, "type": contact.kind}
    if action == "note":
        note = account.notes[int(str(notice.extra["note"]))]
        return {"note": _note(account, note), "type": contact.kind}
    body: Body = {
        "id": contact.id,
        "name": _clean(account, contact.name),
        "responsible_user_id": contact.responsible_user_id,
        "date_create": contact.created_at,
        "last_modified": contact.updated_at,
        "created_user_id": contact.created_by,
        "modified_user_id": _author(account, contact.updated_by),
        "account_id": account.id,
    }
    body |= _fields(account, contact)
    if contact.lead_ids:
        # Keyed by lead id, not numbered from zero.
        body["linked_leads_id"] = {lead_id: {"ID": lead_id} for lead_id in contact.lead_ids}
    if action != "add":
        body["old_responsible_user_id"] = contact.old_responsible_user_id or contact.responsible_user_id
    return body | {
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
        "type": contact.kind,
    }


def _fields(account: AccountState, holder: Lead | Contact) -> Body:
    filled = [(account.fields[number], values) for number, values in holder.fields.items()]
    if not filled:
        return {}
    return {"custom_fields": [_field(account, known, values) for known, values in filled]}


def _field(account: AccountState, known: CustomField, values: list[dict[str, object]]) -> Body:
    shown: object
    if known.type in {"date", "date_time"}:
        shown = [as_text(value["value"]) for value in values]
    else:
        maps = [_value(account, value) for value in values]
        shown = maps[0] if known.type == "radiobutton" and maps else maps
    body: Body = {"id": known.id, "name": known.name, "values": shown}
    return body | {"code": known.code} if known.code else body


def _value(account: AccountState, value: dict[str, object]) -> Body:
    body: Body = {"value": _clean(account, as_text(value["value"]))}
    return body | {"enum": value["enum_id"]} if value.get("enum_id") else body


def _task(account: AccountState, number: int, notice: Notice) -> Body:
    task = account.tasks[number]
    body: Body = {
        "id": task.id,
        "element_id": task.entity_id,
        "element_type": ELEMENT_TYPES.get(task.entity or "", 0),
        "task_type": task.task_type_id,
        "date_create": _date(account, task.created_at),
        "text": _clean(account, task.text),
        "status": int(task.is_completed),
        "account_id": account.id,
        "created_user_id": task.created_by,
        "last_modified": _date(account, task.updated_at),
        "responsible_user_id": task.responsible_user_id,
        "complete_till": _date(account, task.complete_till),
    }
    if notice.extra.get("action_close"):
        body["action_close"] = 1
        if task.result:
            body["result"] = {"id": task.id + 1, "text": _clean(account, task.result)}
    body |= {"old_text": task.old_text} if task.old_text else {}
    body |= _old_owner(task)
    return body | {
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "complete_before": task.complete_till,
    }


def _old_owner(task: Task) -> Body:
    if task.old_responsible_user_id is None:
        return {}
    return {
        "main_user": task.responsible_user_id,
        "modified_by": task.updated_by,
        "old_responsible_user_id": task.old_responsible_user_id,
    }


def _note(account: AccountState, note: Note) -> Body:
    author = account.users.get(note.created_by)
    source = {"id": note.created_by, "author_name": author.name if author else "", "type": 1}
    return {
        "text": _clean(account, str(note.params.get("text", ""))),
        "attachement": note.params.get("file_name", ""),
        "date_create": _date(account, note.created_at),
        "note_type": NOTE_TYPE_NUMBERS.get(note.note_type, 25),
        "element_type": ELEMENT_TYPES[note.entity],
        "element_id": note.entity_id,
        "account_id": account.id,
        "metadata": json.dumps({"event_source": source}, ensure_ascii=False),
        "created_by": note.created_by,
        "modified_by": note.updated_by,
        "main_user_id": note.responsible_user_id,
        "id": note.id,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
    }


def _message(account: AccountState, number: str) -> Body:
    message = account.messages[number]
    talk = account.talks[message.talk_id]
    body: Body = {"id": message.id, "chat_id": talk.chat_id, "talk_id": talk.id}
    body |= {"contact_id": message.contact_id} if message.contact_id else {}
    body |= {"text": message.text, "created_at": message.created_at}
    if message.lead_id:
        body |= {"element_type": 2, "entity_type": "lead"}
        body |= {"element_id": message.lead_id, "entity_id": message.lead_id}
    author: Body = {"id": talk.chat_id, "type": "external" if message.incoming else "internal"}
    author["name"] = _clean(account, message.author)
    return body | {
        "type": "incoming" if message.incoming else "outgoing",
        "author": author,
        "origin": message.origin,
    }


def _talk(account: AccountState, number: int) -> Body:
    talk = account.talks[number]
    return {
        "talk_id": talk.id,
        "created_at": talk.created_at,
        "updated_at": talk.updated_at,
        "rate": 0,
        "contact_id": talk.contact_id,
        "chat_id": talk.chat_id,
        "entity_id": talk.lead_id,
        "entity_type": "lead",
        "is_in_work": int(talk.is_in_work),
        "is_read": int(talk.is_read),
        "origin": talk.origin,
    }


def _unsorted(account: AccountState, uid: str, action: str, by: int) -> Body:
    item = account.unsorted[uid]
    body: Body = {"uid": uid, "category": item.category, "created_at": item.created_at}
    if action == "delete" and item.outcome:
        return (
            {"action": item.outcome}
            | body
            | {
                "modified_user_id": by,
                f"{item.outcome}_result": {"leads": [item.lead_id]},
            }
        )
    return body | {
        "account_id": account.id,
        "source": item.source_name,
        "pipeline_id": item.pipeline_id,
        "source_data": item.metadata,
        "lead_id": item.lead_id,
    }


def account_block(account: AccountState) -> Body:
    """The envelope that tells which account speaks."""
    block: Body = {"subdomain": account.subdomain}
    if account.faults.account_block_id:
        block["id"] = account.id
    return {"account": block | {"_links": {"self": account.config.origin}}}


def _author(account: AccountState, user_id: int) -> int:
    """People's changes sometimes carry 0, as robots' do."""
    rate = account.faults.zero_author_rate
    return 0 if rate and account.rng.random() < rate else user_id


def _clean(account: AccountState, text: str) -> str:
    return text.replace("&", "&amp;") if account.faults.escape_ampersands else text


def _date(account: AccountState, second: int) -> str:
    shifted = second + account.faults.string_dates_offset
    return datetime.fromtimestamp(shifted, UTC).strftime("%Y-%m-%d %H:%M:%S")
