"""Where the application shows itself in the portal's pages.

https://apidocs.bitrix24.com/api-reference/widgets/placement-bind.html
"""

from app.sandbox.bitrix24.apps import Placement
from app.sandbox.bitrix24.rest.app_events import checked_address
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.wire import Call, RestError, as_tree, whole

CRM_PLACES = (
    "CRM_DEAL_DETAIL_TAB",
    "CRM_DEAL_DETAIL_ACTIVITY",
    "CRM_DEAL_DETAIL_TOOLBAR",
    "CRM_DEAL_LIST_MENU",
    "CRM_DEAL_LIST_TOOLBAR",
    "CRM_DEAL_ROBOT_DESIGNER_TOOLBAR",
    "CRM_DEAL_ACTIVITY_TIMELINE_MENU",
    "CRM_DEAL_DOCUMENTGENERATOR_BUTTON",
    "CRM_CONTACT_DETAIL_TAB",
    "CRM_COMPANY_DETAIL_TAB",
    "CRM_SMART_INVOICE_DETAIL_TAB",
    "CRM_ANALYTICS_MENU",
    "CRM_ANALYTICS_TOOLBAR",
    "CRM_FUNNELS_TOOLBAR",
)
OTHER_PLACES = ("DEFAULT", "LEFT_MENU", "BI_ANALYTICS_MENU", "PAGE_BACKGROUND_WORKER", "REST_APP_URI")
SINGLE = {"PAGE_BACKGROUND_WORKER", "LEFT_MENU", "REST_APP_URI"}


@method("placement.list", scope="placement", for_app=True)
def known(call: Call) -> object:
    """The places that the application's scopes allow."""
    return [*OTHER_PLACES, *(CRM_PLACES if "crm" in call.app.scope else ())]


@method("placement.bind", scope="placement", for_app=True, for_admin=True)
def bind(call: Call) -> object:
    """Take a place. Some refusals come with status 200, as the documentation says."""
    code = call.text("PLACEMENT").upper()
    if not code:
        raise RestError(400, "ERROR_ARGUMENT", "Argument 'PLACEMENT' is null or empty")
    allowed = [*OTHER_PLACES, *(CRM_PLACES if "crm" in call.app.scope else ())]
    if code not in allowed:
        raise RestError(200, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    handler, options = checked_address(call.text("HANDLER")), call.tree("OPTIONS")
    if code == "PAGE_BACKGROUND_WORKER" and not options.get("errorHandlerUrl"):
        raise RestError(400, "ERROR_ARGUMENT", "Argument 'OPTIONS[errorHandlerUrl]' is null or empty")
    mine = [place for place in call.app.placements if place.code == code]
    if any(place.handler == handler for place in mine):
        raise RestError(400, "ERROR_CORE", "Unable to set placement handler: Handler already binded")
    if mine and code in SINGLE:
        raise RestError(200, "ERROR_PLACEMENT_MAX_COUNT", "Placement max count reached")
    call.app.placements.append(_placement(call, code, handler))
    return True


def _placement(call: Call, code: str, handler: str) -> Placement:
    titles: dict[str, str] = {}
    for language, words in call.tree("LANG_ALL").items():
        titles[language] = str(as_tree(words).get("TITLE") or "")
    return Placement(
        code,
        handler,
        call.text("TITLE") or titles.get("ru", "") or call.app.name,
        titles,
        call.text("GROUP_NAME"),
        call.tree("OPTIONS"),
        whole(call.param("USER_ID")) or 0,
    )


@method("placement.get", scope="placement", for_app=True, for_admin=True)
def bound(call: Call) -> object:
    """The places that were taken."""
    return [
        {
            "placement": place.code,
            "userId": place.user_id,
            "handler": place.handler,
            "title": place.title,
            "description": "",
            "options": place.options or [],
            "langAll": {language: {"TITLE": title} for language, title in place.titles.items()} or [],
        }
        for place in call.app.placements
    ]


@method("placement.unbind", scope="placement", for_app=True, for_admin=True)
def unbind(call: Call) -> object:
    """Give a place back; the answer counts what was removed."""
    code, handler = call.text("PLACEMENT").upper(), call.text("HANDLER")
    kept = [
        place for place in call.app.placements if place.code != code or (handler and place.handler != handler)
    ]
    count = len(call.app.placements) - len(kept)
    call.app.placements[:] = kept
    return {"count": count}
