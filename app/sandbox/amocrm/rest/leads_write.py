"""Leads: writing them. Answers are thin; the full state has to be read again."""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Lead
from app.sandbox.amocrm.rest import lead_changes
from app.sandbox.amocrm.rest.caller import Anyone, Caller
from app.sandbox.amocrm.rest.contacts import create_from
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    Problem,
    account_of,
    hal,
    link,
    request_id,
    row_of,
    rows_of,
    whole,
)

router = APIRouter(prefix="/api/v4")


@router.post("/leads")
async def add_leads(request: Request, who: Anyone) -> Response:
    """New leads; `request_id` is echoed."""
    account, rows = account_of(request), await rows_of(request)
    checked = [lead_changes.read(account, who, row, index, None) for index, row in enumerate(rows)]
    made: list[Json] = []
    for index, (row, change) in enumerate(zip(rows, checked, strict=True)):
        lead = _create(
            account, who, change, _linked(account, row, "contacts"), _linked(account, row, "companies")
        )
        made.append(
            {
                "id": lead.id,
                "request_id": request_id(row, index),
                "_links": link(account, f"leads/{lead.id}"),
            }
        )
    return hal({"_links": link(account, "leads"), "_embedded": {"leads": made}})


def _linked(account: Account, row: Json, key: str) -> list[int]:
    embedded = row.get("_embedded")
    items = embedded.get(key) if isinstance(embedded, dict) else None
    numbers = [item.get("id") for item in items or [] if isinstance(item, dict)]
    return [number for number in numbers if isinstance(number, int) and number in account.contacts]


def _create(
    account: Account, who: Caller, change: lead_changes.LeadChange, contacts: list[int], companies: list[int]
) -> Lead:
    pipeline_id, status_id = change.place or (0, 0)
    return account.create_lead(
        name=change.name or "",
        pipeline_id=pipeline_id,
        status_id=status_id,
        price=change.price or 0,
        responsible_user_id=change.responsible_user_id or who.user_id,
        by=change.by,
        at=change.at,
        fields=change.fields,
        tags=[*(change.tags or []), *change.tags_to_add],
        contact_ids=contacts,
        company_id=companies[0] if companies else None,
        loss_reason_id=change.loss_reason_id,
        origin=who.origin,
    )


@router.post("/leads/complex")
async def add_complex(request: Request, who: Anyone) -> Response:
    """Leads together with at most one contact and one company each."""
    account, rows = account_of(request), await rows_of(request, most=50)
    checked = [lead_changes.read(account, who, row, index, None) for index, row in enumerate(rows)]
    made: list[Json] = []
    for index, (row, change) in enumerate(zip(rows, checked, strict=True)):
        people = {kind: _complex_part(account, who, row, index, kind) for kind in ("contacts", "companies")}
        lead = _create(
            account,
            who,
            change,
            [people["contacts"]] if people["contacts"] else [],
            [people["companies"]] if people["companies"] else [],
        )
        made.append(
            {
                "id": lead.id,
                "contact_id": people["contacts"],
                "company_id": people["companies"],
                "request_id": [request_id(row, index)],
                "merged": False,
            }
        )
    return hal(made)


def _complex_part(account: Account, who: Caller, row: Json, index: int, kind: str) -> int | None:
    embedded = row.get("_embedded")
    items = embedded.get(kind) if isinstance(embedded, dict) else None
    if not items:
        return None
    if len(items) > 1:
        raise Invalid((request_id(row, index), "TooMany", f"_embedded.{kind}", "Only one is allowed."))
    known = items[0].get("id")
    return known if known in account.contacts else create_from(account, who, items[0], index, kind).id


@router.patch("/leads")
async def edit_leads(request: Request, who: Anyone) -> Response:
    """Several leads by id: all bodies are checked before the first change is made."""
    account, rows = account_of(request), await rows_of(request)
    pairs = []
    for index, row in enumerate(rows):
        lead = account.leads.get(whole(row, "id", index) or 0)
        if lead is None or lead.is_deleted or lead.merged_into is not None:
            raise Invalid((request_id(row, index), "NotFound", "id", "There is no such lead."))
        pairs.append((lead, lead_changes.read(account, who, row, index, lead)))
    for lead, change in pairs:
        lead_changes.apply(account, who, lead, change)
    thin = [_thin(account, lead) for lead, _ in pairs]
    return hal({"_links": link(account, "leads"), "_embedded": {"leads": thin}})


@router.patch("/leads/{lead_id:int}")
async def edit_lead(request: Request, lead_id: int, who: Anyone) -> Response:
    """One lead, from one object. There is no conditional update: the last writer wins."""
    account, row = account_of(request), await row_of(request)
    lead = account.leads.get(lead_id)
    if lead is None or lead.is_deleted or lead.merged_into is not None:
        raise Problem(404, "Not Found", "Lead not found")
    lead_changes.apply(account, who, lead, lead_changes.read(account, who, row, 0, lead))
    return hal(_thin(account, lead))


def _thin(account: Account, lead: Lead) -> Json:
    return {"id": lead.id, "updated_at": lead.updated_at, "_links": link(account, f"leads/{lead.id}")}
