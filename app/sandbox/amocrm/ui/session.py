"""Who sits at the page."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.sandbox.amocrm.model import User
from app.sandbox.amocrm.rest.wire import account_of
from app.sandbox.page_forms import UiError, asked_user


def current_user(request: Request) -> User:
    """The user whom the page names, else the first active one. Raises UiError for an id that nobody has."""
    users, asked = account_of(request).users, asked_user(request)
    if asked is not None:
        if asked not in users:
            raise UiError(404, "unknown_user", "Такого пользователя в аккаунте нет.")
        return users[asked]
    active = [user for user in users.values() if user.is_active]
    if not active:
        raise UiError(404, "no_users", "В аккаунте нет пользователей.")
    return active[0]


CurrentUser = Annotated[User, Depends(current_user)]
