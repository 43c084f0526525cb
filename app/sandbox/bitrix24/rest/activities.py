"""`crm.activity.*`: what happened with clients, and what applications plan or show.

https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/index.html
"""

from collections.abc import Callable

from app.sandbox.bitrix24.model import DEAL, PROVIDER, Activity, Link
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError, as_list, as_tree, truth, whole

Spec = tuple[str, Callable[[Activity], object]]
FIELDS: dict[str, Spec] = {
    "ID": ("integer", lambda item: item.id),
    "OWNER_ID": ("integer", lambda item: item.owner[1]),
    "OWNER_TYPE_ID": ("integer", lambda item: item.owner[0]),
    "TYPE_ID": ("integer", lambda item: item.type_id),
    "PROVIDER_ID": ("string", lambda item: item.provider_id),
    "PROVIDER_TYPE_ID": ("string", lambda item: item.provider_type_id),
    "PROVIDER_GROUP_ID": ("string", lambda _: None),
    "ASSOCIATED_ENTITY_ID": ("integer", lambda item: item.associated_id),
    "SUBJECT": ("string", lambda item: item.subject),
    "CREATED": ("datetime", lambda item: item.created),
    "LAST_UPDATED": ("datetime", lambda item: item.last_updated),
    "START_TIME": ("datetime", lambda item: item.start),
    "END_TIME": ("datetime", lambda item: item.end),
    "DEADLINE": ("datetime", lambda item: item.deadline),
    "COMPLETED": ("boolean", lambda item: item.completed),
    "STATUS": ("integer", lambda item: 2 if item.completed else 1),
    "RESPONSIBLE_ID": ("integer", lambda item: item.responsible_id),
    "PRIORITY": ("integer", lambda _: 2),
    "NOTIFY_TYPE": ("integer", lambda _: 0),
    "NOTIFY_VALUE": ("integer", lambda _: 0),
    "DESCRIPTION": ("string", lambda item: item.description),
    "DESCRIPTION_TYPE": ("integer", lambda _: 1),
    "DIRECTION": ("integer", lambda item: item.direction),
    "LOCATION": ("string", lambda _: ""),
    "SETTINGS": ("list", lambda item: item.settings or []),
    "ORIGINATOR_ID": ("string", lambda item: item.originator_id or None),
    "ORIGIN_ID": ("string", lambda item: item.origin_id or None),
    "AUTHOR_ID": ("integer", lambda item: item.author_id),
    "EDITOR_ID": ("integer", lambda item: item.author_id),
    "PROVIDER_PARAMS": ("list", lambda item: item.provider_params or []),
    "PROVIDER_DATA": ("string", lambda _: None),
    "RESULT_MARK": ("integer", lambda _: 0),
    "RESULT_VALUE": ("string", lambda _: None),
    "RESULT_SUM": ("string", lambda _: None),
    "RESULT_CURRENCY_ID": ("string", lambda _: None),
    "RESULT_STATUS": ("integer", lambda _: 0),
    "RESULT_STREAM": ("integer", lambda _: 0),
    "RESULT_SOURCE_ID": ("string", lambda _: None),
    "AUTOCOMPLETE_RULE": ("integer", lambda _: 0),
    "IS_INCOMING_CHANNEL": ("boolean", lambda item: item.is_incoming),
}
ON_REQUEST: dict[str, Spec] = {
    "COMMUNICATIONS": ("list", lambda item: list(item.communications)),
    "FILES": ("list", lambda _: []),
    "BINDINGS": ("list", lambda item: [_binding(link) for link in item.bindings]),
}


def _binding(link: Link) -> Json:
    return {"OWNER_TYPE_ID": str(link[0]), "OWNER_ID": str(link[1])}


def _table(call: Call) -> Table[Activity]:
    columns = {name: Column(name, kind, read) for name, (kind, read) in (FIELDS | ON_REQUEST).items()}
    return Table(columns, "ID", offset=call.portal.config.utc_offset)


def known_activity(call: Call, name: str = "id") -> Activity:
    """The activity that a parameter names. Raises RestError."""
    activity = call.portal.activities.get(call.number(name))
    if activity is None:
        raise RestError(400, "", "Activity is not found.")
    if not _may_read(call, activity):
        raise RestError(400, "", "Access denied.")
    return activity


