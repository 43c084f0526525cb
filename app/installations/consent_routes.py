"""The doors of a consent: beginning, redirect back, removal. They answer people, so in pages."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.crm.errors import AuthExpired, CrmError, NotFromCrm
from app.errors import BadRequest, NotFound, StepgateError, Unauthorized
from app.installations.auth import CurrentServices
from app.installations.consent_state import begin_consent, use_consent_state
from app.installations.plain_page import ALONE_POLICY, plain_page
from app.installations.services import Services
from app.observability import get_logger

router = APIRouter(prefix="/oauth/{crm}", include_in_schema=False)
log = get_logger("consent")

MOST_FIELDS = 200
SERVER_CALL = "from_widget"
"""The mark of an install that was begun inside the CRM, so that there is no state of ours."""

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "ru": {
        "done": (
            "Stepgate подключён",
            "Читаем воронки и историю сделок. Пока ничего не меняем: правила работают в режиме "
            "наблюдения. Вернитесь в CRM и откройте настройки Stepgate.",
        ),
        "inside": (
            "Откройте Stepgate в вашей CRM",
            "Подключение начинается внутри CRM: найдите Stepgate среди приложений и откройте его под "
            "администратором.",
        ),
        "denied": ("Доступ не выдан", "Stepgate без него не сможет помочь. Нажмите «Подключить» ещё раз."),
        "state": (
            "Ссылка уже не действует",
            "Она живёт 20 минут и открывается один раз. Начните подключение заново.",
        ),
        "refused": ("Не получилось подключить", "Проверьте, что открыли ссылку из своей CRM, и повторите."),
        "away": ("CRM не отвечает", "Подождите минуту и подключите Stepgate ещё раз: ничего не потеряно."),
    },
    "en": {
        "done": (
            "Stepgate is connected",
            "We are reading pipelines and deal history. Nothing is changed yet: the rules only watch. "
            "Go back to the CRM and open Stepgate's settings.",
        ),
        "inside": (
            "Open Stepgate inside your CRM",
            "Connecting begins inside the CRM: find Stepgate among its apps and open it as an administrator.",
        ),
        "denied": ("Access was not given", "Stepgate cannot help without it. Press Connect once more."),
        "state": ("This link has expired", "It lives for 20 minutes and opens once. Please start again."),
        "refused": ("Could not connect", "Check that you came from your own CRM and try again."),
        "away": ("The CRM does not answer", "Wait a minute and connect again: nothing is lost."),
    },
}


@router.get("/start")
async def start_consent(crm: str, request: Request, services: CurrentServices) -> Response:
    """Send an administrator to the CRM's consent page; some CRMs have it only inside."""
    adapter = services.adapter(crm)
    state = await services.db.write(
        lambda conn: begin_consent(conn, services.vault, crm, services.clock.now())
    )
    try:
        return RedirectResponse(adapter.oauth.authorize_url(state), 303)
    except BadRequest:
        return _page(request, "inside", 400)


@router.get("/callback")
async def finish_consent(crm: str, request: Request, services: CurrentServices) -> Response:
    """Where the CRM sends people back, and where its server tells of an install.

    A browser brings the state that we gave it; the CRM's own server brings none, and says that it
    is the server. Neither proves more than the code itself, which only the CRM can give.
    """
    services.adapter(crm)
    params = dict(request.query_params)
    is_known = await _is_expected(services, crm, params)
    if "error" in params:
        return _page(request, "denied", 400)
    if not is_known:
        return _page(request, "state", 400)
    try:
        await services.installer.by_consent(crm, params)
    except (BadRequest, Unauthorized, AuthExpired) as error:
        code = error.code if isinstance(error, StepgateError) else "code_refused"
        log.warning("consent refused", crm=crm, code=code)
        return _page(request, "refused", 400)
    except CrmError as error:
        log.warning("consent failed", crm=crm, reason=type(error).__name__)
        return _page(request, "away", 503)
    return _page(request, "done", 200)


@router.post("/callback")
async def take_install(crm: str, request: Request, services: CurrentServices) -> Response:
    """A CRM's server brings the tokens of an install by itself. They are no proof: the adapter asks the
    CRM whose they are. The answer says nothing to whoever tries.
    """
    if services.adapter(crm).frames is None:
        raise NotFound
    try:
        params = dict(parse_qsl((await request.body()).decode("utf-8"), max_num_fields=MOST_FIELDS))
        await services.installer.by_consent(crm, params)
    except (ValueError, BadRequest, Unauthorized, CrmError) as error:
        code = error.code if isinstance(error, StepgateError) else type(error).__name__
        log.warning("install refused", crm=crm, code=code)
    return Response(status_code=200)


@router.get("/removed")
async def forget_account(crm: str, request: Request, services: CurrentServices) -> Response:
    """The CRM tells that Stepgate was switched off in an account."""
    services.adapter(crm)
    try:
        await services.installer.remove(crm, dict(request.query_params))
    except NotFromCrm:
        log.warning("removal refused", crm=crm, reason=NotFromCrm.reason)
        return Response(status_code=403)
    return Response(status_code=204)


async def _is_expected(services: Services, crm: str, params: Mapping[str, str]) -> bool:
    if "state" not in params:
        return bool(params.get(SERVER_CALL))
    now, state = services.clock.now(), params["state"]
    return await services.db.write(lambda conn: use_consent_state(conn, services.vault, crm, state, now))


def _page(request: Request, key: str, status: int) -> HTMLResponse:
    wants_english = request.headers.get("accept-language", "ru").lower().startswith("en")
    language = "en" if wants_english else "ru"
    title, text = TEXTS[language][key]
    headers = {"content-security-policy": ALONE_POLICY}
    return HTMLResponse(plain_page(language, text, title), status, headers)
