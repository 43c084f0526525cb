"""The role matrix: what an administrator sets at the page of access rights."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json, as_list, portal_of
from app.sandbox.bitrix24.roles import WORDS, Role, funnel_key
from app.sandbox.bitrix24.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, form_of, number, words

router = APIRouter(prefix="/sandbox/api")


def shape(portal: Portal, role: Role) -> Json:
    """A role with its matrix, every stage and funnel of it told."""
    funnels = [category_id for kind, category_id in portal.categories if kind == DEAL]
    keys = [funnel_key(each) for each in funnels]
    keys += [stage.status_id for each in funnels for stage in portal.stages_of(DEAL, each)]
    members = [user.id for user in portal.users.values() if user.role_id == role.id]
    moves = {key: role.allowed(key) for key in keys}
    return {"id": role.id, "name": role.name, "members": members, "moves": moves}


@router.get("/roles")
async def read_roles(request: Request) -> Json:
    """All roles."""
    portal = portal_of(request)
    return {"roles": [shape(portal, role) for role in portal.roles.values()]}


@router.post("/roles")
async def add_role(request: Request, user: CurrentUser) -> Json:
    """A new role, which lets everybody through."""
    _check_admin(user.is_admin)
    portal, form = portal_of(request), await form_of(request)
    return shape(portal, portal.add_role(words(form, "name") or "Роль"))


@router.put("/roles/{role_id}/moves")
async def set_moves(request: Request, user: CurrentUser, role_id: int) -> Json:
    """From `key` (a stage, or `#` and a funnel) deals may go to `allowed`: stages, or one of the words."""
    _check_admin(user.is_admin)
    portal, form = portal_of(request), await form_of(request)
    role, key = _role(portal, role_id), words(form, "key")
    allowed = [str(each) for each in as_list(form.get("allowed"))]
    funnels = {funnel_key(category_id) for kind, category_id in portal.categories if kind == DEAL}
    stages = {stage.status_id for (kind, _), stage in portal.stages.items() if kind == DEAL}
    if key not in funnels | stages or not set(allowed) <= stages | set(WORDS):
        raise UiError(422, "unknown_stage", "Такой стадии нет.")
    role.set_moves(key, allowed)
    return shape(portal, role)


@router.put("/users/{user_id}/role")
async def give_role(request: Request, user: CurrentUser, user_id: int) -> Json:
    """Another role for a person; 0 takes it away."""
    _check_admin(user.is_admin)
    portal, form = portal_of(request), await form_of(request)
    person, role_id = portal.users.get(user_id), number(form, "role_id", 0)
    if person is None:
        raise UiError(404, "unknown_user", "Такого сотрудника на портале нет.")
    person.role_id = _role(portal, role_id).id if role_id else 0
    return {"id": user_id, "role_id": person.role_id}


def _role(portal: Portal, role_id: int) -> Role:
    found = portal.roles.get(role_id)
    if found is None:
        raise UiError(404, "unknown_role", "Такой роли нет.")
    return found


def _check_admin(is_admin: bool) -> None:
    if not is_admin:
        raise UiError(403, "admin_only", "Роли настраивает администратор.")
