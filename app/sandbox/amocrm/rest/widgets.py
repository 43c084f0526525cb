"""The account's widgets. https://www.amocrm.ru/developers/content/crm_platform/widgets-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.rest.caller import LOGGED_IN
from app.sandbox.amocrm.rest.wire import Json, account_of, hal, link, no_content, page_of

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


@router.get("/widgets")
async def list_widgets(request: Request) -> Response:
    """The widgets of the installed and uploaded archives."""
    account = account_of(request)
    codes = [item.widget_code for item in account.integrations.by_id.values() if item.archive]
    return page_of(request, codes, "widgets", lambda code: _widget(account, code) or {})


@router.get("/widgets/{code}")
async def get_widget(request: Request, code: str) -> Response:
    """One widget: whether it is active, and which integration it belongs to."""
    shown = _widget(account_of(request), code)
    return hal(shown) if shown else no_content()


def _widget(account: Account, code: str) -> Json | None:
    owner = account.integrations.by_code(code)
    if owner is None:
        return None
    return {
        "id": 742,
        "code": code,
        "version": owner.widget_version,
        "rating": "0,0",
        "settings_template": [],
        "is_lead_source": False,
        "is_work_with_dp": False,
        "is_crm_template": False,
        "client_uuid": owner.client_id,
        "is_active_in_account": owner.installed,
        "pipeline_id": None,
        "_links": link(account, f"widgets/{code}"),
    }
