"""Installing and removing an integration: the calls that the account's server makes."""

from urllib.parse import urlencode

import httpx

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.integrations import Integration

CODE_AGENT = "amoService-oAuth-Code-Sender/1.0"


def redirect_address(account: Account, integration: Integration, code: str, **extra: str) -> str:
    """The redirect URI with what the account adds to it; `referer` is its own host and port."""
    faults = account.faults
    query = {
        "code": code,
        "referer": faults.forged_referer or faults.moved_to_host or account.config.host,
        "platform": str(faults.platform),
        "client_id": integration.client_id,
        **extra,
    }
    mark = "&" if "?" in integration.redirect_uri else "?"
    return f"{integration.redirect_uri}{mark}{urlencode(query)}"


async def install_widget(account: Account, integration: Integration, user_id: int) -> int:
    """The install button of the interface: a GET from our server, without state.

    Answers the HTTP status of the redirect URI, 0 when it could not be reached.
    """
    code = account.integrations.make_code(integration, user_id)
    return await _call(account, redirect_address(account, integration, code, from_widget="1"))


async def disable(account: Account, integration: Integration) -> int | None:
    """Switch an integration off: its tokens are void, its disable hook is called.

    Answers the hook's HTTP status, 0 when it could not be reached, None when there is no hook.
    """
    account.integrations.revoke(integration)
    if not integration.disable_hook_uri:
        return None
    signature = account.integrations.disable_signature(integration)
    if account.faults.bad_disable_signature:
        signature = signature[::-1]
    query = {
        account.faults.disable_hook_parameter: integration.client_id,
        "account_id": str(account.id),
        "signature": signature,
    }
    mark = "&" if "?" in integration.disable_hook_uri else "?"
    return await _call(account, f"{integration.disable_hook_uri}{mark}{urlencode(query)}")


async def _call(account: Account, address: str) -> int:
    try:
        answer = await account.webhooks.http().get(
            address, headers={"user-agent": CODE_AGENT}, follow_redirects=False
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        return 0
    return answer.status_code
