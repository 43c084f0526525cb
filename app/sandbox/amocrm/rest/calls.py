"""Calls from telephony. https://www.amocrm.ru/developers/content/crm_platform/calls-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    account_of,
    hal,
    link,
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
