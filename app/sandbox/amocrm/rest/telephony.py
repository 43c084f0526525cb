"""Calls, talks, widgets, links and unsorted requests."""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Refused, Unsorted
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    Problem,
    account_of,
    body_of,
    hal,
    link,
    no_content,
    page_of,
    request_id,
    rows_of,
    text,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)
SINGLE = {"leads": "lead", "contacts": "contact", "companies": "company"}


@router.post("/calls")
async def add_calls(request: Request, who: Anyone) -> Response:
    """Calls from telephony; one whose number nobody has is listed under errors and not added."""
    account, rows = account_of(request), await rows_of(request)
    for index, row in enumerate(rows):
        _check_call(row, index)
    made: list[Json] = []
    errors: list[Json] = []
    for index, row in enumerate(rows):
        owner, moment = row.get("call_responsible"), whole(row, "created_at", index)
        note = account.log_call(
            phone=str(row["phone"]),
            direction=str(row["direction"]),
            duration=whole(row, "duration", index) or 0,
            by=whole(row, "created_by", index) or who.user_id,
            at=None if moment is None else float(moment),
            result=text(row, "call_result", index) or "",
            call_status=whole(row, "call_status", index),
            responsible_user_id=owner if isinstance(owner, int) else None,
            source=str(row["source"]),
            uniq=text(row, "uniq", index),
            link=text(row, "link", index) or "",
            origin=who.origin,
        )
        number = request_id(row, index)
        if note is None:
            errors.append(
                {
                    "title": "Entity not found",
                    "status": 263,
                    "detail": "Phone not found",
                    "request_id": number,
                }
            )
        else:
            made.append(_call(account, note.id, note.entity, note.entity_id, number))
    if errors and not made:
        return hal({"_total_items": 0, "errors": errors, "_embedded": {"calls": []}}, 400)
    return hal({"_total_items": len(made), "errors": errors, "_embedded": {"calls": made}})


def _check_call(row: Json, index: int) -> None:
    for key in ("direction", "phone", "duration", "source"):
        if row.get(key) is None:
            raise Invalid((request_id(row, index), "FieldMissing", key, "This field is missing."))
    if row["direction"] not in {"inbound", "outbound"}:
        raise Invalid((request_id(row, index), "NotSupportedChoice", "direction", "Not a valid choice."))


def _call(account: Account, number: int, entity: str, entity_id: int, echoed: str) -> Json:
    return {
        "id": number,
        "entity_id": entity_id,
        "entity_type": SINGLE[entity],
        "account_id": account.id,
        "request_id": echoed,
        "_embedded": {"entity": {"id": entity_id, "_links": link(account, f"{entity}/{entity_id}")}},
    }


@router.get("/talks/{talk_id:int}")
async def get_talk(request: Request, talk_id: int) -> Response:
    """One conversation."""
    account = account_of(request)
    talk = account.talks.get(talk_id)
    if talk is None:
        return no_content()
    return hal(
        {
            "talk_id": talk.id,
            "created_at": talk.created_at,
            "updated_at": talk.updated_at,
            "rate": 0,
            "contact_id": talk.contact_id,
            "chat_id": talk.chat_id,
            "entity_id": talk.lead_id,
            "entity_type": "lead",
            "is_in_work": talk.is_in_work,
            "is_read": talk.is_read,
            "origin": talk.origin,
            "missed_at": None,
            "account_id": account.id,
            "_links": link(account, f"talks/{talk.id}"),
            "_embedded": {
                "contacts": _linked(account, "contacts", talk.contact_id),
                "leads": _linked(account, "leads", talk.lead_id),
                "customers": [],
            },
        }
    )


def _linked(account: Account, entity: str, number: int | None) -> list[Json]:
    return [{"id": number, "_links": link(account, f"{entity}/{number}")}] if number else []


@router.get("/widgets")
async def list_widgets(request: Request) -> Response:
    """The widgets of the installed and uploaded archives."""
    account = account_of(request)
    codes = [item.widget_code for item in account.integrations.by_id.values() if item.archive]
    return page_of(request, codes, "widgets", lambda code: _widget(account, code) or {})


@router.get("/widgets/{code}")
async def get_widget(request: Request, code: str) -> Response:
    """One widget: whether it is active, and which integration it belongs to."""
    shown = _widget(account_of(request), code)
    return hal(shown) if shown else no_content()


def _widget(account: Account, code: str) -> Json | None:
    owner = account.integrations.by_code(code)
    if owner is None:
        return None
    return {
        "id": 742,
        "code": code,
        "version": owner.widget_version,
        "rating": "0,0",
        "settings_template": [],
        "is_lead_source": False,
        "is_work_with_dp": False,
        "is_crm_template": False,
        "client_uuid": owner.client_id,
        "is_active_in_account": owner.installed,
        "pipeline_id": None,
        "_links": link(account, f"widgets/{code}"),
    }


