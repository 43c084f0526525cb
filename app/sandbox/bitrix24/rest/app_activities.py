"""To-dos, and activities whose look an application gives, with their labels on the board.

https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/configurable/index.html
"""

from app.sandbox.bitrix24.model import PROVIDER, Activity
from app.sandbox.bitrix24.rest.activities import known_activity, owner_of
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import moment_of
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError, as_tree, truth, whole


@method("crm.activity.todo.add")
def add_todo(call: Call) -> object:
    """A to-do with a deadline."""
    deadline = moment_of(call.param("deadline"), call.portal.config.utc_offset)
    if deadline is None:
        raise RestError(400, "100", "Could not find value for parameter {deadline}")
    activity = call.portal.add_todo(
        owner_of(call, call.params, "ownerTypeId", "ownerId"),
        call.act,
        title=call.text("title"),
        text=call.text("description"),
        deadline=deadline,
        responsible_id=whole(call.param("responsibleId")) or call.user.id,
    )
    return {"id": activity.id}


@method("crm.activity.todo.updateDeadline")
def move_todo(call: Call) -> object:
    """Another deadline for a to-do."""
    deadline = moment_of(call.param("value"), call.portal.config.utc_offset)
    activity = known_activity(call)
    call.portal.update_activity(activity, call.act, deadline=deadline)
    return {"id": activity.id}


def _described(activity: Activity) -> Json:
    return {
        "id": activity.id,
        "ownerTypeId": activity.owner[0],
        "ownerId": activity.owner[1],
        "fields": {
            "typeId": activity.provider_type_id,
            "completed": activity.completed,
            "badgeCode": activity.badge_code or None,
            "responsibleId": activity.responsible_id,
            "originatorId": activity.originator_id or None,
            "originId": activity.origin_id or None,
            "isIncomingChannel": "Y" if activity.is_incoming else "N",
        },
        "layout": activity.layout,
    }


def _configurable(call: Call, given: Json, layout: Json) -> Json:
    if truth(given.get("isIncomingChannel")) and given.get("deadline"):
        raise RestError(400, "WRONG_FIELD_VALUE", "An incoming activity cannot have a deadline")
    badge = str(given.get("badgeCode") or "")
    if badge and badge not in call.app.badges:
        raise RestError(400, "NOT_FOUND", f"Badge {badge} is not registered")
    changes: Json = {"layout": layout} if layout else {}
    if "badgeCode" in given:
        changes["badge_code"] = badge
    if "completed" in given:
        changes["completed"] = truth(given["completed"])
    if "deadline" in given:
        changes["deadline"] = moment_of(given["deadline"], call.portal.config.utc_offset)
    for name, attribute in (("originatorId", "originator_id"), ("originId", "origin_id")):
        if name in given:
            changes[attribute] = str(given[name] or "")
    return changes


@method("crm.activity.configurable.add", for_app=True)
def add_configurable(call: Call) -> object:
    """An activity whose look the application gives."""
    link = owner_of(call, call.params, "ownerTypeId", "ownerId")
    given, layout = call.tree("fields"), call.tree("layout")
    if not layout:
        raise RestError(400, "100", "Could not find value for parameter {layout}")
    changes = _configurable(call, given, layout)
    activity = call.portal.put_activity(
        [link],
        call.act,
        type_id=PROVIDER,
        provider_id="CONFIGURABLE_REST_APP",
        provider_type_id=str(given.get("typeId") or "CONFIGURABLE"),
        subject=_title_of(layout),
        responsible_id=whole(given.get("responsibleId")) or call.user.id,
        is_incoming=truth(given.get("isIncomingChannel")),
        completed=truth(given.get("completed")),
        app_id=call.app.client_id,
    )
    for name, value in changes.items():
        setattr(activity, name, value)
    return {"activity": _described(activity)}


def _title_of(layout: Json) -> str:
    return str(as_tree(layout.get("header")).get("title") or "")


@method("crm.activity.configurable.update", for_app=True)
def update_configurable(call: Call) -> object:
    """Another look for it; only its own application may."""
    activity = _own(call)
    changes = _configurable(call, call.tree("fields"), call.tree("layout"))
    call.portal.update_activity(activity, call.act, **changes)
    return {"activity": _described(activity)}


@method("crm.activity.configurable.get", for_app=True)
def get_configurable(call: Call) -> object:
    """One of the application's own activities."""
    return {"activity": _described(_own(call))}


def _own(call: Call) -> Activity:
    activity = known_activity(call)
    if activity.app_id != call.app.client_id:
        raise RestError(400, "ERROR_WRONG_APPLICATION", "The activity belongs to another application")
    return activity


@method("crm.activity.badge.add", for_app=True, for_admin=True)
def add_badge(call: Call) -> object:
    """A label that activities put on the card in the kanban."""
    code = call.text("code")
    badge: Json = {key: call.param(key) for key in ("code", "title", "value", "type")}
    call.app.badges[code] = badge
    return {"badge": badge}


@method("crm.activity.badge.list", for_app=True)
def badges(call: Call) -> object:
    """The application's labels."""
    return {"badges": list(call.app.badges.values())}


@method("crm.activity.badge.delete", for_app=True, for_admin=True)
def delete_badge(call: Call) -> object:
    """A label goes."""
    call.app.badges.pop(call.text("code"), None)
    return None
