"""Requests that wait to be accepted. https://www.amocrm.ru/developers/content/crm_platform/unsorted-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Refused, Unsorted
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone
from app.sandbox.amocrm.rest.wire import (
    Json,
    Problem,
    account_of,
    body_of,
    hal,
    link,
    linked,
    no_content,
    page_of,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


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
            "contacts": linked(account, "contacts", item.contact_id),
            "leads": linked(account, "leads", item.lead_id),
            "companies": [],
        },
    }