@router.get("/leads/{lead_id:int}/links")
async def list_links(request: Request, lead_id: int) -> Response:
    """What a lead is tied to. Reading says main_contact, writing says is_main."""
    account = account_of(request)
    lead = account.leads.get(lead_id)
    if lead is None or lead.is_deleted:
        return no_content()
    links: list[Json] = [
        {"to_entity_id": number, "to_entity_type": "contacts", "metadata": {"main_contact": index == 0}}
        for index, number in enumerate(lead.contact_ids)
    ]
    if lead.company_id:
        links.append({"to_entity_id": lead.company_id, "to_entity_type": "companies", "metadata": None})
    own = link(account, f"leads/{lead_id}/links")
    return hal({"_total_items": len(links), "_links": own, "_embedded": {"links": links}})


@router.post("/leads/{lead_id:int}/link")
async def add_links(request: Request, lead_id: int, who: Anyone) -> Response:
    """Tie contacts or a company to a lead."""
    account, rows = account_of(request), await rows_of(request)
    links: list[Json] = []
    for index, row in enumerate(rows):
        number = _target(account, lead_id, row, index)
        account.link_contact(lead_id, number, by=who.user_id)
        main = account.leads[lead_id].contact_ids[:1] == [number]
        links.append(
            {"entity_id": lead_id, "entity_type": "leads", **row, "metadata": {"main_contact": main}}
        )
    own = link(account, f"leads/{lead_id}/links")
    return hal({"_total_items": len(links), "_links": own, "_embedded": {"links": links}})


@router.post("/leads/{lead_id:int}/unlink")
async def remove_links(request: Request, lead_id: int, who: Anyone) -> Response:
    """Untie."""
    account, rows = account_of(request), await rows_of(request)
    for index, row in enumerate(rows):
        account.unlink_contact(lead_id, _target(account, lead_id, row, index), by=who.user_id)
    return no_content()


def _target(account: Account, lead_id: int, row: Json, index: int) -> int:
    number = whole(row, "to_entity_id", index)
    try:
        account.live_lead(lead_id)
        account.holder(str(row.get("to_entity_type")), number or 0)
    except Refused as refused:
        raise Invalid((request_id(row, index), refused.code, "to_entity_id", refused.detail)) from None
    return number or 0


@router.get("/leads/unsorted")
async def list_unsorted(request: Request) -> Response:
    """Requests that nobody has settled."""
    account = account_of(request)
    waiting = [item for item in account.unsorted.values() if item.outcome is None]
    return page_of(request, waiting, "unsorted", lambda item: _unsorted(account, item))


@router.get("/leads/unsorted/{uid}")
async def get_unsorted(request: Request, uid: str) -> Response:
    """One request."""
    account = account_of(request)
    item = account.unsorted.get(uid)
    return hal(_unsorted(account, item)) if item and item.outcome is None else no_content()


@router.post("/leads/unsorted/{uid}/accept")
async def accept_unsorted(request: Request, uid: str, who: Anyone) -> Response:
    """Accept a request into a stage."""
    return await _settle(request, uid, who.user_id, accept=True)


@router.delete("/leads/unsorted/{uid}/decline")
async def decline_unsorted(request: Request, uid: str, who: Anyone) -> Response:
    """Decline a request: its lead goes."""
    return await _settle(request, uid, who.user_id, accept=False)


async def _settle(request: Request, uid: str, user_id: int, *, accept: bool) -> Response:
    account, parsed = account_of(request), await body_of(request)
    row: Json = parsed if isinstance(parsed, dict) else {}
    try:
        item = account.settle_unsorted(
            uid, accept=accept, by=whole(row, "user_id") or user_id, status_id=whole(row, "status_id")
        )
    except Refused as refused:
        raise Problem(404, "Not Found", refused.detail) from None
    return hal(_unsorted(account, item))


def _unsorted(account: Account, item: Unsorted) -> Json:
    return {
        "uid": item.uid,
        "source_uid": None,
        "source_name": item.source_name,
        "category": item.category,
        "pipeline_id": item.pipeline_id,
        "created_at": item.created_at,
        "metadata": item.metadata,
        "account_id": account.id,
        "_links": link(account, f"leads/unsorted/{item.uid}"),
        "_embedded": {
            "contacts": _linked(account, "contacts", item.contact_id),
            "leads": _linked(account, "leads", item.lead_id),
            "companies": [],
        },
    }
