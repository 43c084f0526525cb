"""Leads: reading them. https://www.amocrm.ru/developers/content/crm_platform/leads-api"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Contact, Lead
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import LOGGED_IN
from app.sandbox.amocrm.rest.wire import (
    Problem,
    account_of,
    hal,
    no_content,
    page_of,
    query_of,
    with_of,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)
RANGES = ("created_at", "updated_at", "closed_at", "price")
Record = TypeVar("Record", Lead, Contact)
CHOICES = ("id", "name", "pipeline_id", "created_by", "updated_by", "responsible_user_id")


@router.get("/leads")
async def list_leads(request: Request) -> Response:
    """A page of leads; the trash only with `with=only_deleted`. `query` looks into names and fields."""
    account, also = account_of(request), with_of(request)
    deleted, words = "only_deleted" in also, request.query_params.get("query", "")
    leads = [
        item
        for item in account.leads.values()
        if item.is_deleted == deleted
        and item.merged_into is None
        and not _is_unsorted(account, item)
        and mentions(item, words)
    ]
    leads = filtered(request, leads)
    leads = sorted(leads, key=lambda item: item.id)
    order = brackets.child(query_of(request), "order")
    for key in ("created_at", "updated_at", "id"):
        direction = brackets.child(order, key)
        if direction:
            leads.sort(key=_by(key), reverse=direction == "desc")
    if account.faults.shifting_pages and request.query_params.get("page", "1") != "1":
        leads = leads[1:]
    return page_of(request, leads, "leads", lambda item: shapes.lead(account, item, also))


def _by(key: str) -> Callable[[Lead], int]:
    return lambda item: int(getattr(item, key))


def _is_unsorted(account: Account, item: Lead) -> bool:
    return account.pipelines[item.pipeline_id].statuses[item.status_id].type == 1


@router.get("/leads/{lead_id:int}")
async def get_lead(request: Request, lead_id: int) -> Response:
    """One lead; 204 for an unknown, deleted or merged one."""
    account = account_of(request)
    item = account.leads.get(lead_id)
    if item is None or item.is_deleted or item.merged_into is not None:
        return no_content()
    return hal(shapes.lead(account, item, with_of(request) | {"is_price_modified_by_robot"}))


def mentions(item: Lead | Contact, words: str) -> bool:
    """Whether a record's name or one of its values holds these words."""
    wanted = words.casefold()
    filled = [str(value.get("value")) for kept in item.fields.values() for value in kept]
    return not wanted or any(wanted in text.casefold() for text in (item.name, *filled))


def filtered(request: Request, records: Iterable[Record]) -> list[Record]:
    """Apply `filter[...]`, a paid option: without it the filter is ignored or refused (a switch)."""
    account = account_of(request)
    wanted = brackets.child(query_of(request), "filter")
    if wanted is None:
        return list(records)
    if not account.faults.filter_paid:
        if account.faults.unpaid_filter_mode == "refuse":
            raise Problem(400, "Bad Request", "Filtering is not available for this account")
        return list(records)
    return [item for item in records if _matches(item, wanted)]


def _matches(item: Lead | Contact, wanted: object) -> bool:
    for key in CHOICES:
        choices = brackets.values(brackets.child(wanted, key))
        if choices and str(getattr(item, key, None)) not in choices:
            return False
    for key in RANGES:
        if not in_range(getattr(item, key, None), brackets.child(wanted, key)):
            return False
    pairs = brackets.child(wanted, "statuses")
    if isinstance(pairs, dict) and isinstance(item, Lead):
        places = [_place(pair) for pair in pairs.values()]
        return (str(item.pipeline_id), str(item.status_id)) in places
    return True


def _place(pair: object) -> tuple[str, str]:
    return str(brackets.child(pair, "pipeline_id")), str(brackets.child(pair, "status_id"))


def in_range(value: object, bounds: object) -> bool:
    """Whether a number lies in `[from]`/`[to]`; a plain number means "from that on"."""
    low = brackets.number(brackets.child(bounds, "from") if isinstance(bounds, dict) else bounds)
    high = brackets.number(brackets.child(bounds, "to"))
    if low is None and high is None:
        return True
    if not isinstance(value, int):
        return False
    return (low is None or value >= low) and (high is None or value <= high)
