"""Live updates: every change of the account as a server-sent event, and the fault switches."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Notice
from app.sandbox.amocrm.rest.wire import Json, account_of
from app.sandbox.amocrm.ui import shapes
from app.sandbox.page_forms import UiError

router = APIRouter(prefix="/sandbox")
TICK = 1.0  # how soon a stream notices that the server stops
HEARTBEAT = 15


def changes_of(account: Account, notice: Notice) -> list[Json]:
    """A notice as pages get it, one change for each lead whose card looks different now.

    `type` is the subscription code of the hook (status_lead, note_lead …), `lead` the card as
    the board shows it, None when the lead is gone.
    """
    return [_change(account, notice, number) for number in lead_ids_of(account, notice)]


def _change(account: Account, notice: Notice, number: int) -> Json:
    lead = account.leads[number]
    gone = lead.is_deleted or lead.merged_into is not None
    return {
        "type": notice.code,
        "lead_id": number,
        "pipeline_id": lead.pipeline_id,
        "status_id": lead.status_id,
        "old_pipeline_id": lead.old_pipeline_id,
        "old_status_id": lead.old_status_id,
        "by": notice.by,
        "at": notice.at,
        "origin": notice.origin,
        "lead": None if gone else shapes.board_lead(account, lead),
    }


def lead_ids_of(account: Account, notice: Notice) -> list[int]:
    """The leads whose cards look different after a change."""
    kind = notice.code.rpartition("_")[2]
    if kind in {"lead", "message", "unsorted"}:
        return [number for number in notice.ids if number in account.leads]
    if kind == "task":
        tasks = [account.tasks[number] for number in notice.ids]
        return [task.entity_id for task in tasks if task.entity == "leads" and task.entity_id]
    if kind in {"contact", "company"}:
        known = [account.contacts[number] for number in notice.ids if number in account.contacts]
        return [number for item in known for number in item.lead_ids]
    return []


@router.get("/api/stream")
async def stream(request: Request) -> StreamingResponse:
    """An endless `text/event-stream` of changes."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_changes(account_of(request)), media_type="text/event-stream", headers=headers)


async def _changes(account: Account) -> AsyncIterator[str]:
    queue: asyncio.Queue[list[Json]] = asyncio.Queue(maxsize=1000)

    def listen(notice: Notice) -> None:
        # Read now, not when it is sent: by then the lead may stand somewhere else again.
        if not queue.full():
            queue.put_nowait(changes_of(account, notice))

    account.listeners.append(listen)
    try:
        yield "retry: 1000\n\n: connected\n\n"
        quiet = 0
        while not account.closing:
            try:
                changes = await asyncio.wait_for(queue.get(), TICK)
            except TimeoutError:
                quiet += 1
                if quiet % HEARTBEAT == 0:
                    yield ": still here\n\n"
                continue
            for change in changes:
                yield f"data: {json.dumps(change, ensure_ascii=False)}\n\n"
    finally:
        account.listeners.remove(listen)


@router.get("/api/deliveries")
async def deliveries(request: Request, limit: int = 100) -> Json:
    """The last webhook attempts, newest first, and the subscriptions."""
    account = account_of(request)
    sent = list(account.webhooks.sent)[-limit:][::-1]
    return {
        "waiting": account.webhooks.waiting,
        "sent": [
            {
                "at": item.at,
                "destination": item.destination,
                "code": item.code,
                "number": item.number,
                "status": item.status,
                "request_id": item.request_id,
            }
            for item in sent
        ],
        "webhooks": [
            {
                "id": hook.id,
                "destination": hook.destination,
                "settings": hook.settings,
                "disabled": hook.disabled,
            }
            for hook in account.hooks.values()
        ],
    }


@router.post("/api/webhooks/{hook_id}/enable")
async def enable(request: Request, hook_id: int) -> Json:
    """Switch a disabled subscription on by hand; nothing is replayed."""
    account = account_of(request)
    hook = account.hooks.get(hook_id)
    if hook is None:
        raise UiError(404, "unknown_webhook", "Такой подписки нет.")
    account.webhooks.forgive(hook)
    return {"id": hook.id, "disabled": hook.disabled}
