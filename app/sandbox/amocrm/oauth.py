"""OAuth: the consent page, the token endpoint and the address lookup.

https://www.amocrm.ru/developers/content/oauth/step-by-step
"""

import html
import json

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.installs import redirect_address
from app.sandbox.amocrm.integrations import ACCESS_SECONDS, Grant, Integration, OAuthRefused, bad_request
from app.sandbox.amocrm.model import User
from app.sandbox.amocrm.rest.wire import account_of, problem

router = APIRouter()
ERROR_TYPE = "https://developers.amocrm.ru/v3/errors/OAuthProblemJson"
PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Доступ</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:12vh auto;padding:0 1rem;
color-scheme:light dark}}button,select{{font:inherit;padding:.5rem 1rem;margin:.25rem .5rem .25rem 0}}</style>
<h1>{name}</h1><p>Интеграция просит доступ к данным аккаунта «{account}».</p>
<form method="post" action="/oauth"><input type="hidden" name="client_id" value="{client_id}">
<input type="hidden" name="state" value="{state}">
<p><label>Вы вошли как <select name="user_id">{users}</select></label></p>
<button name="decision" value="allow">Разрешить</button>
<button name="decision" value="deny">Отказаться</button></form></html>"""


@router.get("/oauth")
async def consent(request: Request, client_id: str = "", state: str = "") -> Response:
    """Ask a person of the account. `scope` and `redirect_uri` are not read."""
    account = account_of(request)
    integration = account.integrations.by_id.get(client_id)
    if integration is None:
        return HTMLResponse("<h1>Такой интеграции нет</h1>", 404)
    people = sorted(account.users.values(), key=lambda user: not user.is_admin)
    users = "".join(_option(user) for user in people if user.is_active)
    page = PAGE.format(
        name=html.escape(integration.name),
        account=html.escape(account.name),
        client_id=html.escape(client_id),
        state=html.escape(state),
        users=users,
    )
    return HTMLResponse(page)


def _option(user: User) -> str:
    mark = " (администратор)" if user.is_admin else ""
    return f'<option value="{user.id}">{html.escape(user.name)}{mark}</option>'


@router.post("/oauth")
async def decide(request: Request) -> Response:
    """The answer of the person: back to the redirect URI with a code or with a refusal."""
    account, form = account_of(request), await request.form()
    integration = account.integrations.by_id.get(str(form.get("client_id", "")))
    user_id = str(form.get("user_id", ""))
    user = account.users.get(int(user_id)) if user_id.isdigit() else None
    if integration is None or user is None:
        return HTMLResponse("<h1>Такой интеграции или такого пользователя нет</h1>", 404)
    state = str(form.get("state", ""))
    extra = {"state": state} if state else {}
    if form.get("decision") != "allow":
        mark = "&" if "?" in integration.redirect_uri else "?"
        tail = f"&state={state}" if state else ""
        return RedirectResponse(f"{integration.redirect_uri}{mark}error=access_denied{tail}", 302)
    if not integration.installed and not user.is_admin:
        return HTMLResponse("<h1>Первый раз доступ даёт администратор аккаунта</h1>", 403)
    code = account.integrations.make_code(integration, user.id)
    return RedirectResponse(redirect_address(account, integration, code, **extra), 302)


@router.post("/oauth2/access_token")
async def access_token(request: Request) -> Response:
    """Exchange a code or a refresh token; JSON and form bodies are both taken."""
    account = account_of(request)
    try:
        grant = _exchange(account, await _fields(request))
    except OAuthRefused as refused:
        return _refusal(refused)
    return JSONResponse(
        {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "server_time": int(account.now()),
            "access_token": grant.access,
            "refresh_token": grant.refresh,
        }
    )


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return {key: str(value) for key, value in (await request.form()).items()}
    try:
        parsed = json.loads(await request.body() or b"{}")
    except ValueError:
        raise bad_request(status=400) from None
    if not isinstance(parsed, dict):
        raise bad_request(status=400)
    return {str(key): str(value) for key, value in parsed.items()}


def _exchange(account: Account, fields: dict[str, str]) -> Grant:
    names = ("client_id", "client_secret", "redirect_uri")
    client_id, secret, redirect_uri = (fields.get(name, "") for name in names)
    kind = fields.get("grant_type")
    if kind == "authorization_code":
        return account.integrations.exchange_code(client_id, secret, redirect_uri, fields.get("code", ""))
    if kind == "refresh_token":
        token = fields.get("refresh_token", "")
        return account.integrations.refresh(client_id, secret, redirect_uri, token)
    raise bad_request("Check the `grant_type` parameter", 400)


def _refusal(refused: OAuthRefused) -> Response:
    body: dict[str, object] = {"hint": refused.hint} if refused.hint else {}
    body |= {"title": refused.title, "type": ERROR_TYPE, "status": refused.status, "detail": refused.detail}
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, refused.status, media_type="application/problem+json")


@router.get("/oauth2/account/current/subdomain")
async def current_address(request: Request) -> Response:
    """Where the account lives now, asked with a refresh token; works on the old host too."""
    account = account_of(request)
    if not account.integrations.knows_refresh(request.headers.get("x-refresh-token", "")):
        return problem(401, "Unauthorized", "Token has been revoked")
    host = account.faults.moved_to_host or account.config.host
    return JSONResponse(
        {
            "id": account.id,
            "subdomain": host.split(".", 1)[0] if account.faults.moved_to_host else account.subdomain,
            "domain": host,
            "top_level_domain": host.rsplit(".", 1)[-1].split(":")[0],
        }
    )


def describe(integration: Integration) -> dict[str, object]:
    """An integration as the settings pages list it; the secret stays inside."""
    return {
        "client_id": integration.client_id,
        "name": integration.name,
        "redirect_uri": integration.redirect_uri,
        "disable_hook_uri": integration.disable_hook_uri,
        "installed": integration.installed,
        "has_archive": bool(integration.archive),
        "code": integration.widget_code,
        "version": integration.widget_version,
        "settings": integration.widget_settings,
        "advanced_title": integration.advanced_title,
    }
