"""Contacts and companies. https://www.amocrm.ru/developers/content/crm_platform/contacts-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import ENTITY_OF, SINGULAR_OF, Contact
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone, Caller
from app.sandbox.amocrm.rest.lead_changes import field_changes, tag_names
from app.sandbox.amocrm.rest.leads import filtered, mentions
from app.sandbox.amocrm.rest.wire import (
    Json,
    Problem,
    account_of,
    hal,
    link,
    no_content,
    page_of,
    request_id,
    row_of,
    rows_of,
    text,
    whole,
    with_of,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


def _entity(request: Request) -> str:
    return request.url.path.split("/")[3]


@router.get("/contacts")
@router.get("/companies")
async def list_contacts(request: Request) -> Response:
    """A page of contacts or companies; `query` looks into names and phones."""
    account, entity, also = account_of(request), _entity(request), with_of(request)
    words = request.query_params.get("query", "")
    found = [
        item
        for item in account.contacts.values()
        if ENTITY_OF[item.kind] == entity and not item.is_deleted and mentions(item, words)
    ]
    return page_of(
        request, filtered(request, found), entity, lambda item: shapes.contact(account, item, also)
    )


@router.get("/contacts/{number:int}")
@router.get("/companies/{number:int}")
async def get_contact(request: Request, number: int) -> Response:
    """One contact or company, 204 when there is none."""
    account = account_of(request)
    item = _find(account, _entity(request), number)
    return hal(shapes.contact(account, item, with_of(request))) if item else no_content()


def _find(account: Account, entity: str, number: int) -> Contact | None:
    item = account.contacts.get(number)
    return item if item and ENTITY_OF[item.kind] == entity and not item.is_deleted else None


@router.post("/contacts")
@router.post("/companies")
async def add_contacts(request: Request, who: Anyone) -> Response:
    """New contacts or companies."""
    account, entity, rows = account_of(request), _entity(request), await rows_of(request)
    made: list[Json] = []
    for index, row in enumerate(rows):
        item = create_from(account, who, row, index, entity)
        made.append(
            {
                "id": item.id,
                "request_id": request_id(row, index),
                "_links": link(account, f"{entity}/{item.id}"),
            }
        )
    return hal({"_links": link(account, entity), "_embedded": {entity: made}})


def create_from(account: Account, who: Caller, row: Json, index: int, entity: str) -> Contact:
    """A contact or company from a body. Raises Invalid."""
    by = whole(row, "created_by", index)
    with account.batch():
        made = account.create_contact(
            name=_name(row, index) or "",
            kind=SINGULAR_OF[entity],
            responsible_user_id=whole(row, "responsible_user_id", index) or who.user_id,
            by=who.user_id if by is None else by,
            fields=field_changes(account, entity, row, index),
            origin=who.origin,
        )
        _hang_tags(account, who, made, row)
    return made


def _name(row: Json, index: int, before: str = "") -> str | None:
    """The name that a body gives, whole or in parts; None when it gives none."""
    whole_name, parts = (
        text(row, "name", index),
        [text(row, key, index) for key in ("first_name", "last_name")],
    )
    if whole_name or parts == [None, None]:
        return whole_name
    first, _, last = before.partition(" ")
    told = [kept if part is None else part for part, kept in zip(parts, (first, last), strict=True)]
    return " ".join(part for part in told if part)


def _hang_tags(account: Account, who: Caller, item: Contact, row: Json) -> None:
    """Tags of a body: a whole set below `_embedded`, or some to hang and some to take off."""
    embedded, entity = row.get("_embedded"), ENTITY_OF[item.kind]
    added, removed = (tag_names(account, row.get(key)) for key in ("tags_to_add", "tags_to_delete"))
    if isinstance(embedded, dict) and "tags" in embedded:
        told = tag_names(account, embedded["tags"])
        removed += [name for name in (account.tags[key].name for key in item.tags) if name not in told]
        added += told
    for name in removed:
        account.remove_tag(entity, item.id, name, by=who.user_id, origin=who.origin)
    for name in added:
        account.add_tag(entity, item.id, name, by=who.user_id, origin=who.origin)


@router.patch("/contacts")
@router.patch("/companies")
async def edit_contacts(request: Request, who: Anyone) -> Response:
    """Several by id."""
    account, entity, rows = account_of(request), _entity(request), await rows_of(request)
    thin = [
        _edit(account, who, entity, whole(row, "id", index) or 0, row, index)
        for index, row in enumerate(rows)
    ]
    return hal({"_links": link(account, entity), "_embedded": {entity: thin}})


@router.patch("/contacts/{number:int}")
@router.patch("/companies/{number:int}")
async def edit_contact(request: Request, number: int, who: Anyone) -> Response:
    """One contact or company."""
    return hal(_edit(account_of(request), who, _entity(request), number, await row_of(request), 0))


def _edit(account: Account, who: Caller, entity: str, number: int, row: Json, index: int) -> Json:
    item = _find(account, entity, number)
    if item is None:
        raise Problem(404, "Not Found", "Entity not found")
    changes = field_changes(account, entity, row, index)
    by = whole(row, "updated_by", index)
    author = who.user_id if by is None else by
    with account.batch():
        account.edit_contact(
            number,
            by=author,
            name=_name(row, index, item.name),
            responsible_user_id=whole(row, "responsible_user_id", index),
            origin=who.origin,
        )
        for field_id, value in changes.items():
            account.set_field(entity, number, field_id, value, by=author, origin=who.origin)
        _hang_tags(account, who, item, row)
    return {"id": number, "updated_at": item.updated_at, "_links": link(account, f"{entity}/{number}")}
