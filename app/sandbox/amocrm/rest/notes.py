"""Notes. https://www.amocrm.ru/developers/content/crm_platform/events-and-notes"""

from enum import StrEnum

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Note, Refused
from app.sandbox.amocrm.note_actions import NOTE_EVENTS
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone, Caller
from app.sandbox.amocrm.rest.leads import in_range
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    Problem,
    account_of,
    hal,
    link,
    no_content,
    page_of,
    query_of,
    request_id,
    row_of,
    rows_of,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


class Holder(StrEnum):
    """The entities that carry notes."""

    leads = "leads"
    contacts = "contacts"
    companies = "companies"


@router.get("/{entity}/notes")
async def list_notes(request: Request, entity: Holder) -> Response:
    """Notes of all leads (contacts, companies)."""
    notes = [note for note in account_of(request).notes.values() if note.entity == entity]
    return _page(request, notes)


@router.get("/{entity}/{entity_id:int}/notes")
async def list_notes_of(request: Request, entity: Holder, entity_id: int) -> Response:
    """Notes of one record."""
    account = account_of(request)
    return _page(request, [account.notes[number] for number in account.notes_of.get((entity, entity_id), ())])


def _page(request: Request, notes: list[Note]) -> Response:
    account, query = account_of(request), query_of(request)
    wanted, order = brackets.child(query, "filter"), brackets.child(query, "order")
    ids = set(brackets.numbers(brackets.child(wanted, "id")))
    kinds = set(brackets.values(brackets.child(wanted, "note_type")))
    holders = set(brackets.numbers(brackets.child(wanted, "entity_id")))
    found = [
        note
        for note in notes
        if (not ids or note.id in ids)
        and (not kinds or note.note_type in kinds)
        and (not holders or note.entity_id in holders)
        and in_range(note.updated_at, brackets.child(wanted, "updated_at"))
    ]
    if brackets.child(order, "updated_at"):
        found.sort(key=lambda note: note.updated_at, reverse=brackets.child(order, "updated_at") == "desc")
    else:
        found.sort(key=lambda note: note.id, reverse=brackets.child(order, "id") == "desc")
    return page_of(request, found, "notes", lambda note: shapes.note(account, note))


@router.get("/{entity}/notes/{note_id:int}")
async def get_note(request: Request, entity: Holder, note_id: int) -> Response:
    """One note of that kind of entity, 204 when there is none."""
    account = account_of(request)
    note = account.notes.get(note_id)
    return hal(shapes.note(account, note)) if note and note.entity == entity else no_content()


@router.get("/{entity}/{entity_id:int}/notes/{note_id:int}")
async def get_note_of(request: Request, entity: Holder, entity_id: int, note_id: int) -> Response:
    """One note of one record, 204 when there is none."""
    account = account_of(request)
    note = account.notes.get(note_id)
    mine = note is not None and (note.entity, note.entity_id) == (entity, entity_id)
    return hal(shapes.note(account, note)) if note and mine else no_content()


@router.post("/{entity}/notes")
async def add_notes(request: Request, entity: Holder, who: Anyone) -> Response:
    """New notes on the records that the bodies name."""
    return _add(account_of(request), who, entity, None, await rows_of(request))


@router.post("/{entity}/{entity_id:int}/notes")
async def add_notes_of(request: Request, entity: Holder, entity_id: int, who: Anyone) -> Response:
    """New notes on one record."""
    return _add(account_of(request), who, entity, entity_id, await rows_of(request))


def _add(account: Account, who: Caller, entity: str, entity_id: int | None, rows: list[Json]) -> Response:
    for index, row in enumerate(rows):
        _check(account, entity, entity_id or whole(row, "entity_id", index), row, index)
    made: list[Json] = []
    for index, row in enumerate(rows):
        note = _make(account, who, entity, entity_id or int(str(row["entity_id"])), row, index)
        made.append(
            {
                "id": note.id,
                "entity_id": note.entity_id,
                "request_id": request_id(row, index),
                "_links": link(account, f"{entity}/{note.entity_id}/notes/{note.id}"),
            }
        )
    return hal({"_links": link(account, f"{entity}/notes"), "_embedded": {"notes": made}})


def _check(account: Account, entity: str, entity_id: int | None, row: Json, index: int) -> None:
    number = request_id(row, index)
    if row.get("note_type") not in NOTE_EVENTS:
        raise Invalid((number, "NotSupportedChoice", "note_type", "The value is not a valid choice."))
    if not isinstance(row.get("params"), dict):
        raise Invalid((number, "FieldMissing", "params", "This field is missing."))
    try:
        account.holder(entity, entity_id or 0)
    except Refused:
        raise Invalid((number, "NotFound", "entity_id", "There is no such entity.")) from None


def _make(account: Account, who: Caller, entity: str, entity_id: int, row: Json, index: int) -> Note:
    by, moment = whole(row, "created_by", index), whole(row, "created_at", index)
    params = row["params"]
    return account.add_note(
        entity,
        entity_id,
        by=who.user_id if by is None else by,
        at=None if moment is None else float(moment),
        note_type=str(row["note_type"]),
        params=dict(params) if isinstance(params, dict) else {},
        responsible_user_id=whole(row, "responsible_user_id", index),
        origin=who.origin,
    )


@router.patch("/{entity}/notes")
async def edit_notes(request: Request, entity: Holder, who: Anyone) -> Response:
    """Change the content of several notes."""
    account = account_of(request)
    thin = [_edit(account, who, entity, row) for row in await rows_of(request)]
    return hal({"_links": link(account, f"{entity}/notes"), "_embedded": {"notes": thin}})


@router.patch("/{entity}/{entity_id:int}/notes/{note_id:int}")
async def edit_note(request: Request, entity: Holder, entity_id: int, note_id: int, who: Anyone) -> Response:
    """Change the content of one note."""
    row = await row_of(request)
    return hal(_edit(account_of(request), who, entity, {**row, "id": note_id, "entity_id": entity_id}))


def _edit(account: Account, who: Caller, entity: str, row: Json) -> Json:
    note = account.notes.get(whole(row, "id") or 0)
    if note is None or note.entity != entity or row.get("entity_id", note.entity_id) != note.entity_id:
        raise Problem(404, "Not Found", "Note not found")
    params = row.get("params")
    if isinstance(params, dict):
        note.params = {**note.params, **params}
    note.updated_by, note.updated_at = who.user_id, max(note.updated_at, int(account.now()))
    return {
        "id": note.id,
        "entity_id": note.entity_id,
        "updated_at": note.updated_at,
        "_links": link(account, f"{entity}/{note.entity_id}/notes/{note.id}"),
    }
