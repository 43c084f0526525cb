"""The account, its users and the subscriptions to webhooks."""

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Webhook
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import ADMIN_ONLY, LOGGED_IN, Admin, Anyone
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    Problem,
    account_of,
    hal,
    link,
    no_content,
    page_of,
    query_of,
    row_of,
    totals,
    with_of,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)
MOST_HOOKS = 100
DATES: Json = {
    "date_pattern": "d.m.Y H:i",
    "short_date_pattern": "d.m.Y",
    "short_time_pattern": "H:i",
    "date_formant": "d.m.Y",
    "time_format": "H:i:s",
    "timezone": "Europe/Moscow",
    "timezone_offset": "+03:00",
}
ENTITIES = ("lead", "contact", "company", "customer")
HOOK_CODES = {
    *(
        f"{action}_{entity}"
        for action in ("add", "update", "delete", "restore", "responsible", "note")
        for entity in ENTITIES
        if (action, entity) != ("restore", "customer")
    ),
    "status_lead",
    *(f"{action}_task" for action in ("add", "update", "delete", "responsible")),
    "add_talk",
    "update_talk",
    "add_chat_template_review",
    "add_message",
    "add_unsorted",
    "update_unsorted",
    "delete_unsorted",
}


@router.get("/account")
async def get_account(request: Request, who: Anyone) -> Response:
    """The account; most details only on request by `with=`."""
    account, also = account_of(request), with_of(request)
    body: Json = {
        "id": account.id,
        "name": account.name,
        "subdomain": account.subdomain,
        "created_at": 1_500_000_000,
        "created_by": 0,
        "updated_at": 1_700_000_000,
        "updated_by": 0,
        "current_user_id": who.user_id,
        "country": "RU",
        "currency": "RUB",
        "currency_symbol": "₽",
        "customers_mode": "disabled",
        "is_unsorted_on": True,
        "mobile_feature_version": 0,
        "is_loss_reason_enabled": True,
        "is_helpbot_enabled": False,
        "is_technical_account": False,
        "contact_name_display_order": 1,
        "_links": link(account, "account"),
    }
    return hal(body | _details(account, also))


def _details(account: Account, also: set[str]) -> Json:
    plain: Json = {
        "is_api_filter_enabled": account.faults.filter_paid,
        "amojo_id": "f3c6340d-410e-4ad1-9f7e-c5e663599909",
        "uuid": "824f3a59-6154-4edf-ba90-0b5593715d07",
        "version": 16,
        "drive_url": account.config.origin,
    }
    kinds = [(1, "Связаться", "FOLLOW_UP"), (2, "Встреча", "MEETING")]
    embedded: Json = {
        "amojo_rights": {"can_direct": True, "can_create_groups": True},
        "users_groups": [
            {"id": number, "name": name, "uuid": None} for number, name in account.groups.items()
        ],
        "task_types": [
            {"id": number, "name": name, "color": None, "icon_id": None, "code": code}
            for number, name, code in kinds
        ],
        "datetime_settings": DATES,
    }
    chosen = {key: value for key, value in plain.items() if key in also}
    below = {key: value for key, value in embedded.items() if key in also}
    return chosen | ({"_embedded": below} if below else {})


@router.get("/users", dependencies=ADMIN_ONLY)
async def list_users(request: Request) -> Response:
    """Everybody in the account."""
    account = account_of(request)
    people = list(account.users.values())
    return page_of(request, people, "users", lambda item: shapes.user(account, item), extra=totals)


@router.get("/users/{user_id:int}", dependencies=ADMIN_ONLY)
async def get_user(request: Request, user_id: int) -> Response:
    """One person."""
    account = account_of(request)
    item = account.users.get(user_id)
    return hal(shapes.user(account, item)) if item else no_content()


@router.get("/roles", dependencies=ADMIN_ONLY)
async def list_roles() -> Response:
    """Roles: this account has none."""
    return no_content()


@router.get("/webhooks", dependencies=ADMIN_ONLY)
async def list_webhooks(request: Request) -> Response:
    """Subscriptions, all or with one destination."""
    account = account_of(request)
    destination = brackets.child(query_of(request), "filter", "destination")
    found = [
        _hook(account, hook)
        for hook in account.hooks.values()
        if hook.dp_stage is None and destination in {None, hook.destination}
    ]
    return hal({"_total_items": len(found), "_embedded": {"webhooks": found}})


def _hook(account: Account, hook: Webhook) -> Json:
    return {
        "id": hook.id,
        "destination": hook.destination,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
        "account_id": account.id,
        "created_by": hook.created_by,
        "sort": hook.sort,
        "disabled": hook.disabled,
        "settings": hook.settings,
    }


@router.post("/webhooks")
async def subscribe(request: Request, who: Admin) -> Response:
    """Subscribe; the same destination again replaces its set of events."""
    account, row = account_of(request), await row_of(request)
    destination, settings = _checked(row)
    if account.faults.trailing_slash_required and not destination.endswith("/"):
        raise Invalid(("0", "InvalidValue", "destination", "Invalid URL"))
    known = next(
        (
            hook
            for hook in account.hooks.values()
            if hook.destination == destination and hook.dp_stage is None
        ),
        None,
    )
    second = int(account.now())
    if known is None:
        if len(account.hooks) >= MOST_HOOKS:
            raise Problem(422, "Unprocessable Entity", f"The account has {MOST_HOOKS} webhooks already")
        number = account.take_id("webhook")
        known = Webhook(number, destination, settings, who.user_id, second, second, len(account.hooks) + 1)
        account.hooks[number] = known
    else:
        known.settings, known.updated_at = settings, second
        if account.faults.repost_enables_hook:
            account.webhooks.forgive(known)
    return hal(_hook(account, known), account.faults.webhook_created_status)


def _checked(row: Json) -> tuple[str, list[str]]:
    destination, settings = row.get("destination"), row.get("settings")
    if not isinstance(destination, str) or not _is_address(destination):
        raise Invalid(("0", "InvalidValue", "destination", "Invalid URL"))
    if not isinstance(settings, list) or not settings or not set(settings) <= HOOK_CODES:
        detail = "The value you selected is not a valid choice."
        raise Invalid(("0", "NotSupportedChoice", "settings", detail))
    return destination, [str(code) for code in settings]


def _is_address(destination: str) -> bool:
    """http(s) with a host in plain letters: Cyrillic domains are not supported."""
    try:
        parts = urlsplit(destination)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and destination.isascii()
    except ValueError:
        return False


@router.delete("/webhooks", dependencies=ADMIN_ONLY)
async def unsubscribe(request: Request) -> Response:
    """Drop a subscription, named in the body of the DELETE."""
    account, row = account_of(request), await row_of(request)
    for number, hook in account.hooks.items():
        if hook.destination == row.get("destination") and hook.dp_stage is None:
            del account.hooks[number]
            return no_content()
    raise Problem(404, "Not Found", "Webhook not found")
