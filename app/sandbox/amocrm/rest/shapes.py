"""Records as REST shows them; key sets follow the documentation's examples."""

from app.sandbox.amocrm import field_values
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import (
    ENTITY_OF,
    Contact,
    CustomField,
    Event,
    Lead,
    LossReason,
    Note,
    Pipeline,
    Status,
    Task,
    User,
)
from app.sandbox.amocrm.rest.wire import Json, link


def lead(account: Account, item: Lead, also: set[str]) -> Json:
    """A lead; `also` are the names in `with=`."""
    body: Json = {
        "id": item.id,
        "name": item.name,
        "price": item.price,
        "responsible_user_id": item.responsible_user_id,
        "group_id": 0,
        "status_id": item.status_id,
        "pipeline_id": item.pipeline_id,
        "loss_reason_id": item.loss_reason_id,
        "source_id": item.source_id if "source_id" in also or "source" in also else None,
        "created_by": item.created_by,
        "updated_by": item.updated_by,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "closed_at": item.closed_at,
        "closest_task_at": closest_task(account, "leads", item.id),
        "is_deleted": item.is_deleted,
        "custom_fields_values": values(account, item),
        "score": None,
        "account_id": account.id,
        "labor_cost": None,
    }
    if "is_price_modified_by_robot" in also:
        body["is_price_modified_by_robot"] = False
    body |= {"_links": link(account, f"leads/{item.id}"), "_embedded": _lead_embedded(account, item, also)}
    return body


def _lead_embedded(account: Account, item: Lead, also: set[str]) -> Json:
    companies = [item.company_id] if item.company_id else []
    embedded: Json = {
        "tags": tags(account, item.tags),
        "companies": [{"id": number, "_links": link(account, f"companies/{number}")} for number in companies],
    }
    if "contacts" in also:
        embedded["contacts"] = [
            {"id": number, "is_main": index == 0, "_links": link(account, f"contacts/{number}")}
            for index, number in enumerate(item.contact_ids)
        ]
    if "catalog_elements" in also:
        embedded["catalog_elements"] = []
    if "loss_reason" in also:
        reason = account.loss_reasons.get(item.loss_reason_id or 0)
        embedded["loss_reason"] = [loss_reason(account, reason)] if reason else []
    if "source" in also:
        embedded["source"] = {"id": item.source_id, "name": item.source_name} if item.source_id else None
    return embedded


def closest_task(account: Account, entity: str, entity_id: int) -> int | None:
    """The nearest deadline of an open task."""
    open_tasks = [account.tasks[number] for number in account.tasks_of.get((entity, entity_id), ())]
    return min((task.complete_till for task in open_tasks if not task.is_completed), default=None)


def tags(account: Account, numbers: list[int]) -> list[Json]:
    """Tags as they are embedded."""
    found = [account.tags[number] for number in numbers]
    return [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in found]


def values(account: Account, item: Lead | Contact) -> list[Json] | None:
    """custom_fields_values: null when nothing is filled."""
    filled = [field_values.as_api(account.fields[key], kept) for key, kept in item.fields.items()]
    return filled or None


