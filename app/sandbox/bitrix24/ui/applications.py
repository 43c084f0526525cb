"""Applications at the page: adding, installing, opening, removing."""

import json

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.bitrix24.apps import ACCESS_SECONDS, ALL_SCOPES, App
from app.sandbox.bitrix24.forgery import VARIANTS, forge
from app.sandbox.bitrix24.installs import add_app, finish_install, page_form, remove_app, update_app
from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.wire import Json, as_tree, portal_of
from app.sandbox.bitrix24.ui import shapes
from app.sandbox.bitrix24.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, flag, form_of, number, words

router = APIRouter(prefix="/sandbox/api/apps")


def _app(portal: Portal, client_id: str) -> App:
    app = portal.apps.by_client.get(client_id)
    if app is None:
        raise UiError(404, "unknown_app", "Такого приложения нет.")
    return app


def _for_admin(user: User) -> None:
    if not user.is_admin:
        raise UiError(403, "admin_only", "Это может только администратор портала.")


@router.get("")
async def listed(request: Request) -> list[Json]:
    """All applications."""
    return [shapes.app(item) for item in portal_of(request).apps.by_client.values()]


@router.post("")
async def register(request: Request, user: CurrentUser) -> Json:
    """A new application; its secret is shown here and nowhere else."""
    _for_admin(user)
    portal, form = portal_of(request), await form_of(request)
    kind = words(form, "kind", "local")
    if kind not in {"local", "api", "market"}:
        raise UiError(422, "bad_kind", "Вид приложения: local, api или market.")
    app = portal.apps.register(
        name=words(form, "name", "Stepgate"),
        kind=kind,
        handler_url=words(form, "handler_url"),
        install_url=words(form, "install_url", ""),
        scope=words(form, "scope", ALL_SCOPES),
        client_id=words(form, "client_id", ""),
        client_secret=words(form, "client_secret", ""),
    )
    return shapes.app(app) | {"client_secret": app.client_secret}


@router.post("/{client_id}/add")
async def add(request: Request, client_id: str, user: CurrentUser) -> Json:
    """The administrator puts it into the portal."""
    _for_admin(user)
    portal = portal_of(request)
    app = _app(portal, client_id)
    if not app.present:
        add_app(portal, app, user.id)
    return shapes.app(app)


@router.post("/{client_id}/install_finish")
async def install_finish(request: Request, client_id: str) -> Json:
    """Its page says that the installation is finished."""
    portal = portal_of(request)
    app = _app(portal, client_id)
    finish_install(portal, app)
    return shapes.app(app)


@router.post("/{client_id}/update")
async def update(request: Request, client_id: str, user: CurrentUser) -> Json:
    """A new version: subscriptions are gone, it must be installed again."""
    _for_admin(user)
    portal = portal_of(request)
    app = _app(portal, client_id)
    update_app(portal, app)
    return shapes.app(app)


@router.post("/{client_id}/uninstall")
async def uninstall(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Remove it; `clean` asks it to forget its data."""
    _for_admin(user)
    portal, form = portal_of(request), await form_of(request)
    app = _app(portal, client_id)
    remove_app(portal, app, clean=flag(form, "clean", otherwise=False))
    return shapes.app(app)


@router.get("/{client_id}/form")
async def form(
    request: Request,
    client_id: str,
    user: CurrentUser,
    placement: str = "DEFAULT",
    handler: str = "",
    options: str = "",
    lang: str = "",
) -> Json:
    """What the page posts into the application's frame, and what the frame will ask for."""
    portal = portal_of(request)
    app = _app(portal, client_id)
    _check_open(portal, app, user)
    try:
        given = as_tree(json.loads(options)) if options else {}
    except ValueError:
        raise UiError(400, "bad_options", "Параметры страницы должны быть объектом JSON.") from None
    made = page_form(portal, app, user, placement=placement, options=given, handler=handler, lang=lang)
    return {"method": made.method, "url": made.url, "fields": made.fields, "init": _init(portal, app, user)}


def _check_open(portal: Portal, app: App, user: User) -> None:
    if not app.present or not app.has_pages:
        raise UiError(409, "not_added", "Приложение ещё не добавлено на портал.")
    chosen = {name.strip() for name in portal.faults.app_users.split(",") if name.strip()}
    if chosen and str(user.id) not in chosen:
        raise UiError(403, "user_access_error", "У вас нет доступа к этому приложению.")
    if not app.installed and not user.is_admin:
        text = "Приложение установлено не до конца. Попросите администратора открыть его."
        raise UiError(409, "not_installed", text)


def _init(portal: Portal, app: App, user: User) -> Json:
    """What the frame is told about itself when it asks its parent."""
    own = {name: value for (number, name), value in app.user_options.items() if number == user.id}
    return {
        "IS_ADMIN": user.is_admin,
        "INSTALL": not app.installed,
        "FIRST_RUN": False,
        "MEMBER_ID": portal.member_id,
        "PATH": "/rest",
        "APP_OPTIONS": app.options,
        "USER_OPTIONS": own,
    }


@router.post("/{client_id}/refresh")
async def refresh(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Fresh tokens for a frame that is open longer than an hour."""
    portal = portal_of(request)
    grant = portal.apps.issue(_app(portal, client_id), user.id)
    return {"AUTH_ID": grant.access, "REFRESH_ID": grant.refresh, "AUTH_EXPIRES": str(ACCESS_SECONDS)}


@router.post("/{client_id}/forge")
async def forged(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Send the application an event that it must refuse; `variant` is a name of `forgery.VARIANTS`."""
    _for_admin(user)
    portal, given = portal_of(request), await form_of(request)
    variant = words(given, "variant")
    if variant not in VARIANTS:
        raise UiError(422, "bad_value", f"Подделка бывает такой: {', '.join(VARIANTS)}.")
    return {"queued": forge(portal, _app(portal, client_id), variant, number(given, "deal_id", 0))}


@router.post("/{client_id}/options")
async def options(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Keep a setting of the application."""
    _for_admin(user)
    app, given = _app(portal_of(request), client_id), await form_of(request)
    app.options[words(given, "name")] = given.get("value")
    return {"saved": True}


@router.post("/{client_id}/user_options")
async def user_options(request: Request, client_id: str, user: CurrentUser) -> Json:
    """Keep a setting of the application for this user."""
    app, given = _app(portal_of(request), client_id), await form_of(request)
    app.user_options[user.id, words(given, "name")] = given.get("value")
    return {"saved": True}
