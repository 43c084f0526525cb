"""The events log. https://www.amocrm.ru/developers/content/crm_platform/events-and-notes"""

from collections.abc import Callable, Iterable

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Event
from app.sandbox.amocrm.rest import event_types, shapes
from app.sandbox.amocrm.rest.caller import LOGGED_IN
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    account_of,
    hal,
    link,
    no_content,
    page_of,
    query_of,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)
MOST = 100
TALK_EVENTS = {"incoming_chat_message", "outgoing_chat_message"}
Test = Callable[[Event], bool]


@router.get("/events")
async def list_events(request: Request) -> Response:
    """A page of the log, newest first (a switch turns it round); only what is visible already."""
    account, wanted = account_of(request), brackets.child(query_of(request), "filter")
    found = [event for event in select(account, wanted) if event.visible_at <= account.now()]
    if not account.faults.events_oldest_first:
        found.reverse()
    return page_of(request, found, "events", lambda event: shapes.event(account, event), most=MOST)


def select(account: Account, wanted: object) -> list[Event]:
    """Events that match `filter[...]`, oldest first. Raises Invalid for what the log refuses."""
    since, until = _period(brackets.child(wanted, "created_at"))
    tests = [
        test for test in (_ids(wanted), _types(account, wanted), _authors(wanted), _moved(wanted)) if test
    ]
    entities = brackets.values(brackets.child(wanted, "entity"))
    numbers = brackets.numbers(brackets.child(wanted, "entity_id"))
    if numbers and len(entities) != 1:
        raise _refuse("entity_id", "entity_id needs exactly one entity")
    if len(numbers) > 10:
        raise _refuse("entity_id", "At most 10 ids are allowed")
    events: Iterable[Event]
    if numbers and entities[0] != "contact":
        events = _of_records(account, entities[0], numbers, since, until)
    else:
        events = account.journal.between(since, until)
        if entities:
            tests.append(_entities(entities, numbers))
    return [event for event in events if all(test(event) for test in tests)]


def _of_records(
    account: Account, entity: str, numbers: list[int], since: int | None, until: int | None
) -> list[Event]:
    found = [event for number in numbers for event in account.journal.of(entity, number)]
    low, high = since if since is not None else 0, until if until is not None else 1 << 62
    return sorted((event for event in found if low <= event.created_at <= high), key=lambda event: event.id)


def _period(bounds: object) -> tuple[int | None, int | None]:
    if isinstance(bounds, dict):
        return brackets.number(bounds.get("from")), brackets.number(bounds.get("to"))
    return brackets.number(bounds), None


def _ids(wanted: object) -> Test | None:
    known = set(brackets.values(brackets.child(wanted, "id")))
    return (lambda event: event.id in known) if known else None


def _types(account: Account, wanted: object) -> Test | None:
    kinds = set(brackets.values(brackets.child(wanted, "type")))
    if not kinds:
        return None
    special = [kind for kind in kinds if event_types.is_field_type(kind)]
    if special and len(kinds) > 1:
        raise _refuse("type", f"{special[0]} must be the only type")
    unknown = sorted(kinds - event_types.KNOWN - set(special))
    if unknown:
        raise _refuse("type", f"Unknown event type {unknown[0]}")
    every_field = "custom_field_value_changed" in kinds and account.faults.field_filter_mode == "any"
    return lambda event: event.type in kinds or (every_field and event_types.is_field_type(event.type))


def _authors(wanted: object) -> Test | None:
    people = set(brackets.numbers(brackets.child(wanted, "created_by")))
    if len(people) > 10:
        raise _refuse("created_by", "At most 10 ids are allowed")
    return (lambda event: event.created_by in people) if people else None


def _entities(entities: list[str], numbers: list[int]) -> Test:
    """Chat events filtered by contact come back although their own entity is the lead."""

    def test(event: Event) -> bool:
        if "contact" in entities and event.type in TALK_EVENTS and event.linked_talk_contact_id:
            return not numbers or event.linked_talk_contact_id in numbers
        return event.entity in entities and (not numbers or event.entity_id in numbers)

    return test


def _moved(wanted: object) -> Test | None:
    tests: list[Test] = []
    for side in ("value_after", "value_before"):
        pairs = brackets.child(wanted, side, "leads_statuses")
        if isinstance(pairs, dict):
            places = {
                (str(brackets.child(pair, "pipeline_id")), str(brackets.child(pair, "status_id")))
                for pair in pairs.values()
            }
            tests.append(_stands(side, places))
    return (lambda event: all(test(event) for test in tests)) if tests else None


def _stands(side: str, places: set[tuple[str, str]]) -> Test:
    def test(event: Event) -> bool:
        found = [brackets.child(item, "lead_status") for item in getattr(event, side)]
        return any(
            (str(brackets.child(place, "pipeline_id")), str(brackets.child(place, "id"))) in places
            for place in found
        )

    return test


def _refuse(path: str, detail: str) -> Invalid:
    return Invalid(("0", "InvalidValue", f"filter.{path}", detail))


@router.get("/events/types")
async def list_types(request: Request) -> Response:
    """The kinds of events, with words."""
    rows: list[Json] = [
        {"key": key, "type": index + 1, "lang": words}
        for index, (key, words) in enumerate(event_types.WORDS.items())
    ]
    links = link(account_of(request), "events/types")
    return hal({"_total_items": len(rows), "_links": links, "_embedded": {"events_types": rows}})


@router.get("/events/{event_id}")
async def get_event(request: Request, event_id: str) -> Response:
    """One event, 204 when unknown or not visible yet. Ids are texts."""
    account = account_of(request)
    event = account.journal.get(event_id, account.now())
    return hal(shapes.event(account, event)) if event else no_content()