def contact(account: Account, item: Contact, also: set[str]) -> Json:
    """A contact or a company."""
    entity = ENTITY_OF[item.kind]
    first, _, last = item.name.partition(" ")
    body: Json = {"id": item.id, "name": item.name}
    body |= {"first_name": first, "last_name": last} if item.kind == "contact" else {}
    body |= {
        "responsible_user_id": item.responsible_user_id,
        "group_id": 0,
        "created_by": item.created_by,
        "updated_by": item.updated_by,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
    body |= {"is_unsorted": False} if item.kind == "contact" else {}
    body |= {
        "closest_task_at": closest_task(account, entity, item.id),
        "is_deleted": item.is_deleted,
        "custom_fields_values": values(account, item),
        "account_id": account.id,
        "_links": link(account, f"{entity}/{item.id}"),
    }
    embedded: Json = {"tags": tags(account, item.tags)}
    if item.kind == "contact":
        number = item.company_id
        embedded["companies"] = (
            [{"id": number, "_links": link(account, f"companies/{number}")}] if number else []
        )
    if "leads" in also:
        embedded["leads"] = [
            {"id": number, "_links": link(account, f"leads/{number}")} for number in item.lead_ids
        ]
    return body | {"_embedded": embedded}


def note(account: Account, item: Note) -> Json:
    """A note; calls keep their details in params."""
    return {
        "id": item.id,
        "entity_id": item.entity_id,
        "created_by": item.created_by,
        "updated_by": item.updated_by,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "responsible_user_id": item.responsible_user_id,
        "group_id": 0,
        "note_type": item.note_type,
        "params": item.params,
        "account_id": account.id,
        "_links": link(account, f"{item.entity}/{item.entity_id}/notes/{item.id}"),
    }


def task(account: Account, item: Task) -> Json:
    """A task; an empty result is a list, a given one a map."""
    return {
        "id": item.id,
        "created_by": item.created_by,
        "updated_by": item.updated_by,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "responsible_user_id": item.responsible_user_id,
        "group_id": 0,
        "entity_id": item.entity_id,
        "entity_type": item.entity,
        "duration": item.duration,
        "is_completed": item.is_completed,
        "task_type_id": item.task_type_id,
        "text": item.text,
        "result": {"text": item.result} if item.result else [],
        "complete_till": item.complete_till,
        "account_id": account.id,
        "_links": link(account, f"tasks/{item.id}"),
    }


def event(account: Account, item: Event) -> Json:
    """A line of the events log."""
    entity = ENTITY_OF[item.entity]
    embedded: Json = {"id": item.entity_id, "_links": link(account, f"{entity}/{item.entity_id}")}
    if item.linked_talk_contact_id:
        embedded["linked_talk_contact_id"] = item.linked_talk_contact_id
    return {
        "id": item.id,
        "type": item.type,
        "entity_id": item.entity_id,
        "entity_type": item.entity,
        "created_by": item.created_by,
        "created_at": item.created_at,
        "value_after": item.value_after,
        "value_before": item.value_before,
        "account_id": account.id,
        "_links": link(account, f"events/{item.id}"),
        "_embedded": {"entity": embedded},
    }


def status(account: Account, item: Status) -> Json:
    """A stage."""
    return {
        "id": item.id,
        "name": item.name,
        "sort": item.sort,
        "is_editable": item.is_editable,
        "pipeline_id": item.pipeline_id,
        "color": item.color,
        "type": item.type,
        "account_id": account.id,
        "_links": link(account, f"leads/pipelines/{item.pipeline_id}/statuses/{item.id}"),
    }


def pipeline(account: Account, item: Pipeline) -> Json:
    """A pipeline with its stages in board order."""
    stages = sorted(item.statuses.values(), key=lambda stage: stage.sort)
    return {
        "id": item.id,
        "name": item.name,
        "sort": item.sort,
        "is_main": item.is_main,
        "is_unsorted_on": item.is_unsorted_on,
        "is_archive": item.is_archive,
        "account_id": account.id,
        "_links": link(account, f"leads/pipelines/{item.id}"),
        "_embedded": {"statuses": [status(account, stage) for stage in stages]},
    }


def loss_reason(account: Account, item: LossReason) -> Json:
    """A loss reason."""
    return {
        "id": item.id,
        "name": item.name,
        "sort": item.sort,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "_links": link(account, f"leads/loss_reasons/{item.id}"),
    }


def user(account: Account, item: User) -> Json:
    """A user with his rights: A everything, M only own, D nothing."""
    level = "A" if item.is_admin else "M"
    entity = {
        "view": "A",
        "edit": level,
        "add": "A",
        "delete": level if item.is_admin else "D",
        "export": "D",
    }
    rights: Json = {
        "leads": entity,
        "contacts": entity,
        "companies": entity,
        "tasks": {"edit": level, "delete": level},
        "mail_access": False,
        "catalog_access": False,
        "status_rights": [],
        "is_admin": item.is_admin,
        "is_free": item.is_free,
        "is_active": item.is_active,
        "group_id": item.group_id,
        "role_id": item.role_id,
    }
    return {
        "id": item.id,
        "name": item.name,
        "email": item.email,
        "lang": item.lang,
        "rights": rights | item.rights,
        "_links": link(account, f"users/{item.id}/"),
        "_embedded": {
            "roles": [],
            "groups": [{"id": item.group_id, "name": account.groups.get(item.group_id, "")}],
        },
    }


def custom_field(account: Account, item: CustomField) -> Json:
    """A custom field; `required_statuses` are the stages that cannot be entered without it."""
    enums = [
        {"id": enum.id, "value": enum.value, "sort": enum.sort} | ({"code": enum.code} if enum.code else {})
        for enum in item.enums
    ]
    required = [{"status_id": stage, "pipeline_id": line} for line, stage in item.required_statuses]
    return {
        "id": item.id,
        "name": item.name,
        "type": item.type,
        "account_id": account.id,
        "code": item.code,
        "sort": item.sort,
        "is_api_only": item.is_api_only,
        "enums": enums or None,
        "group_id": None,
        "required_statuses": required,
        "is_deletable": not item.is_predefined,
        "is_predefined": item.is_predefined,
        "entity_type": item.entity,
        "settings": None,
        "remind": None,
        "_links": link(account, f"{item.entity}/custom_fields/{item.id}"),
    }
