"""Conversations in messengers. https://www.amocrm.ru/developers/content/crm_platform/talks-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.rest.caller import LOGGED_IN
from app.sandbox.amocrm.rest.wire import account_of, hal, link, linked, no_content

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


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
                "contacts": linked(account, "contacts", talk.contact_id),
                "leads": linked(account, "leads", talk.lead_id),
                "customers": [],
            },
        }
    )
