"""Who sits at the page, and how a refusal reads there."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from app.sandbox.amocrm.model import User
from app.sandbox.amocrm.rest.wire import Json, account_of, body_of


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
    account = account_of(request)
    given = (
        request.headers.get("x-sandbox-user")
        or request.query_params.get("user_id")
        or request.cookies.get("sandbox_user")
    )
    if given and given != "0":
        user = account.users.get(int(given)) if given.isdigit() else None
        if user is None:
            raise UiError(404, "unknown_user", "Такого пользователя в аккаунте нет.")
        return user
    active = [user for user in account.users.values() if user.is_active]
    if not active:
        raise UiError(404, "no_users", "В аккаунте нет пользователей.")
    return active[0]


CurrentUser = Annotated[User, Depends(current_user)]


async def form_of(request: Request) -> Json:
    """The JSON object of the request, empty when there is no body. Raises UiError for another shape."""
    parsed = await body_of(request)
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise UiError(400, "bad_body", "Ожидается объект JSON.")
    return parsed


def number(form: Json, key: str, otherwise: int | None = None) -> int:
    """A whole number of the form. Raises UiError when it is missing or something else."""
    value = form.get(key, otherwise)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UiError(400, "bad_value", f"Нужно число: {key}.")
    return value


def words(form: Json, key: str, otherwise: str | None = None) -> str:
    """A text of the form. Raises UiError when it is missing or something else."""
    value = form.get(key, otherwise)
    if not isinstance(value, str):
        raise UiError(400, "bad_value", f"Нужен текст: {key}.")
    return value
