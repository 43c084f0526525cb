"""What an administrator arranges at the page: roles, mandatory fields, robots; and the switches."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.bitrix24.model import DEAL, Stage
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json, as_list, as_tree, portal_of, whole
from app.sandbox.bitrix24.state import Act, Robot
from app.sandbox.bitrix24.ui import shapes
from app.sandbox.bitrix24.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, flag, form_of, number, words

router = APIRouter(prefix="/sandbox")
SCOPES_OF_SIGHT = {"all", "own", "none"}


@router.patch("/api/users/{user_id}")
async def change_user(request: Request, user_id: int) -> Json:
    """Another role for an employee, or his dismissal."""
    portal, form = portal_of(request), await form_of(request)
    user = portal.users.get(user_id)
    if user is None:
        raise UiError(404, "unknown_user", "Такого сотрудника на портале нет.")
    sees = words(form, "sees", user.sees)
    if sees not in SCOPES_OF_SIGHT:
        raise UiError(422, "bad_value", "Видит: all, own или none.")
    user.is_admin = flag(form, "is_admin", otherwise=user.is_admin)
    user.is_active = flag(form, "is_active", otherwise=user.is_active)
    user.sees = sees
    if "refused_stages" in form:
        user.refused_stages = {str(item) for item in as_list(form["refused_stages"])}
    if "hidden_categories" in form:
        user.hidden_categories = {
            number for number in map(whole, as_list(form["hidden_categories"])) if number is not None
        }
    return shapes.user(user)


def _stage(portal: Portal, stage_id: str) -> Stage:
    stage = portal.stage(DEAL, stage_id)
    if stage is None:
        raise UiError(404, "unknown_stage", "Такой стадии нет.")
    return stage


@router.patch("/api/stages/{stage_id}")
async def change_stage(request: Request, stage_id: str) -> Json:
    """Another name, another place among the stages, or other fields that are mandatory from here on."""
    portal, form = portal_of(request), await form_of(request)
    stage = _stage(portal, stage_id)
    stage.name = words(form, "name", stage.name)
    stage.sort = number(form, "sort", stage.sort)
    if "required" in form:
        stage.required = [str(item) for item in as_list(form["required"])]
    return {"id": stage.status_id, "name": stage.name, "sort": stage.sort, "required": stage.required}


@router.delete("/api/stages/{stage_id}")
async def delete_stage(request: Request, stage_id: str) -> Json:
    """A stage goes; it must hold no deals."""
    portal = portal_of(request)
    portal.delete_stage(_stage(portal, stage_id).status_id)
    return {"id": stage_id}


@router.delete("/api/categories/{category_id}")
async def delete_category(request: Request, category_id: int) -> Json:
    """A funnel goes with its stages; it must hold no deals."""
    portal = portal_of(request)
    if (DEAL, category_id) not in portal.categories:
        raise UiError(404, "unknown_category", "Такой воронки нет.")
    portal.delete_category(category_id)
    return {"id": category_id}


@router.put("/api/stages/{stage_id}/robots")
async def set_robots(request: Request, stage_id: str) -> Json:
    """What the portal does by itself when a deal enters the stage: `robots` of kind move or comment."""
    portal, form = portal_of(request), await form_of(request)
    code = _stage(portal, stage_id).status_id
    robots = [as_tree(item) for item in as_list(form.get("robots"))]
    portal.robots[code] = [Robot(words(item, "kind"), words(item, "value")) for item in robots]
    return {"id": code, "robots": robots}


@router.post("/api/burst")
async def burst(request: Request, user: CurrentUser) -> Json:
    """One mass edit: `count` deals get another comment at once, and each raises its own event."""
    portal, form = portal_of(request), await form_of(request)
    deals = list(portal.items[DEAL].values())[: number(form, "count", 1000)]
    text = f"Массовое изменение {portal.iso(portal.now())}"
    touched = sum(portal.update_item(deal, {"additional_info": text}, Act(by=user.id)) for deal in deals)
    return {"touched": touched}
