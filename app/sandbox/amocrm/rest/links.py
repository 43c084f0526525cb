"""What a lead is tied to. https://www.amocrm.ru/developers/content/crm_platform/entity-links-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Refused
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    account_of,
    hal,
    link,
    no_content,
    request_id,
    rows_of,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


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
