"""What the pages are given: cards of the board and the lead card with its feed."""

from app.sandbox.amocrm import field_values
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Contact, CustomField, Event, Lead, Note, Task
from app.sandbox.amocrm.rest.wire import Json

FEED_EVENTS = {
    "lead_status_changed",
    "lead_added",
    "entity_tag_added",
    "entity_tag_deleted",
    "entity_responsible_changed",
    "sale_field_changed",
    "name_field_changed",
    "lead_restored",
    "incoming_chat_message",
    "outgoing_chat_message",
}


def board_lead(account: Account, lead: Lead) -> Json:
    """A card on the board."""
    main = account.contacts.get(lead.contact_ids[0]) if lead.contact_ids else None
    company = account.contacts.get(lead.company_id or 0)
    return {
        "id": lead.id,
        "name": lead.name,
        "price": lead.price,
        "pipeline_id": lead.pipeline_id,
        "status_id": lead.status_id,
        "responsible_user_id": lead.responsible_user_id,
        "tags": [account.tags[tag].name for tag in lead.tags],
        "contact_name": main.name if main else None,
        "contact": {"id": main.id, "name": main.name} if main else None,
        "company": {"id": company.id, "name": company.name} if company else None,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
        "stage_since": lead.stage_since,
        "has_task": any(
            not account.tasks[task].is_completed for task in account.tasks_of.get(("leads", lead.id), ())
        ),
    }


def lead_card(account: Account, lead: Lead) -> Json:
    """Everything that the card shows."""
    reason = account.loss_reasons.get(lead.loss_reason_id or 0)
    tasks = [task(account.tasks[number]) for number in account.tasks_of.get(("leads", lead.id), ())]
    return board_lead(account, lead) | {
        "created_by": lead.created_by,
        "updated_by": lead.updated_by,
        "closed_at": lead.closed_at,
        "source": lead.source_name,
        "loss_reason": {"id": reason.id, "name": reason.name} if reason else None,
        "fields": [
            field(item, lead.fields.get(item.id, []))
            for item in account.fields.values()
            if item.entity == "leads"
        ],
        "contacts": [contact(account, account.contacts[number]) for number in lead.contact_ids],
        "tasks": tasks,
        "feed": feed(account, lead),
    }


def field(item: CustomField, values: list[dict[str, object]]) -> Json:
    """A field with its value, ready for an input."""
    texts = [field_values.as_text(value.get("value")) for value in values]
    return {
        "id": item.id,
        "name": item.name,
        "type": item.type,
        "code": item.code,
        "is_api_only": item.is_api_only,
        "enums": [enum.value for enum in item.enums],
        "required_statuses": [
            {"pipeline_id": line, "status_id": stage} for line, stage in item.required_statuses
        ],
        "values": texts,
        "value": texts[0] if texts else "",
    }


def contact(account: Account, item: Contact) -> Json:
    """A contact of the card."""
    entity = "contacts" if item.kind == "contact" else "companies"
    shown: Json = {"id": item.id, "name": item.name, "kind": item.kind}
    for key, code in (("phones", "PHONE"), ("emails", "EMAIL")):
        known = account.field_by_code(entity, code)
        shown[key] = [value.get("value") for value in item.fields.get(known.id, [])] if known else []
    return shown | {"lead_ids": item.lead_ids, "open_lead_ids": account.open_leads_of(item)}


def task(item: Task) -> Json:
    """A task of the card."""
    return {
        "id": item.id,
        "text": item.text,
        "task_type_id": item.task_type_id,
        "complete_till": item.complete_till,
        "responsible_user_id": item.responsible_user_id,
        "is_completed": item.is_completed,
        "result": item.result,
        "created_by": item.created_by,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }


def feed(account: Account, lead: Lead) -> list[Json]:
    """The feed, oldest first: notes (the contacts' calls too), moves, messages, field changes."""
    holders = [("leads", lead.id), *(("contacts", number) for number in lead.contact_ids)]
    notes = [account.notes[number] for holder in holders for number in account.notes_of.get(holder, ())]
    rows = [_note(note) for note in notes]
    for event in account.journal.of("lead", lead.id):
        if event.type in FEED_EVENTS or event.type.startswith("custom_field_"):
            rows.append(_event(account, event))
    return sorted(rows, key=lambda row: (float(str(row["at"])), str(row["id"])))


def _note(note: Note) -> Json:
    return {
        "kind": "note",
        "id": f"note-{note.id}",
        "note_id": note.id,
        "type": note.note_type,
        "entity": note.entity,
        "entity_id": note.entity_id,
        "params": note.params,
        "by": note.created_by,
        "at": note.created_at,
        "updated_at": note.updated_at,
    }


def _event(account: Account, event: Event) -> Json:
    row: Json = {
        "kind": "event",
        "id": event.id,
        "type": event.type,
        "by": event.created_by,
        "at": event.created_at,
        "after": event.value_after,
        "before": event.value_before,
    }
    if event.type.endswith("_chat_message"):
        value = event.value_after[0]["message"]
        message = account.messages.get(str(value["id"])) if isinstance(value, dict) else None
        if message:
            row["message"] = {"text": message.text, "author": message.author, "channel": message.origin}
    return row
