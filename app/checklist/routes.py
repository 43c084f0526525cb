"""The card's API. A viewer sees a deal when the CRM lets him; the tenant comes from his session."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Connection

from app.checklist.access import DealAccess
from app.checklist.answers import (
    AnswerRequest,
    ChecklistView,
    Contested,
    ContestRequest,
    ForwardRequest,
    ForwardView,
    HistoryView,
    Vouched,
    VouchRequest,
)
from app.checklist.forward import press_forward
from app.checklist.history import read_history
from app.checklist.read import read_card
from app.checklist.revision import revision_of
from app.checklist.speak import keep_answer, keep_contest, keep_vouch
from app.checklist.waiting import WaitingRoom
from app.db.lane import LaneKey, ring
from app.errors import CrmTrouble, NotFound
from app.installations.auth import CurrentServices, CurrentViewer
from app.installations.store import get_installation
from app.ledger.read import deal_of

router = APIRouter(prefix="/api/v1/deals/{deal_id}", tags=["deals"])
DealId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
HANGS = 20.0
"""Seconds that a request with `after` waits for news."""

CLOSING = "is_closing"
"""What the application's state says while the server ends: nobody is kept waiting then."""


def waiting_room(request: Request) -> WaitingRoom:
    """The one room of this process for pages that wait."""
    state = request.app.state
    if not hasattr(state, "waiting_room"):
        state.waiting_room = WaitingRoom()
    return cast(WaitingRoom, state.waiting_room)


def deal_access(request: Request, services: CurrentServices) -> DealAccess:
    """The one memory of who may see what in this process."""
    state = request.app.state
    if not hasattr(state, "deal_access"):
        state.deal_access = DealAccess(services.clients.open, services.clock)
    return cast(DealAccess, state.deal_access)


async def visible_deal(
    deal_id: DealId,
    viewer: CurrentViewer,
    services: CurrentServices,
    access: Annotated[DealAccess, Depends(deal_access)],
) -> str:
    """The deal's id when the viewer may see it. Raises NotFound, or CrmTrouble when nobody can say.

    While the CRM is silent a manager still sees the deals that he answers for himself.
    """
    may_read = await access.may_read(viewer, deal_id)
    if may_read is None:
        deal = await services.db.read(lambda conn: deal_of(conn, viewer.installation_id, deal_id))
        if deal is None or deal.responsible_id != viewer.user_id:
            raise CrmTrouble
        return deal_id
    if not may_read:
        raise _not_found()
    return deal_id


VisibleDeal = Annotated[str, Depends(visible_deal)]


@router.get(
    "/checklist",
    operation_id="getChecklist",
    response_model=ChecklistView,
    responses={304: {"description": "Nothing changed since."}},
)
async def get_checklist(
    deal_id: VisibleDeal,
    request: Request,
    services: CurrentServices,
    viewer: CurrentViewer,
    access: Annotated[DealAccess, Depends(deal_access)],
    after: Annotated[str, Query(max_length=40, description="Wait up to 20 s for another revision.")] = "",
) -> ChecklistView | Response:
    """The steps of the deal's client. With `after`, answers when they change, or 304 after 20 s."""
    tenant = viewer.installation_id
    if after and not await _changed(deal_id, after, request, services, tenant):
        return Response(status_code=304)
    now = services.clock.now()
    card = await services.db.read(lambda conn: read_card(conn, viewer, deal_id, now))
    if card is not None:
        return card
    if await access.exists(viewer, deal_id):
        await services.db.write(lambda conn: ring(conn, [LaneKey(tenant, "deal", deal_id)], now))
    raise _not_found()


@router.get("/history", operation_id="getDealHistory")
async def get_history(deal_id: VisibleDeal, services: CurrentServices, viewer: CurrentViewer) -> HistoryView:
    """Moves, facts, decisions and our writes, newest first."""
    return await services.db.read(
        lambda conn: read_history(conn, viewer.installation_id, deal_id, viewer.language)
    )


@router.post("/vouch", operation_id="vouch", status_code=201)
async def post_vouch(
    deal_id: VisibleDeal, wish: VouchRequest, services: CurrentServices, viewer: CurrentViewer
) -> Vouched:
    """The manager's word that the client did it, with a quote. Grade D, counted apart."""
    fact = await services.db.write(lambda conn: keep_vouch(conn, viewer, deal_id, wish, services.clock.now()))
    return Vouched(source_id=fact.source_id, occurred_at=fact.occurred_at)


@router.post("/contest", operation_id="contest")
async def post_contest(
    deal_id: VisibleDeal, wish: ContestRequest, services: CurrentServices, viewer: CurrentViewer
) -> Contested:
    """The manager says that a stop is wrong; the administrator sees it."""
    moment = await services.db.write(
        lambda conn: keep_contest(conn, viewer, deal_id, wish, services.clock.now())
    )
    return Contested(contested_at=moment)


@router.post("/forward", operation_id="moveForward", status_code=202)
async def post_forward(
    deal_id: VisibleDeal, wish: ForwardRequest, services: CurrentServices, viewer: CurrentViewer
) -> ForwardView:
    """Have the deal moved on to the next gated stage: all that it demands is there."""
    said, now = {"by": viewer.user_id, "language": viewer.language}, services.clock.now()

    def press(conn: Connection) -> ForwardView:
        known = get_installation(conn, viewer.installation_id)
        return press_forward(conn, known, deal_id, wish.stage_id, **said, now=now)

    return await services.db.write(press)


@router.post("/answer", operation_id="answerCheckpoint", status_code=204)
async def post_answer(
    deal_id: VisibleDeal, wish: AnswerRequest, services: CurrentServices, viewer: CurrentViewer
) -> None:
    """A step will not happen, or is open again; null takes that back."""
    await services.db.write(lambda conn: keep_answer(conn, viewer, deal_id, wish, services.clock.now()))


async def _changed(
    deal_id: str, after: str, request: Request, services: CurrentServices, tenant: int
) -> bool:
    room, deadline = waiting_room(request), services.clock.monotonic() + HANGS
    with room.place(tenant):
        while True:
            revision = await services.db.read(lambda conn: revision_of(conn, tenant, deal_id))
            if revision != after:
                return True
            is_over = services.clock.monotonic() >= deadline or getattr(request.app.state, CLOSING, False)
            if is_over or await request.is_disconnected():
                return False
            await services.clock.sleep(room.pause)


def _not_found() -> NotFound:
    return NotFound("There is no such deal here.", code="deal_unknown")
