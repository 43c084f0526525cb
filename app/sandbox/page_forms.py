"""What the browser pages of a simulated CRM send, and how a refusal reads there."""

import json

from fastapi.responses import JSONResponse
from starlette.requests import Request

Json = dict[str, object]


class UiError(Exception):
    """A refusal for the page: a status, a code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def ui_error(error: UiError) -> JSONResponse:
    """The answer that carries a refusal."""
    return JSONResponse({"code": error.code, "message": error.message}, error.status)


def asked_user(request: Request) -> int | None:
    """The id that the page acts as: header `X-Sandbox-User`, query `user_id` or cookie; None for nobody.

    An id that is no number is -1, which nobody has.
    """
    given = (
        request.headers.get("x-sandbox-user")
        or request.query_params.get("user_id")
        or request.cookies.get("sandbox_user")
    )
    if not given or given == "0":
        return None
    return int(given) if given.isdecimal() and len(given) < 19 else -1


async def form_of(request: Request) -> Json:
    """The JSON object of the request, empty when there is no body. Raises UiError for another shape."""
    body = await request.body()
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise UiError(400, "bad_body", "Ожидается объект JSON.")
    return parsed


def number(form: Json, key: str, otherwise: int | None = None) -> int:
    """A whole number of the form. Raises UiError when it is missing or something else."""
    value = form.get(key, otherwise)
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UiError(400, "bad_value", f"Нужно число: {key}.")
    return value


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
