"""How deals, their timelines and the portal's arrangement look to the page."""

from app.sandbox.bitrix24.apps import App
from app.sandbox.bitrix24.model import COMPANY, CONTACT, DEAL, INVOICE, Activity, Item, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json

SHOWN_MESSAGES = 50


def user(item: User) -> Json:
    """A person with his role."""
    return {
        "id": item.id,
        "name": item.full_name,
        "position": item.position,
        "is_admin": item.is_admin,
        "is_active": item.is_active,
        "lang": item.lang,
        "sees": item.sees,
        "role_id": item.role_id,
        "refused_stages": sorted(item.refused_stages),
        "hidden_categories": sorted(item.hidden_categories),
    }


def funnels(portal: Portal) -> list[Json]:
    """The funnels of deals with their stages in order."""
    found = [category for (kind, _), category in portal.categories.items() if kind == DEAL]
    return [
        {
            "id": category.id,
            "name": category.name,
            "stages": [
                {
                    "id": stage.status_id,
                    "name": stage.name,
                    "color": stage.color,
                    "semantics": stage.semantics,
                    "required": stage.required,
                    "robots": [
                        {"kind": robot.kind, "value": robot.value}
                        for robot in portal.robots.get(stage.status_id, [])
                    ],
                }
                for stage in portal.stages_of(DEAL, category.id)
            ],
        }
        for category in sorted(found, key=lambda category: category.sort)
    ]


def fields(portal: Portal) -> list[Json]:
    """The custom fields of deals."""
    return [
        {
            "name": field.name,
            "label": field.label,
            "kind": field.kind,
            "is_multiple": field.is_multiple,
            "items": [{"id": number, "name": text} for number, text in field.items.items()],
        }
        for field in portal.user_fields.values()
        if field.entity_id == "CRM_DEAL"
    ]


def app(item: App) -> Json:
    """An application as the settings show it; the secret stays inside."""
    return {
        "client_id": item.client_id,
        "name": item.name,
        "kind": item.kind,
        "handler_url": item.handler_url,
        "install_url": item.install_url,
        "scope": item.scope,
        "version": item.version,
        "present": item.present,
        "installed": item.installed,
        "payment_expired": item.payment_expired,
        "has_pages": item.has_pages,
        "places": [
            {"code": place.code, "title": place.title, "titles": place.titles, "handler": place.handler}
            for place in item.placements
        ],
    }


def tile(portal: Portal, deal: Item) -> Json:
    """A deal as the board shows it."""
    contact = portal.contact_of(deal)
    company = portal.clients[COMPANY].get(deal.company_id)
    assigned = portal.users.get(deal.assigned_by_id)
    return {
        "id": deal.id,
        "title": deal.title.strip() or f"Сделка #{deal.id}",
        "amount": deal.opportunity,
        "currency": deal.currency_id,
        "category_id": deal.category_id,
        "stage_id": deal.stage_id,
        "contact": contact.full_name if contact else "",
        "company": company.name if company else "",
        "assigned": assigned.full_name if assigned else "",
        "assigned_by_id": deal.assigned_by_id,
        "created": deal.created_time,
        "moved": deal.moved_time,
        "badges": badges(portal, deal),
        "open_acts": sum(not activity.completed for activity in activities(portal, deal)),
    }


def activities(portal: Portal, deal: Item) -> list[Activity]:
    """The activities of a deal, oldest first."""
    return [portal.activities[number] for number in portal.activities_of.get(deal.link, [])]


def badges(portal: Portal, deal: Item) -> list[Json]:
    """The labels that applications' open activities put on the tile."""
    found: list[Json] = []
    for activity in activities(portal, deal):
        owner = portal.apps.by_client.get(activity.app_id)
        badge = owner.badges.get(activity.badge_code) if owner and not activity.completed else None
        if badge:
            found.append(
                {"title": badge.get("title"), "value": badge.get("value"), "type": badge.get("type")}
            )
    return found


