"""Reading: bootstrap, board, card, search, notices."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.bitrix24.event_bodies import portal_host
from app.sandbox.bitrix24.model import DEAL, Item, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json, portal_of
from app.sandbox.bitrix24.ui import shapes
from app.sandbox.bitrix24.ui.roles import shape as role_shape
from app.sandbox.bitrix24.ui.session import CurrentUser
from app.sandbox.page_forms import UiError

router = APIRouter(prefix="/sandbox/api")
PAGE = 30
FOUND = 20


@router.get("/bootstrap")
async def bootstrap(request: Request, user: CurrentUser) -> Json:
    """What every page needs first."""
    portal = portal_of(request)
    return {
        "portal": {
            "name": portal.name,
            "domain": portal_host(portal),
            "origin": portal.config.origin,
            "member_id": portal.member_id,
        },
        "user": shapes.user(user),
        "users": [shapes.user(item) for item in portal.users.values()],
        "roles": [role_shape(portal, role) for role in portal.roles.values()],
        "funnels": [row for row in shapes.funnels(portal) if row["id"] not in user.hidden_categories],
        "fields": shapes.fields(portal),
        "apps": [shapes.app(item) for item in portal.apps.by_client.values()],
        "notices": [
            {"id": item.id, "text": item.text, "at": item.at}
            for item in portal.notifications.values()
            if item.user_id == user.id
        ][::-1],
        "now": portal.now(),
    }


def _visible(portal: Portal, user: User, category_id: int) -> list[Item]:
    deals = portal.items[DEAL].values()
    return [deal for deal in deals if deal.category_id == category_id and portal.may_read(user, deal)]


@router.get("/board/{category_id}")
async def board(request: Request, category_id: int, user: CurrentUser, limit: int = PAGE) -> Json:
    """The stages of a funnel, each with its first `limit` deals and its totals."""
    portal = portal_of(request)
    if (DEAL, category_id) not in portal.categories:
        raise UiError(404, "unknown_category", "Такой воронки нет.")
    by_stage: dict[str, list[Item]] = {}
    for deal in _visible(portal, user, category_id):
        by_stage.setdefault(deal.stage_id, []).append(deal)
    columns = [
        {
            "id": stage.status_id,
            "name": stage.name,
            "color": stage.color,
            "semantics": stage.semantics,
            **_column(portal, by_stage.get(stage.status_id, []), 0, limit),
        }
        for stage in portal.stages_of(DEAL, category_id)
    ]
    return {"category_id": category_id, "stages": columns}


@router.get("/board/{category_id}/{stage_id}")
async def stage(
    request: Request, category_id: int, stage_id: str, user: CurrentUser, offset: int = 0, limit: int = PAGE
) -> Json:
    """More deals of one stage."""
    portal = portal_of(request)
    deals = [deal for deal in _visible(portal, user, category_id) if deal.stage_id == stage_id]
    return _column(portal, deals, offset, limit)


def _column(portal: Portal, deals: list[Item], offset: int, limit: int) -> Json:
    deals = sorted(deals, key=lambda deal: (-deal.moved_time, -deal.id))
    return {
        "total": len(deals),
        "sum": sum(deal.opportunity for deal in deals),
        "deals": [shapes.tile(portal, deal) for deal in deals[offset : offset + limit]],
        "offset": offset,
    }


def visible_deal(portal: Portal, user: User, deal_id: int) -> Item:
    """A deal that the user may read. Raises UiError."""
    deal = portal.items[DEAL].get(deal_id)
    if deal is None:
        raise UiError(404, "unknown_deal", "Такой сделки нет: возможно, её удалили.")
    if not portal.may_read(user, deal):
        raise UiError(403, "hidden_deal", "Эта сделка закрыта для вас.")
    return deal


@router.get("/deals/{deal_id}")
async def card(request: Request, deal_id: int, user: CurrentUser) -> Json:
    """The deal card with its whole timeline."""
    portal = portal_of(request)
    return shapes.card(portal, visible_deal(portal, user, deal_id))


@router.get("/search")
async def search(request: Request, user: CurrentUser, query: str = "") -> Json:
    """The first deals whose title, contact or id has the text."""
    portal, wanted = portal_of(request), query.strip().casefold()
    found: list[Json] = []
    for deal in portal.items[DEAL].values():
        contact = portal.contact_of(deal)
        text = f"{deal.id} {deal.title} {contact.full_name if contact else ''}".casefold()
        if wanted and wanted in text and portal.may_read(user, deal):
            found.append(shapes.tile(portal, deal))
        if len(found) == FOUND:
            break
    return {"deals": found}
