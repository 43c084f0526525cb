"""Pages that a CRM opens by posting into a frame: who looks is proven before anything is shown.

The session goes into the page itself, in a tag that our script reads and takes away: no cookie, no
address, no storage ever holds it.
"""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.crm.errors import CrmError
from app.crm.port import CrmAdapter, FrameOpening
from app.errors import BadRequest, NotFound, StepgateError, Unauthorized
from app.frontdoor.pages import NOT_BUILT, WEB, page_policy
from app.installations.auth import CurrentServices
from app.installations.entry import Entry, enter
from app.installations.plain_page import plain_page
from app.installations.routes import session_answer
from app.installations.services import Services
from app.installations.store import InstallationState
from app.observability import get_logger

router = APIRouter(prefix="/frame/{crm}", include_in_schema=False)
log = get_logger("frames")
View = Literal["card", "settings", "panel", "install"]
MOST_FIELDS = 200
PATIENCE = 1.0
"""Seconds that an installing administrator looks at nothing; then the page shows how far things are."""

NOT_CONNECTED = "installation_unknown"
HEAD = "<head>"
TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "ru": {
        "admin_needed": (
            "Нужен администратор",
            "Stepgate подключает администратор CRM: попросите его открыть эту страницу один раз.",
        ),
        NOT_CONNECTED: (
            "Stepgate ещё не подключён",
            "Попросите администратора CRM открыть приложение Stepgate: подключение займёт минуту.",
        ),
        "user_inactive": ("Доступ закрыт", "Этот сотрудник больше не работает в CRM."),
        "app_not_allowed": (
            "Приложение пока недоступно",
            "Попросите администратора CRM добавить вас в список пользователей Stepgate.",
        ),
        "crm_not_configured": (
            "Осталось указать ключи",
            "Впишите ключи приложения в настройки сервера Stepgate и откройте страницу снова.",
        ),
        "not_posted": (
            "Откройте Stepgate из CRM",
            "CRM сама говорит нам, кто вы, поэтому по ссылке эта страница не открывается. Найдите Stepgate "
            "в разделе приложений или откройте вкладку «Шаги клиента» в сделке.",
        ),
        "away": ("CRM не отвечает", "Подождите минуту и обновите страницу: ничего не потеряно."),
        "": ("Откройте страницу ещё раз", "Закройте её и откройте заново из CRM: доступ живёт один час."),
    },
    "en": {
        "admin_needed": (
            "An administrator is needed",
            "An administrator of the CRM connects Stepgate: ask him to open this page once.",
        ),
        NOT_CONNECTED: (
            "Stepgate is not connected yet",
            "Ask an administrator of the CRM to open the Stepgate app: it takes a minute.",
        ),
        "user_inactive": ("No access", "This person no longer works in the CRM."),
        "app_not_allowed": (
            "The app is not open to you yet",
            "Ask an administrator of the CRM to add you to the users of Stepgate.",
        ),
        "crm_not_configured": (
            "The keys are missing",
            "Put the app's keys into the settings of the Stepgate server and open this page again.",
        ),
        "not_posted": (
            "Open Stepgate from the CRM",
            "The CRM tells us who you are, so this page does not open by its link. Find Stepgate among the "
            "apps, or open the tab “Client steps” of a deal.",
        ),
        "away": ("The CRM does not answer", "Wait a minute and reload the page: nothing is lost."),
        "": ("Open this page once more", "Close it and open it from the CRM again: access lasts an hour."),
    },
}


@router.get("/{view}")
async def come_back(crm: str, request: Request, services: CurrentServices) -> Response:
    """Some CRMs send people back from a consent to the app's own page: on to where consents end. Whoever
    comes otherwise has followed an address that only the CRM can open.
    """
    if services.adapter(crm).frames is None:
        raise NotFound
    if "code" not in request.query_params and "error" not in request.query_params:
        told = request.headers.get("accept-language", "ru")
        return _told("en" if told.lower().startswith("en") else "ru", "not_posted", 404)
    return RedirectResponse(f"/oauth/{crm}/callback?{urlencode(dict(request.query_params))}", 303)