def _may_read(call: Call, activity: Activity) -> bool:
    if call.user.is_admin:
        return True
    deals = [call.portal.items[DEAL].get(link[1]) for link in activity.bindings if link[0] == DEAL]
    known = [deal for deal in deals if deal]
    return not known or any(call.portal.may_read(call.user, deal) for deal in known)


@method("crm.activity.get")
def get(call: Call) -> object:
    """One activity."""
    return _table(call).row(known_activity(call), [*FIELDS, "COMMUNICATIONS"])


@method("crm.activity.list")
def listed(call: Call) -> object:
    """A page of activities; BINDINGS finds them by each record that they are bound to."""
    table = _table(call)
    wanted = [str(name) for name in as_list(call.param("select"))]
    select = [name for name in wanted if name in table.columns and name != "*"]
    if not select or "*" in wanted:
        select = [*FIELDS, *select]
    rows = _bound(call)
    call.params = dict(call.params)
    key = next((key for key in call.params if key.lower() == "filter"), "filter")
    call.params[key] = {name: value for name, value in call.tree("filter").items() if name != "BINDINGS"}
    readable = [activity for activity in rows if _may_read(call, activity)]
    return table.page(readable, call, select=list(dict.fromkeys(["ID", *select])))


def _bound(call: Call) -> list[Activity]:
    """All activities, or those of the asked bindings; several pairs may repeat one."""
    wanted = call.tree("filter").get("BINDINGS")
    if wanted is None:
        return list(call.portal.activities.values())
    pairs = [wanted] if isinstance(wanted, dict) and "OWNER_ID" in wanted else as_list(wanted)
    numbers: list[int] = []
    for pair in pairs:
        tree = as_tree(pair)
        kind, owners = whole(tree.get("OWNER_TYPE_ID")) or 0, as_list(tree.get("OWNER_ID"))
        for owner in owners:
            numbers += call.portal.activities_of.get((kind, whole(owner) or 0), [])
    return [call.portal.activities[number] for number in sorted(numbers)]


@method("crm.activity.binding.list")
def bindings(call: Call) -> object:
    """What an activity is bound to."""
    return [
        {"entityTypeId": kind, "entityId": number}
        for kind, number in known_activity(call, "activityId").bindings
    ]


@method("crm.activity.update")
def update(call: Call) -> object:
    """Complete it or rename it."""
    activity, given = known_activity(call), call.tree("fields")
    changes: Json = {}
    if "COMPLETED" in given:
        changes["completed"] = truth(given["COMPLETED"])
    if "SUBJECT" in given:
        changes["subject"] = str(given["SUBJECT"])
    call.portal.update_activity(activity, call.act, **changes)
    return True


@method("crm.activity.add")
def add(call: Call) -> object:
    """An activity by the old method; one that is called a call here has no telephony record."""
    given = call.tree("fields")
    link = owner_of(call, given, "OWNER_TYPE_ID", "OWNER_ID")
    activity = call.portal.put_activity(
        [link],
        call.act,
        type_id=whole(given.get("TYPE_ID")) or PROVIDER,
        provider_id=str(given.get("PROVIDER_ID") or "REST_APP"),
        provider_type_id=str(given.get("PROVIDER_TYPE_ID") or ""),
        subject=str(given.get("SUBJECT") or ""),
        direction=whole(given.get("DIRECTION")) or 0,
        completed=truth(given.get("COMPLETED")),
        responsible_id=whole(given.get("RESPONSIBLE_ID")) or call.user.id,
    )
    return activity.id


@method("crm.activity.delete")
def delete(call: Call) -> object:
    """An activity goes."""
    call.portal.delete_activity(known_activity(call), call.act)
    return True


def owner_of(call: Call, given: Json, kind_name: str, number_name: str) -> Link:
    """The record that an activity shall be bound to. Raises RestError (OWNER_NOT_FOUND)."""
    link = (whole(given.get(kind_name)) or 0, whole(given.get(number_name)) or 0)
    if not call.portal.known(link):
        raise RestError(400, "OWNER_NOT_FOUND", "Элемент, к которому привязывается дело, не найден")
    return link


@method("crm.activity.call.getTranscript")
def transcript(call: Call) -> object:
    """What was said, when the call has been written down."""
    activity = known_activity(call, "activityId")
    row = call.portal.calls.get(call.portal.call_of.get(activity.id, 0))
    return {"transcription": row.transcript} if row and row.transcript else None
