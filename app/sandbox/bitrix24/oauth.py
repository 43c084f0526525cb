"""The authorization page of the portal, and the vendor's authorization server.

https://apidocs.bitrix24.com/settings/oauth/index.html
"""

import html
from urllib.parse import urlencode

import httpx
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.requests import Request

from app.sandbox.bitrix24.apps import ACCESS_SECONDS, App, Grant, OAuthRefused
from app.sandbox.bitrix24.event_bodies import client_endpoint, portal_host, server_endpoint
from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.dispatch import timing
from app.sandbox.bitrix24.rest.wire import Json, flat_text, params_of, portal_of, whole

router = APIRouter()
SERVER = "/auth-server"
PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Доступ</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:12vh auto;padding:0 1rem;
color-scheme:light dark}}button,select{{font:inherit;padding:.5rem 1rem;margin:.25rem .5rem .25rem 0}}</style>
<h1>{name}</h1><p>Приложение просит доступ к порталу «{portal}».</p>
<form method="post" action="/oauth/authorize/"><input type="hidden" name="client_id" value="{client_id}">
<input type="hidden" name="state" value="{state}">
<p><label>Вы вошли как <select name="user_id">{users}</select></label></p>
<button>Разрешить</button></form></html>"""


@router.get("/oauth/authorize/")
async def consent(request: Request, client_id: str = "", state: str = "") -> Response:
    """Ask a person of the portal; refusals are shown here, the application never hears of them."""
    portal = portal_of(request)
    app = portal.apps.by_client.get(client_id)
    if app is None or not app.present:
        return HTMLResponse("<h1>Приложение не найдено или не установлено</h1>", 404)
    users = "".join(_option(user) for user in portal.users.values() if user.is_active)
    page = PAGE.format(
        name=html.escape(app.name),
        portal=html.escape(portal.name),
        client_id=html.escape(client_id),
        state=html.escape(state),
        users=users,
    )
    return HTMLResponse(page)


def _option(user: User) -> str:
    return f'<option value="{user.id}">{html.escape(user.full_name)}</option>'


@router.post("/oauth/authorize/")
async def decide(request: Request) -> Response:
    """Back to the address of the application's settings, with a code."""
    portal, form = portal_of(request), await request.form()
    app = portal.apps.by_client.get(str(form.get("client_id", "")))
    user = portal.users.get(whole(form.get("user_id")) or 0)
    if app is None or user is None or not app.present:
        return HTMLResponse("<h1>Приложение не найдено или не установлено</h1>", 404)
    query = {
        "code": portal.apps.code_for(app, user.id),
        "state": str(form.get("state", "")),
        "domain": portal_host(portal),
        "member_id": portal.member_id,
        "scope": ",".join(app.scope),
        "server_domain": portal.config.auth_host,
    }
    mark = "&" if "?" in app.handler_url else "?"
    return RedirectResponse(f"{app.handler_url}{mark}{urlencode(query)}", 302)


@router.api_route(f"{SERVER}/oauth/token/", methods=["GET", "POST"])
@router.api_route(f"{SERVER}/oauth/token", methods=["GET", "POST"])
@router.api_route("/oauth/token/", methods=["GET", "POST"])
async def token(request: Request) -> Response:
    """Tokens for a code or a refresh token."""
    portal = portal_of(request)
    if portal.faults.wrong_client:
        return JSONResponse({"error": "wrong_client", "error_description": "Wrong client"}, 200)
    try:
        grant = _grant(portal, await params_of(request))
    except OAuthRefused as refused:
        return JSONResponse({"error": refused.error, "error_description": refused.text}, refused.status)
    if portal.faults.lost_token_answer:
        portal.faults.lost_token_answer = False
        if portal.config.in_process:
            raise httpx.ReadError("the connection was lost")
        return HTMLResponse("<html><body>504 Gateway Time-out</body></html>", 504)
    return JSONResponse(_token_answer(portal, grant))


def _grant(portal: Portal, given: Json) -> Grant:
    client_id, secret = flat_text(given, "client_id"), flat_text(given, "client_secret")
    kind = flat_text(given, "grant_type")
    if kind == "authorization_code":
        return portal.apps.exchange(client_id, secret, flat_text(given, "code"))
    if kind == "refresh_token":
        return portal.apps.refresh(client_id, secret, flat_text(given, "refresh_token"))
    raise OAuthRefused("invalid_request", "Invalid grant_type parameter or parameter missing")


def _token_answer(portal: Portal, grant: Grant) -> Json:
    app = portal.apps.by_client[grant.client_id]
    on_portal = portal.faults.answered_domain == "portal"
    return {
        "access_token": grant.access,
        "expires": int(grant.expires),
        "expires_in": ACCESS_SECONDS,
        "scope": ",".join(app.scope),
        "domain": portal_host(portal) if on_portal else portal.config.auth_host,
        "server_endpoint": server_endpoint(portal),
        "status": app.status,
        "client_endpoint": client_endpoint(portal),
        "member_id": portal.member_id,
        "user_id": grant.user_id,
        "refresh_token": grant.refresh,
    }


@router.api_route(f"{SERVER}/rest/app.info", methods=["GET", "POST"])
@router.api_route(f"{SERVER}/rest/app.info/", methods=["GET", "POST"])
@router.api_route(f"{SERVER}/rest/app.info.json", methods=["GET", "POST"])
async def app_info(request: Request) -> Response:
    """Whom a token belongs to: the only word about it that can be trusted."""
    portal, given = portal_of(request), await params_of(request)
    grant = portal.apps.grant_of(flat_text(given, "auth"))
    app = portal.apps.by_client.get(grant.client_id) if grant else None
    if grant is None or app is None or not app.present:
        return JSONResponse({"error": "invalid_client", "error_description": "Invalid client"}, 400)
    if grant.expires < portal.now():
        text = "The access token provided has expired."
        return JSONResponse({"error": "expired_token", "error_description": text}, 401)
    time = timing(portal, request.app.state.limiter, app.client_id, "app.info", portal.now())
    return JSONResponse({"result": _info(portal, app, grant), "time": time})


def _info(portal: Portal, app: App, grant: Grant) -> Json:
    return {
        "client_id": app.client_id,
        "scope": ",".join(app.scope),
        "expires": portal.iso(grant.expires),
        "user_id": grant.user_id,
        "install": {
            "installed": app.installed,
            "version": str(app.version),
            "status": app.status,
            "scope": ",".join(app.scope),
            "domain": portal_host(portal),
            "uri": portal.config.origin,
            "client_endpoint": client_endpoint(portal),
            "member_id": portal.member_id,
            "member_type": "bitrix24",
        },
    }
