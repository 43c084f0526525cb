"""What an administrator arranged: pipelines, custom fields, tags, loss reasons."""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.field_values import TYPE_NUMBERS
from app.sandbox.amocrm.model import CustomField, FieldEnum, Refused
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import ADMIN_ONLY, LOGGED_IN, Admin
from app.sandbox.amocrm.rest.notes import Holder
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
    text,
    totals,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


@router.get("/leads/pipelines")
async def list_pipelines(request: Request) -> Response:
    """All pipelines with their stages, in one answer without pages."""
    account = account_of(request)
    lines = [shapes.pipeline(account, item) for item in account.pipelines.values()]
    links = link(account, "leads/pipelines")
    return hal({"_total_items": len(lines), "_links": links, "_embedded": {"pipelines": lines}})


@router.get("/leads/pipelines/{pipeline_id:int}")
async def get_pipeline(request: Request, pipeline_id: int) -> Response:
    """One pipeline."""
    account = account_of(request)
    item = account.pipelines.get(pipeline_id)
    return hal(shapes.pipeline(account, item)) if item else no_content()


@router.get("/leads/pipelines/{pipeline_id:int}/statuses")
async def list_statuses(request: Request, pipeline_id: int) -> Response:
    """The stages of a pipeline."""
    account = account_of(request)
    item = account.pipelines.get(pipeline_id)
    if item is None:
        return no_content()
    stages = [shapes.status(account, stage) for stage in item.statuses.values()]
    return hal({"_total_items": len(stages), "_embedded": {"statuses": stages}})


@router.get("/leads/pipelines/{pipeline_id:int}/statuses/{status_id:int}")
async def get_status(request: Request, pipeline_id: int, status_id: int) -> Response:
    """One stage."""
    account = account_of(request)
    item = account.pipelines.get(pipeline_id)
    stage = item.statuses.get(status_id) if item else None
    return hal(shapes.status(account, stage)) if stage else no_content()


@router.delete("/leads/pipelines/{pipeline_id:int}/statuses/{status_id:int}")
async def delete_status(request: Request, pipeline_id: int, status_id: int, who: Admin) -> Response:
    """Remove a stage: its leads fall into the first one."""
    try:
        account_of(request).delete_status(pipeline_id, status_id, by=who.user_id)
    except (Refused, KeyError):
        raise Problem(400, "Bad Request", "The status cannot be deleted") from None
    return no_content()


@router.get("/leads/loss_reasons")
async def list_loss_reasons(request: Request) -> Response:
    """The reasons for losing."""
    account = account_of(request)
    rows = list(account.loss_reasons.values())
    return page_of(
        request, rows, "loss_reasons", lambda item: shapes.loss_reason(account, item), extra=totals
    )


@router.post("/leads/loss_reasons", dependencies=ADMIN_ONLY)
async def add_loss_reasons(request: Request) -> Response:
    """New reasons."""
    account = account_of(request)
    made = [account.add_loss_reason(str(row.get("name", ""))) for row in await rows_of(request)]
    rows = [shapes.loss_reason(account, item) for item in made]
    return hal({"_total_items": len(rows), "_embedded": {"loss_reasons": rows}})


@router.get("/{entity}/tags")
async def list_tags(request: Request, entity: Holder) -> Response:
    """The tags of one kind of entity."""
    account, query = account_of(request), query_of(request)
    wanted = brackets.child(query, "filter")
    ids, names = (
        brackets.numbers(brackets.child(wanted, "id")),
        brackets.values(brackets.child(wanted, "name")),
    )
    part = str(query.get("query", "")).casefold()
    found = [
        tag
        for tag in account.tags.values()
        if tag.entity == entity
        and (not ids or tag.id in ids)
        and (not names or tag.name in names)
        and part in tag.name.casefold()
    ]
    return page_of(request, found, "tags", lambda tag: {"id": tag.id, "name": tag.name, "color": tag.color})


@router.post("/{entity}/tags")
async def add_tags(request: Request, entity: Holder) -> Response:
    """New tags; one that exists is answered with its id."""
    account, rows = account_of(request), await rows_of(request)
    made: list[Json] = []
    for index, row in enumerate(rows):
        tag = account.tag(entity, text(row, "name", index) or "", text(row, "color", index))
        made.append(
            {"id": tag.id, "name": tag.name, "color": tag.color, "request_id": request_id(row, index)}
        )
    return hal({"_total_items": len(made), "_embedded": {"tags": made}})


