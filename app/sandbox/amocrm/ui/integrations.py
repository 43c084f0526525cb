"""The settings area: integrations, the widget archive, and one-time tokens for the widget."""

import mimetypes
from typing import Annotated

import httpx
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm import installs
from app.sandbox.amocrm.archive import BadArchive, read_archive
from app.sandbox.amocrm.disposable import VARIANTS, disposable_token
from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.oauth import describe
from app.sandbox.amocrm.rest.wire import Json, account_of
from app.sandbox.amocrm.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, form_of, number, words

router = APIRouter()
API = "/sandbox/api/integrations"


def _integration(request: Request, client_id: str) -> Integration:
    found = account_of(request).integrations.by_id.get(client_id)
    if found is None:
        raise UiError(404, "unknown_integration", "Такой интеграции нет.")
    return found


def _admin_only(user: CurrentUser) -> None:
    if not user.is_admin:
        raise UiError(403, "admin_only", "Интеграции включает и настраивает администратор аккаунта.")


@router.get(API)
async def list_integrations(request: Request) -> Json:
    """All integrations of the account."""
    return {"integrations": [describe(item) for item in account_of(request).integrations.by_id.values()]}


@router.post(API)
async def register(request: Request, user: CurrentUser) -> Json:
    """A new private integration; its secret is shown in this answer only."""
    _admin_only(user)
    form = await form_of(request)
    created = account_of(request).integrations.register(
        redirect_uri=words(form, "redirect_uri"),
        client_id=words(form, "client_id", ""),
        client_secret=words(form, "client_secret", ""),
        name=words(form, "name", "Интеграция"),
        disable_hook_uri=words(form, "disable_hook_uri", ""),
    )
    return describe(created) | {"client_secret": created.client_secret}


@router.post(API + "/{client_id}/archive")
async def upload(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Take a widget archive: the body is the ZIP file itself, or a form with the part `archive`."""
    _admin_only(user)
    integration = _integration(request, client_id)
    data = await _uploaded(request)
    try:
        integration.archive = read_archive(data)
    except BadArchive as bad:
        raise UiError(422, "bad_archive", str(bad)) from None
    return describe(integration)


async def _uploaded(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form() as form:
        part = form.get("archive")
        return b"" if part is None or isinstance(part, str) else await part.read()


@router.post(API + "/{client_id}/install")
async def install(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Switch on from the interface: our server calls the redirect URI with a code and without state."""
    _admin_only(user)
    integration, form = _integration(request, client_id), await form_of(request)
    settings = form.get("settings")
    if isinstance(settings, dict):
        integration.widget_settings = settings
    status = await installs.install_widget(account_of(request), integration, user.id)
    return describe(integration) | {"redirect_status": status}


@router.post(API + "/{client_id}/uninstall")
async def uninstall(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Switch off: tokens are void, the disable hook is called."""
    _admin_only(user)
    integration = _integration(request, client_id)
    status = await installs.disable(account_of(request), integration)
    return describe(integration) | {"hook_status": status}


@router.put(API + "/{client_id}/settings")
async def save_settings(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Keep what the widget's settings form holds; plain text of a custom field is not kept."""
    _admin_only(user)
    integration = _integration(request, client_id)
    integration.widget_settings = await form_of(request)
    return describe(integration)


@router.post(API + "/{client_id}/long_lived_token")
async def long_lived(request: Request, client_id: str, user: CurrentUser) -> Json:
    """A token for `days` (1 to 1825) without a refresh token, shown once."""
    _admin_only(user)
    integration, form = _integration(request, client_id), await form_of(request)
    days = number(form, "days", 365)
    if not 1 <= days <= 1825:
        raise UiError(422, "bad_days", "Токен живёт от одного дня до пяти лет.")
    return {"token": account_of(request).integrations.long_lived(integration, user.id, days * 86_400)}


@router.post(API + "/{client_id}/disposable_token")
async def widget_token(
    request: Request,
    client_id: str,
    user: CurrentUser,
    variant: Annotated[str, Query()] = "normal",
) -> Json:
    """A fresh one-time token for this user: what a widget's authorized request carries."""
    if variant not in VARIANTS:
        raise UiError(422, "bad_variant", f"Есть варианты: {', '.join(VARIANTS)}.")
    integration = _integration(request, client_id)
    return {"token": disposable_token(account_of(request), integration, user, variant)}


@router.post("/sandbox/api/crm_post")
async def crm_post(request: Request) -> Json:
    """A form POST that the account's server sends for a widget: no token, nobody's identity."""
    form = await form_of(request)
    address, data = words(form, "url"), form.get("data")
    content = brackets.encode(data if isinstance(data, dict) else {})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        answer = await account_of(request).webhooks.http().post(address, content=content, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise UiError(502, "unreachable", f"Сервер не отвечает: {address}") from None
    return {"status": answer.status_code, "body": answer.text}


@router.get("/widgets/{code}/{path:path}")
async def widget_file(request: Request, code: str, path: str) -> Response:
    """A file of an uploaded archive, as the account serves it to the page."""
    owner = account_of(request).integrations.by_code(code)
    if owner is None or path not in owner.archive:
        return JSONResponse({"code": "no_file", "message": "Такого файла нет."}, 404)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(owner.archive[path], media_type=kind, headers={"cache-control": "no-cache"})
