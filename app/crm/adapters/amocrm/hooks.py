"""The account's subscription to our address.

https://www.amocrm.ru/developers/content/crm_platform/webhooks-api
"""

from app.crm.adapters.amocrm.api import PAGE, AmocrmApi
from app.crm.adapters.amocrm.records import Record
from app.crm.adapters.amocrm.wire import embedded
from app.crm.errors import Rejected

NEEDED = (
    "add_lead", "update_lead", "delete_lead", "restore_lead", "status_lead", "responsible_lead", "note_lead",
    "update_contact", "note_contact", "note_company", "add_task", "update_task", "add_talk", "update_talk",
)  # fmt: skip
MESSAGES = "add_message"
"""Listed by Kommo only; an account that refuses it is subscribed without."""

INVALID_URL = "Invalid URL"
"""Seen once for an address without a trailing slash, so one with it is tried."""


async def ensure(api: AmocrmApi, url: str) -> bool:
    """Subscribe `url`; True when something had to change. Raises Unsupported without the plan for it.

    A disabled hook is made anew: whether posting it again enables it, nobody says.
    """
    for address in (url, f"{url}/"):
        known = await _find(api, address)
        if known and not known.get("disabled") and set(NEEDED) <= set(known.get("settings") or []):
            return False
        if known and known.get("disabled"):
            await api.write("DELETE", "webhooks", {"destination": address}, PAGE)
    try:
        await _subscribe(api, url)
    except Rejected as error:
        if INVALID_URL not in error.vendor_text:
            raise
        await _subscribe(api, f"{url}/")
    return True


async def _find(api: AmocrmApi, url: str) -> Record | None:
    answer = await api.get("webhooks", PAGE, [("filter[destination]", url)])
    return next((hook for hook in embedded(answer, "webhooks") if hook.get("destination") == url), None)


async def _subscribe(api: AmocrmApi, url: str) -> None:
    body = {"destination": url, "settings": [*NEEDED, MESSAGES]}
    try:
        await api.write("POST", "webhooks", body, PAGE)
    except Rejected as error:
        if INVALID_URL in error.vendor_text:
            raise
        await api.write("POST", "webhooks", body | {"settings": list(NEEDED)}, PAGE)
