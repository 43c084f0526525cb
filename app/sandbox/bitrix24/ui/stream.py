"""Live updates: every change of a deal as a server-sent event; and what was delivered."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.requests import Request

from app.sandbox.bitrix24.model import DEAL, Notice
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json, portal_of
from app.sandbox.bitrix24.timeline_actions import BELL
from app.sandbox.bitrix24.ui import shapes

router = APIRouter(prefix="/sandbox/api")
TICK = 1.0  # how soon a stream notices that the server stops
HEARTBEAT = 15


def change_of(portal: Portal, notice: Notice) -> Json | None:
    """A notice as pages get it: whose card looks different or whose bell rings, else None."""
    if notice.event == BELL:
        return {"type": "bell", "user_id": notice.data["USER_ID"], "text": notice.data["TEXT"]}
    if notice.link is None or notice.link[0] != DEAL:
        return None
    deal = portal.items[DEAL].get(notice.link[1])
    return {
        "type": notice.event,
        "deal_id": notice.link[1],
        "by": notice.by,
        "at": notice.at,
        "origin": notice.origin,
        "deal": shapes.tile(portal, deal) if deal else None,
    }


@router.get("/stream")
async def stream(request: Request) -> StreamingResponse:
    """An endless `text/event-stream` of changes."""
    portal = portal_of(request)
    queue: asyncio.Queue[Json] = asyncio.Queue(maxsize=1000)

    def listen(notice: Notice) -> None:
        # Read now, not when it is sent: by then the deal may stand somewhere else again.
        change = change_of(portal, notice)
        if change is not None and not queue.full():
            queue.put_nowait(change)

    # Listening begins before the answer does, so that nothing falls between the two.
    portal.listeners.append(listen)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}

    async def lines() -> AsyncIterator[str]:
        try:
            async for line in _lines(portal, queue):
                yield line
        finally:
            portal.listeners.remove(listen)

    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)


async def _lines(portal: Portal, queue: asyncio.Queue[Json]) -> AsyncIterator[str]:
    yield "retry: 1000\n\n: connected\n\n"
    quiet = 0
    while not portal.closing:
        try:
            change = await asyncio.wait_for(queue.get(), TICK)
        except TimeoutError:
            quiet += 1
            if quiet % HEARTBEAT == 0:
                yield ": still here\n\n"
            continue
        yield f"data: {json.dumps(change, ensure_ascii=False)}\n\n"


@router.get("/deliveries")
async def deliveries(request: Request, limit: int = 100) -> Json:
    """The last events sent, newest first, and what applications have subscribed to."""
    portal = portal_of(request)
    return {
        "waiting": portal.events.waiting,
        "dropped": portal.events.dropped,
        "sent": [
            {"at": item.at, "url": item.url, "event": item.event, "status": item.status}
            for item in list(portal.events.sent)[-limit:][::-1]
        ],
        "handlers": [
            {"app": app.name, "event": handler.event, "url": handler.url, "offline": handler.offline}
            for app in portal.apps.by_client.values()
            for handler in app.handlers
        ],
        "offline": len(portal.offline.rows),
    }
