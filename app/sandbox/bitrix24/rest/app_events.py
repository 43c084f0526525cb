"""Subscriptions to events, online and offline.

https://apidocs.bitrix24.com/api-reference/events/event-bind.html
https://apidocs.bitrix24.com/api-reference/events/offline-events.html
"""

from urllib.parse import urlsplit

from app.sandbox.bitrix24.apps import Handler
from app.sandbox.bitrix24.event_names import ALL_EVENTS, scope_of
from app.sandbox.bitrix24.offline import OfflineRow
from app.sandbox.bitrix24.rest.registry import BASIC, method
from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import PAGE, Call, Json, RestError, truth, whole


def checked_address(address: str) -> str:
    """A handler's address. Raises RestError for one that the portal's server could not call."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        raise RestError(400, "ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if not parts.hostname or "." not in parts.hostname:
        raise RestError(400, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    return address


@method("events", scope=BASIC, for_app=True)
def names(call: Call) -> object:
    """The events that the application's scopes allow."""
    return [name for name in ALL_EVENTS if scope_of(name) in {BASIC, *call.app.scope}]


@method("event.bind", scope=BASIC, for_app=True)
def bind(call: Call) -> object:
    """Subscribe. The same handler cannot be bound to one event twice."""
    event, offline = call.text("event").upper(), call.text("event_type") == "offline"
    if event not in ALL_EVENTS or scope_of(event) not in {BASIC, *call.app.scope}:
        raise RestError(400, "ERROR_EVENT_NOT_FOUND", "Event not found")
    if offline and not call.user.is_admin:
        raise RestError(403, "ACCESS_DENIED", "Access denied!")
    url = "" if offline else checked_address(call.text("handler"))
    user_id = whole(call.param("auth_type")) or 0
    if not call.user.is_admin:
        user_id = call.user.id
    connector = call.text("auth_connector") if call.portal.faults.auth_connector else ""
    wanted = (event, url, user_id, offline, connector)
    if wanted in [(row.event, row.url, row.user_id, row.offline, row.connector) for row in call.app.handlers]:
        raise RestError(400, "ERROR_CORE", "Unable to set event handler: Handler already binded")
    number = call.portal.take_id("handler")
    call.app.handlers.append(Handler(number, event, url, user_id, offline, connector, call.tree("options")))
    return True


@method("event.unbind", scope=BASIC, for_app=True)
def unbind(call: Call) -> object:
    """Unsubscribe; the answer counts what was removed."""
    event, offline = call.text("event").upper(), call.text("event_type") == "offline"
    kept = [
        row
        for row in call.app.handlers
        if not (row.event == event and row.offline == offline and row.url in {call.text("handler"), ""})
    ]
    count = len(call.app.handlers) - len(kept)
    call.app.handlers[:] = kept
    return {"count": count}


@method("event.get", scope=BASIC, for_app=True)
def bound(call: Call) -> object:
    """The subscriptions."""
    found: list[Json] = []
    for row in call.app.handlers:
        shown: Json = {"event": row.event, "handler": row.url, "auth_type": str(row.user_id)}
        shown["offline"] = int(row.offline)
        if row.connector and call.portal.faults.offline_shows_source:
            shown["connector_id"] = row.connector
        found.append(shown)
    return found


@method("event.test", scope=BASIC, for_app=True)
def test(call: Call) -> object:
    """Fire ONAPPTEST at the application."""
    call.portal.events.test(call.app, call.user.id, {"QUERY": call.tree("any")})
    return True


def _own(call: Call) -> list[OfflineRow]:
    return call.portal.offline.waiting(call.app, call.text("auth_connector"))


def _shown(call: Call, row: OfflineRow) -> Json:
    return {
        "ID": str(row.id),
        "TIMESTAMP_X": call.portal.iso(row.at),
        "EVENT_NAME": row.event,
        "EVENT_DATA": False if call.portal.faults.offline_empty_data else row.data or False,
        "EVENT_ADDITIONAL": False,
        "MESSAGE_ID": row.message_id,
        "PROCESS_ID": row.process_id,
        "ERROR": "1" if row.error else "0",
    }


COLUMNS: tuple[Column[OfflineRow], ...] = (
    Column("ID", "integer", lambda row: row.id),
    Column("TIMESTAMP_X", "datetime", lambda row: row.at),
    Column("EVENT_NAME", "string", lambda row: row.event),
    Column("MESSAGE_ID", "string", lambda row: row.message_id),
    Column("PROCESS_ID", "string", lambda row: row.process_id),
    Column("ERROR", "integer", lambda row: int(row.error)),
)
QUEUE = Table({column.name: column for column in COLUMNS}, key="ID")


@method("event.offline.get", scope=BASIC, for_app=True, for_admin=True)
def offline_get(call: Call) -> object:
    """Take rows: by default they are gone, with clear=0 they are reserved under a process id."""
    limit = min(whole(call.param("limit")) or PAGE, PAGE)
    clear = call.param("clear")
    reserve = clear is not None and not truth(clear) and call.portal.faults.offline_reservation
    process = call.text("process_id")
    mine = [row for row in _own(call) if row.process_id == process and not row.error]
    rows = QUEUE.matching(mine, call)[:limit]
    process = process or f"{call.portal.rng.getrandbits(128):032x}"
    found = [_shown(call, row) for row in rows]
    for row in rows:
        if reserve:
            row.process_id = process
        else:
            call.portal.offline.rows.pop(row.id, None)
    return {"process_id": process if reserve else None, "events": found}


@method("event.offline.list", scope=BASIC, for_app=True, for_admin=True)
def offline_list(call: Call) -> object:
    """Look at the queue."""
    return [_shown(call, row) for row in QUEUE.matching(_own(call), call)[:PAGE]]


def _reserved(call: Call) -> list[OfflineRow]:
    process = call.text("process_id")
    if not process:
        raise RestError(400, "ERROR_ARGUMENT", "Argument 'process_id' is null or empty")
    numbers = {whole(item) for item in call.items("id")}
    messages = {str(item) for item in call.items("message_id")}
    rows = [row for row in call.portal.offline.rows.values() if row.process_id == process]
    if not numbers and not messages:
        return rows
    return [row for row in rows if row.id in numbers or row.message_id in messages]


@method("event.offline.clear", scope=BASIC, for_app=True, for_admin=True)
def offline_clear(call: Call) -> object:
    """What was reserved is done."""
    for row in _reserved(call):
        del call.portal.offline.rows[row.id]
    return True


@method("event.offline.error", scope=BASIC, for_app=True, for_admin=True)
def offline_error(call: Call) -> object:
    """What was reserved has failed."""
    for row in _reserved(call):
        row.error = True
    return True