@router.get("/{entity}/custom_fields")
async def list_fields(request: Request, entity: Holder) -> Response:
    """The custom fields of one kind of entity."""
    account = account_of(request)
    found = [item for item in account.fields.values() if item.entity == entity]
    return page_of(
        request, found, "custom_fields", lambda item: shapes.custom_field(account, item), extra=totals
    )


@router.get("/{entity}/custom_fields/{field_id:int}")
async def get_field(request: Request, entity: Holder, field_id: int) -> Response:
    """One custom field."""
    account = account_of(request)
    item = account.fields.get(field_id)
    return hal(shapes.custom_field(account, item)) if item and item.entity == entity else no_content()


@router.post("/{entity}/custom_fields", dependencies=ADMIN_ONLY)
async def add_fields(request: Request, entity: Holder) -> Response:
    """New custom fields."""
    account, rows = account_of(request), await rows_of(request)
    made = []
    for index, row in enumerate(rows):
        if row.get("type") not in TYPE_NUMBERS:
            raise Invalid((request_id(row, index), "NotSupportedChoice", "type", "Unknown field type."))
        field = account.add_field(entity, str(row.get("name", "")), str(row["type"]), code=text(row, "code"))
        _change(account, field, row, index)
        made.append(shapes.custom_field(account, field) | {"request_id": request_id(row, index)})
    return hal({"_total_items": len(made), "_embedded": {"custom_fields": made}})


@router.patch("/{entity}/custom_fields", dependencies=ADMIN_ONLY)
async def edit_fields(request: Request, entity: Holder) -> Response:
    """Change several custom fields."""
    account, rows = account_of(request), await rows_of(request)
    made = [
        _edit(account, entity, whole(row, "id", index) or 0, row, index) for index, row in enumerate(rows)
    ]
    return hal({"_total_items": len(made), "_embedded": {"custom_fields": made}})


@router.patch("/{entity}/custom_fields/{field_id:int}", dependencies=ADMIN_ONLY)
async def edit_field(request: Request, entity: Holder, field_id: int) -> Response:
    """Change one custom field, its required stages among the rest."""
    return hal(_edit(account_of(request), entity, field_id, await row_of(request), 0))


@router.delete("/{entity}/custom_fields/{field_id:int}", dependencies=ADMIN_ONLY)
async def delete_field(request: Request, entity: Holder, field_id: int) -> Response:
    """Remove a custom field with all its values."""
    account = account_of(request)
    item = account.fields.get(field_id)
    if item is None or item.entity != entity or item.is_predefined:
        raise Problem(404, "Not Found", "Field not found")
    del account.fields[field_id]
    for lead in account.leads.values():
        lead.fields.pop(field_id, None)
    for contact in account.contacts.values():
        contact.fields.pop(field_id, None)
    return no_content()


def _edit(account: Account, entity: str, field_id: int, row: Json, index: int) -> Json:
    field = account.fields.get(field_id)
    if field is None or field.entity != entity:
        raise Problem(404, "Not Found", "Field not found")
    _change(account, field, row, index)
    return shapes.custom_field(account, field) | {"request_id": request_id(row, index)}


def _change(account: Account, field: CustomField, row: Json, index: int) -> None:
    field.name = text(row, "name", index) or field.name
    field.sort = whole(row, "sort", index) or field.sort
    field.is_api_only = bool(row.get("is_api_only", field.is_api_only))
    if "required_statuses" in row:
        field.required_statuses = _required(account, row, index)
    enums = row.get("enums")
    if isinstance(enums, list):
        known = {enum.id: enum for enum in field.enums}
        field.enums = [_enum(account, known, item, place) for place, item in enumerate(enums)]


def _required(account: Account, row: Json, index: int) -> list[tuple[int, int]]:
    given = row.get("required_statuses")
    places: list[tuple[int, int]] = []
    for position, item in enumerate(given if isinstance(given, list) else []):
        place = (int(item.get("pipeline_id") or 0), int(item.get("status_id") or 0))
        if place[0] not in account.pipelines or place[1] not in account.pipelines[place[0]].statuses:
            path = f"required_statuses.{position}.status_id"
            raise Invalid((request_id(row, index), "NotSupportedChoice", path, "There is no such status."))
        places.append(place)
    return places


def _enum(account: Account, known: dict[int, FieldEnum], item: Json, place: int) -> FieldEnum:
    number = item.get("id")
    chosen = number if isinstance(number, int) and number in known else account.take_id("enum")
    sort = item.get("sort")
    code = item.get("code")
    return FieldEnum(
        chosen,
        str(item.get("value", "")),
        sort if isinstance(sort, int) else (place + 1) * 10,
        str(code) if code else None,
    )