@router.post("/{view}")
async def open_frame(crm: str, view: View, request: Request, services: CurrentServices) -> Response:
    """The page of a view for the person that the CRM's post proves. Connects the account first where an
    administrator opens it and it is not connected.
    """
    adapter = services.adapter(crm)
    if adapter.frames is None:
        raise NotFound
    try:
        form = dict(parse_qsl((await request.body()).decode("utf-8"), max_num_fields=MOST_FIELDS))
        opening = adapter.frames.read(dict(request.query_params), form)
    except (ValueError, BadRequest):
        return _refusal(adapter, None, "", 400)
    try:
        entry = await _admit(services, crm, opening, is_install=view == "install")
    except StepgateError as error:
        log.warning("frame refused", crm=crm, view=view, code=error.code)
        return _refusal(adapter, opening, error.code, error.status)
    except CrmError as error:
        log.warning("frame failed", crm=crm, view=view, reason=type(error).__name__)
        return _refusal(adapter, opening, "away", 503)
    return _page(services, adapter, entry, opening, view)


async def _admit(services: Services, crm: str, opening: FrameOpening, *, is_install: bool) -> Entry:
    """Who looks. An administrator's post connects an account that is not, or whose tokens are dead."""
    if is_install:
        await services.installer.by_consent(crm, opening.install, PATIENCE)
    try:
        entry = await _enter(services, crm, opening)
    except Unauthorized as error:
        if error.code != NOT_CONNECTED or is_install or not opening.install:
            raise
        await services.installer.by_consent(crm, opening.install)
        entry = await _enter(services, crm, opening)
    known, is_admin = entry.installation, entry.viewer.is_admin
    if is_admin and opening.install and known.state is InstallationState.REAUTH_REQUIRED:
        await services.installer.by_consent(crm, opening.install)
    if is_admin:
        await services.installer.keep_hook_secret(known.id, opening.hook_secret)
    return entry


async def _enter(services: Services, crm: str, opening: FrameOpening) -> Entry:
    return await enter(services, crm, opening.proof, None, opening.language, opening.deal_id)


def _page(
    services: Services, adapter: CrmAdapter, entry: Entry, opening: FrameOpening, view: View
) -> Response:
    policy = page_policy(adapter.widget.embed_origins(entry.installation.host), form_action="'self'")
    shell = WEB / f"{'settings' if view == 'install' else view}.html"
    if not shell.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"content-security-policy": policy})
    told = {
        "session": session_answer(services, entry).model_dump(mode="json"),
        "deal_id": opening.deal_id,
        "language": entry.viewer.language,
        "origin": adapter.widget.embed_origins(entry.installation.host)[0],
        "installs": view == "install",
        "proof_head": opening.proof.rpartition(" ")[0],
    }
    tag = f'<meta name="stepgate-opening" content="{html.escape(json.dumps(told), quote=True)}">'
    page = shell.read_text("utf-8").replace(HEAD, HEAD + tag, 1)
    return HTMLResponse(page, headers={"content-security-policy": policy})


def _refusal(adapter: CrmAdapter, opening: FrameOpening | None, code: str, status: int) -> Response:
    language = "en" if opening and opening.language.startswith("en") else "ru"
    try:
        origins = adapter.widget.embed_origins(opening.host) if opening else ()
    except BadRequest:
        origins = ()
    return _told(language, code, status, origins)


def _told(language: str, code: str, status: int, origins: Sequence[str] = ()) -> HTMLResponse:
    title, text = TEXTS[language].get(code) or TEXTS[language][""]
    policy = page_policy(origins)
    return HTMLResponse(plain_page(language, text, title), status, {"content-security-policy": policy})
