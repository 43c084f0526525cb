"""What records are tied to. https://www.amocrm.ru/developers/content/crm_platform/entity-links-api"""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import ENTITY_OF, Contact, Lead, Refused
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone
from app.sandbox.amocrm.rest.notes import Holder
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    account_of,
    hal,
    link,
    no_content,
    query_of,
    request_id,
    rows_of,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)
Tie = tuple[str, int, Json | None]


@router.get("/{entity}/{number:int}/links")
async def list_links(request: Request, entity: Holder, number: int) -> Response:
    """What a record is tied to. Reading says main_contact, writing says is_main."""
    account = account_of(request)
    try:
        record = account.holder(entity, number)
    except Refused:
        return no_content()
    rows = [_row(tie) for tie in _ties(account, record) if _is_wanted(request, tie)]
    return _listed(account, f"{entity}/{number}/links", rows)


@router.get("/{entity}/links")
async def list_links_of_many(request: Request, entity: Holder) -> Response:
    """What the records of `filter[entity_id]` are tied to."""
    account = account_of(request)
    numbers = brackets.numbers(brackets.child(query_of(request), "filter", "entity_id"))
    if not numbers:
        raise Invalid(("0", "FieldMissing", "filter.entity_id", "This field is missing."))
    rows: list[Json] = []
    for number in numbers:
        try:
            record = account.holder(entity, number)
        except Refused:
            continue
        named: Json = {"entity_id": number, "entity_type": str(entity)}
        rows += [named | _row(tie) for tie in _ties(account, record) if _is_wanted(request, tie)]
    return _listed(account, f"{entity}/links", rows)


def _listed(account: Account, path: str, rows: list[Json]) -> Response:
    return hal({"_total_items": len(rows), "_links": link(account, path), "_embedded": {"links": rows}})


def _row(tie: Tie) -> Json:
    return {"to_entity_id": tie[1], "to_entity_type": tie[0], "metadata": tie[2]}


def _is_wanted(request: Request, tie: Tie) -> bool:
    wanted = brackets.child(query_of(request), "filter")
    kinds = brackets.values(brackets.child(wanted, "to_entity_type"))
    numbers = brackets.numbers(brackets.child(wanted, "to_entity_id"))
    return (not kinds or tie[0] in kinds) and (not numbers or tie[1] in numbers)


def _ties(account: Account, record: Lead | Contact) -> Iterator[Tie]:
    if isinstance(record, Lead):
        for index, number in enumerate(record.contact_ids):
            yield "contacts", number, {"main_contact": index == 0}
    else:
        for number in record.lead_ids:
            yield "leads", number, _place_of(account.leads[number], record)
    if record.company_id:
        yield "companies", record.company_id, None
    if isinstance(record, Contact) and record.kind == "company":
        for person in account.contacts.values():
            if person.company_id == record.id and not person.is_deleted:
                yield "contacts", person.id, None


def _place_of(lead: Lead, record: Contact) -> Json | None:
    return None if record.kind == "company" else {"main_contact": lead.contact_ids[:1] == [record.id]}


@router.post("/{entity}/{number:int}/link")
async def add_links(request: Request, entity: Holder, number: int, who: Anyone) -> Response:
    """Tie records together; a contact that is said to be the main one of a lead becomes it."""
    account, rows = account_of(request), await rows_of(request)
    pairs = [_pair(account, entity, number, row, index) for index, row in enumerate(rows)]
    links: list[Json] = []
    for row, (record, other) in zip(rows, pairs, strict=True):
        metadata = row.get("metadata")
        is_main = isinstance(metadata, dict) and bool(metadata.get("is_main"))
        if isinstance(record, Lead):
            account.link_contact(record.id, other.id, by=who.user_id, is_main=is_main)
            place = _place_of(record, other)
        else:
            record.company_id, place = other.id, None
        links.append({"entity_id": number, "entity_type": str(entity), **row, "metadata": place})
    return _listed(account, f"{entity}/{number}/links", links)


@router.post("/{entity}/{number:int}/unlink")
async def remove_links(request: Request, entity: Holder, number: int, who: Anyone) -> Response:
    """Untie."""
    account, rows = account_of(request), await rows_of(request)
    for record, other in [_pair(account, entity, number, row, index) for index, row in enumerate(rows)]:
        if isinstance(record, Lead):
            account.unlink_contact(record.id, other.id, by=who.user_id)
        elif record.company_id == other.id:
            record.company_id = None
    return no_content()


def _pair(
    account: Account, entity: str, number: int, row: Json, index: int
) -> tuple[Lead | Contact, Contact]:
    """A lead with its contact or company, or a contact with its company, whichever side was asked."""
    other_id = whole(row, "to_entity_id", index) or 0
    try:
        both = [account.holder(entity, number), account.holder(str(row.get("to_entity_type")), other_id)]
    except Refused as refused:
        raise Invalid((request_id(row, index), refused.code, "to_entity_id", refused.detail)) from None
    both.sort(key=lambda item: ("leads", "contacts", "companies").index(_kind(item)))
    first, second = both
    if _kind(first) == _kind(second) or not isinstance(second, Contact):
        raise Invalid((request_id(row, index), "NotSupportedChoice", "to_entity_type", "Not a valid choice."))
    return first, second


def _kind(record: Lead | Contact) -> str:
    return "leads" if isinstance(record, Lead) else ENTITY_OF[record.kind]