def card(portal: Portal, deal: Item) -> Json:
    """A deal with everything around it."""
    return tile(portal, deal) | {
        "comments": deal.comments,
        "closed": deal.closed,
        "source": portal.sources.get(deal.source_id, ""),
        "fields": {field.name: deal.fields.get(field.name) for field in portal.user_fields.values()},
        "client": _client(portal, deal),
        "timeline": timeline(portal, deal),
        "invoices": _invoices(portal, deal),
        "payments": [
            {"id": row.id, "amount": row.amount, "is_paid": row.is_paid}
            for row in portal.payments.values()
            if row.owner == deal.link
        ],
        "history": _history(portal, deal),
    }


def _client(portal: Portal, deal: Item) -> Json | None:
    contact = portal.contact_of(deal)
    if contact is None:
        return None
    return {
        "id": contact.id,
        "name": contact.full_name,
        "phones": contact.phones,
        "emails": contact.emails,
        "type": CONTACT,
    }


def _invoices(portal: Portal, deal: Item) -> list[Json]:
    stages = {stage.status_id: stage for (kind, _), stage in portal.stages.items() if kind == INVOICE}
    return [
        {
            "id": item.id,
            "title": item.title,
            "amount": item.opportunity,
            "stage": stages[item.stage_id].name,
            "semantics": stages[item.stage_id].semantics,
        }
        for item in portal.items[INVOICE].values()
        if item.parents.get(DEAL) == deal.id
    ]


def _history(portal: Portal, deal: Item) -> list[Json]:
    return [
        {"at": row.created_time, "stage": stage_name(portal, row.stage_id), "type": row.type_id}
        for row in portal.history_of.get(deal.link, [])
    ]


def stage_name(portal: Portal, stage_id: str) -> str:
    """A stage's name, or its code when it is no more."""
    stage = portal.stage(DEAL, stage_id)
    return stage.name if stage else stage_id


def timeline(portal: Portal, deal: Item) -> list[Json]:
    """What happened, newest first."""
    entries = [_activity(portal, item) for item in activities(portal, deal)]
    entries += [_comment(portal, number) for number in portal.comments_of.get(deal.link, [])]
    for before, row in enumerate(portal.history_of.get(deal.link, [])):
        earlier = portal.history_of[deal.link][before - 1].stage_id if before else ""
        entries.append(
            {
                "kind": "stage",
                "at": row.created_time,
                "from": stage_name(portal, earlier) if earlier else "",
                "to": stage_name(portal, row.stage_id),
            }
        )
    return sorted(entries, key=lambda entry: -float(str(entry["at"])))


def _activity(portal: Portal, activity: Activity) -> Json:
    author = portal.users.get(activity.author_id)
    entry: Json = {
        "kind": "activity",
        "id": activity.id,
        "provider": activity.provider_id,
        "at": activity.created,
        "title": activity.subject,
        "text": activity.description,
        "incoming": activity.direction == 1,
        "completed": activity.completed,
        "deadline": activity.deadline,
        "author": author.full_name if author else "",
        "layout": activity.layout or None,
        "task_id": activity.associated_id if activity.provider_id == "CRM_TASKS_TASK" else None,
    }
    call = portal.calls.get(portal.call_of.get(activity.id, 0))
    if call is not None:
        entry |= {"duration": call.duration, "failed_code": call.failed_code, "transcript": call.transcript}
    if activity.provider_id == "IMOPENLINES_SESSION":
        entry["messages"] = _messages(portal, activity)
    return entry


def _messages(portal: Portal, activity: Activity) -> list[Json]:
    owned = [portal.chats[number] for number in portal.chats_of.get(activity.owner, [])]
    chat = next((item for item in owned if item.activity_id == activity.id), None)
    if chat is None:
        return []
    return [
        {
            "at": message.at,
            "text": message.text,
            "author": _sender(portal, message.sender_id) or chat.client_name,
            "incoming": message.sender_id == chat.client_user_id,
        }
        for message in chat.messages[-SHOWN_MESSAGES:]
    ]


def _sender(portal: Portal, number: int) -> str:
    person = portal.users.get(number)
    return person.full_name if person else ""


def _comment(portal: Portal, number: int) -> Json:
    comment = portal.comments[number]
    return {
        "kind": "log" if comment.title else "comment",
        "id": comment.id,
        "at": comment.created,
        "title": comment.title,
        "text": comment.text,
        "author": _sender(portal, comment.author_id),
    }
