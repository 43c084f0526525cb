"""From a request to a method and back: who calls, whether he may, what it costs."""

from datetime import datetime, timedelta, timezone

from app.sandbox.bitrix24.apps import App, Grant
from app.sandbox.bitrix24.limits import Limiter
from app.sandbox.bitrix24.model import Refused, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.registry import METHODS, Method
from app.sandbox.bitrix24.rest.wire import Answer, Call, Json, RestError, flat_text
from app.sandbox.bitrix24.rest.writes import is_write, plain_name

Caller = tuple[App, User, Grant | None]


def caller_of(portal: Portal, params: Json, header: str) -> Caller:
    """Who an access token stands for. Raises RestError."""
    token = flat_text(params, "auth") or header.removeprefix("Bearer ").strip()
    if not token:
        raise RestError(401, "NO_AUTH_FOUND", "Wrong authorization data")
    grant = portal.apps.grant_of(token)
    if grant is None:
        raise RestError(401, "invalid_token", "Unable to get application by token")
    app, user = portal.apps.by_client[grant.client_id], portal.users.get(grant.user_id)
    if not app.present:
        raise RestError(401, "APPLICATION_NOT_FOUND", "Application not found")
    if grant.expires < portal.now():
        raise RestError(401, "expired_token", "The access token provided has expired.")
    if user is None or not user.is_active:
        raise RestError(401, "authorization_error", "Unable to authorize user")
    return app, _allowed(portal, app, user), grant


def _allowed(portal: Portal, app: App, user: User) -> User:
    faults = portal.faults
    if faults.unpaid:
        raise RestError(403, "ACCESS_DENIED", "REST API is available only on commercial plans.")
    if app.payment_expired:
        raise RestError(401, "PAYMENT_REQUIRED", "Payment required")
    chosen = {name.strip() for name in faults.app_users.split(",") if name.strip()}
    if chosen and str(user.id) not in chosen:
        raise RestError(403, "user_access_error", "The user does not have access to the application.")
    return user


def webhook_caller(portal: Portal, user_id: int, secret: str) -> Caller:
    """Who an inbound webhook stands for. Raises RestError."""
    app, user = portal.apps.webhooks.get(secret), portal.users.get(user_id)
    if app is None or user is None or app.installer_id != user_id:
        raise RestError(401, "NO_AUTH_FOUND", "Wrong authorization data")
    if not user.is_active:
        raise RestError(401, "authorization_error", "Unable to authorize user")
    return app, _allowed(portal, app, user), None


def invoke(portal: Portal, limiter: Limiter, name: str, params: Json, caller: Caller) -> Json:
    """Run one method; the answer's body with its `time`. Raises RestError."""
    app, user, grant = caller
    found = METHODS.get(plain_name(name))
    if found is None:
        raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    _check(portal, found, app, user, grant)
    if limiter.is_blocked(app.client_id, found.name):
        text = "Method is blocked due to operation time limit."
        raise RestError(429, "OPERATION_TIME_LIMIT", text)
    started = portal.now()
    call = Call(portal, found.name, params, user, app, grant)
    try:
        with portal.batch():
            result = found.run(call)
    except Refused as refused:
        raise RestError(refused.status, refused.code, refused.text) from None
    limiter.work(app.client_id, found.name, portal.faults.call_seconds)
    answer = result if isinstance(result, Answer) else Answer(result)
    return answer.body | {"time": timing(portal, limiter, app.client_id, found.name, started)}


def _check(portal: Portal, method: Method, app: App, user: User, grant: Grant | None) -> None:
    if not method.in_scope(app.scope):
        status = portal.faults.scope_status
        text = "The request requires higher privileges than provided by the access token"
        raise RestError(status, "insufficient_scope", text)
    if method.for_app and grant is None:
        raise RestError(403, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method")
    if method.for_admin and not user.is_admin:
        raise RestError(403, "ACCESS_DENIED", "Access denied!")
    mode = portal.faults.method_confirm
    if mode and is_write(method.name):
        status, code = (
            (401, "METHOD_CONFIRM_WAITING") if mode == "waiting" else (403, "METHOD_CONFIRM_DENIED")
        )
        raise RestError(status, code, "Waiting for confirmation by the administrator")


def timing(portal: Portal, limiter: Limiter, client_id: str, method: str, started: float) -> Json:
    """When a call ran, and how much working time its method has used."""
    zone = timezone(timedelta(hours=portal.config.utc_offset))
    duration = portal.faults.call_seconds
    finish = started + duration
    return {
        "start": round(started, 6),
        "finish": round(finish, 6),
        "duration": duration,
        "processing": duration,
        "date_start": datetime.fromtimestamp(int(started), zone).isoformat(),
        "date_finish": datetime.fromtimestamp(int(finish), zone).isoformat(),
        "operating_reset_at": limiter.resets_at(client_id, method),
        "operating": limiter.operating(client_id, method),
    }
