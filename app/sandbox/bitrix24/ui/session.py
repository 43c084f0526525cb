"""Who sits at the page, and how a refusal reads there."""

import json
from typing import Annotated

from fastapi import Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.rest.wire import Json, as_tree, portal_of, whole


class UiError(Exception):
    """A refusal for the page: a status, a code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def ui_error(error: UiError) -> JSONResponse:
    """The answer that carries a refusal."""
    return JSONResponse({"code": error.code, "message": error.message}, error.status)


def current_user(request: Request) -> User:
    """The user of header `X-Sandbox-User`, query `user_id` or cookie; else the first active one.

    Raises UiError for an id that nobody has.
    """
    users = portal_of(request).users
    given = (
        request.headers.get("x-sandbox-user")
        or request.query_params.get("user_id")
        or request.cookies.get("sandbox_user")
    )
    if given:
        user = users.get(whole(given) or 0)
        if user is None:
            raise UiError(404, "unknown_user", "Такого сотрудника на портале нет.")
        return user
    active = [user for user in users.values() if user.is_active]
    if not active:
        raise UiError(404, "no_users", "На портале нет сотрудников.")
    return active[0]


CurrentUser = Annotated[User, Depends(current_user)]


async def form_of(request: Request) -> Json:
    """The JSON object of the request, empty when there is no body. Raises UiError for another shape."""
    body = await request.body()
    if not body:
        return {}
    try:
        parsed = json.loads(body)
    except ValueError:
        raise UiError(400, "bad_body", "Ожидается объект JSON.") from None
    if not isinstance(parsed, dict):
        raise UiError(400, "bad_body", "Ожидается объект JSON.")
    return as_tree(parsed)


def number(form: Json, key: str, otherwise: int | None = None) -> int:
    """A whole number of the form. Raises UiError when it is missing or something else."""
    value = form.get(key, otherwise)
    found = None if isinstance(value, bool) else whole(value)
    if found is None:
        raise UiError(400, "bad_value", f"Нужно число: {key}.")
    return found


def amount(form: Json, key: str, otherwise: float = 0.0) -> float:
    """A sum of money. Raises UiError when it is something else."""
    try:
        return float(str(form.get(key, otherwise)))
    except ValueError:
        raise UiError(400, "bad_value", f"Нужна сумма: {key}.") from None


def words(form: Json, key: str, otherwise: str | None = None) -> str:
    """A text of the form. Raises UiError when it is missing or something else."""
    value = form.get(key, otherwise)
    if not isinstance(value, str):
        raise UiError(400, "bad_value", f"Нужен текст: {key}.")
    return value


def flag(form: Json, key: str, *, otherwise: bool) -> bool:
    """Yes or no. Raises UiError when it is something else."""
    value = form.get(key, otherwise)
    if not isinstance(value, bool):
        raise UiError(400, "bad_value", f"Нужно да или нет: {key}.")
    return value
