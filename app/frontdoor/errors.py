"""Every refusal in one shape: `{"error": {code, sentence, problems, id}}`. A 500 tells only an id."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.crm.errors import AuthExpired, Blocked, CrmError, PaymentRequired, RateLimited
from app.crm.errors import NotFound as CrmNotFound
from app.errors import CrmTrouble, NotFound, Overloaded, StepgateError
from app.observability import describe_error, get_logger

log = get_logger("errors")
PLAIN: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "There is no such thing here."),
    405: ("method_not_allowed", "This address does not take that kind of request."),
    413: ("too_large", "That is more than fits into one request."),
    415: ("media_type", "Send JSON."),
}
CRM_TROUBLE: Mapping[type[CrmError], tuple[str, str]] = {
    AuthExpired: (
        "reauth_required",
        "The CRM takes our access no more. An administrator has to reconnect.",
    ),
    RateLimited: ("crm_busy", "The CRM asks for fewer calls. Try again in a minute."),
    Blocked: ("crm_blocked", "The CRM has shut Stepgate out. An administrator has to look into it."),
    PaymentRequired: ("crm_unpaid", "The CRM account has to be paid first."),
}


def error_body(
    request_id: str, code: str, sentence: str, problems: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """A refusal as JSON."""
    return {"error": {"code": code, "sentence": sentence, "problems": list(problems), "id": request_id}}


def handle_errors(app: FastAPI) -> None:
    """Put every kind of refusal into the one shape."""
    app.add_exception_handler(StepgateError, _on_refusal)
    app.add_exception_handler(CrmError, _on_crm_error)
    app.add_exception_handler(RequestValidationError, _on_shape)
    app.add_exception_handler(HTTPException, _on_plain)


class LastGuard:
    """ASGI: a bug becomes a 500 with an id; its traceback goes to the log without anybody's data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_started = False

        async def answer(message: Message) -> None:
            nonlocal is_started
            is_started = is_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001  the last guard of a request
            log.error("unexpected error", **describe_error(error))
            if not is_started:
                sentence = StepgateError.default_sentence
                body = error_body(request_id_of(scope), "internal", sentence)
                await JSONResponse(body, 500)(scope, receive, send)


def request_id_of(scope: Mapping[str, Any]) -> str:
    """The id that the request's log lines carry."""
    return str(scope.get("state", {}).get("request_id", ""))


async def _on_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, StepgateError):
        raise error
    headers = {"Retry-After": "1"} if isinstance(error, Overloaded) else None
    return _answer(request, error.status, error.code, error.sentence, error.problems, headers)


async def _on_crm_error(request: Request, error: Exception) -> Response:
    if isinstance(error, CrmNotFound):
        return _answer(request, NotFound.status, NotFound.default_code, NotFound.default_sentence)
    trouble = (CrmTrouble.default_code, CrmTrouble.default_sentence)
    code, sentence = next((told for kind, told in CRM_TROUBLE.items() if isinstance(error, kind)), trouble)
    wait = error.retry_after if isinstance(error, RateLimited) else 30.0
    log.warning("the CRM failed a request", error_type=type(error).__name__, code=code)
    return _answer(request, CrmTrouble.status, code, sentence, headers={"Retry-After": str(int(wait) + 1)})


async def _on_shape(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [
        {
            "path": ".".join(str(part) for part in each["loc"]),
            "code": each["type"],
            "sentence": str(each["msg"]) + ".",
        }
        for each in error.errors()
    ]
    return _answer(request, 422, "shape", "Some values are missing or of another kind.", problems)


async def _on_plain(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code, sentence = PLAIN.get(error.status_code, ("refused", "The request was refused."))
    return _answer(request, error.status_code, code, sentence, headers=error.headers)


def _answer(
    request: Request,
    status: int,
    code: str,
    sentence: str,
    problems: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = error_body(request_id_of(request.scope), code, sentence, problems)
    return JSONResponse(body, status, headers=dict(headers or {}))
