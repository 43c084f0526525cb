"""Who is calling: an integration with a token, or a logged-in page of the account itself."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.sandbox.amocrm.model import User
from app.sandbox.amocrm.rest.wire import Problem, account_of


@dataclass(frozen=True)
class Caller:
    """The acting user of a request; `origin` is api or ui."""

    user_id: int
    is_admin: bool
    origin: str
    client_id: str


def caller(request: Request) -> Caller:
    """Read the bearer token (or the session cookie of a page). Raises Problem 401."""
    account = account_of(request)
    token = request.headers.get("authorization", "")
    if not token.startswith("Bearer "):
        return _session(request)
    grant = account.integrations.grant_of(token.removeprefix("Bearer "))
    if grant is None:
        raise unauthorized()
    context = request.headers.get("x-context-user-id")
    if context and grant.is_admin:
        user = account.users.get(int(context)) if context.isdigit() else None
        if user is None or user.is_free or not user.is_active:
            raise unauthorized()
        return Caller(user.id, user.is_admin, "api", grant.client_id)
    return Caller(grant.user_id, grant.is_admin, "api", grant.client_id)


def _session(request: Request) -> Caller:
    cookie = request.cookies.get("sandbox_user", "")
    user: User | None = account_of(request).users.get(int(cookie)) if cookie.isdigit() else None
    if user is None:
        raise unauthorized()
    return Caller(user.id, user.is_admin, "ui", "")


def unauthorized() -> Problem:
    """The 401 of a missing, expired or revoked token."""
    return Problem(401, "Unauthorized", "Неверный логин или пароль")


def admin(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """A caller with an administrator's rights. Raises Problem 403."""
    if not who.is_admin:
        raise Problem(403, "Forbidden", "Доступ к данному ресурсу запрещён")
    return who


Anyone = Annotated[Caller, Depends(caller)]
Admin = Annotated[Caller, Depends(admin)]
LOGGED_IN = [Depends(caller)]
ADMIN_ONLY = [Depends(admin)]
