"""The subscription to account hooks. https://www.amocrm.ru/developers/content/crm_platform/webhooks-api"""

from typing import Any

from app.crm.adapters.amocrm.caller import Caller
from app.crm.errors import Rejected

NEEDED = (
    "add_lead",
    "update_lead",
    "status_lead",
    "responsible_lead",
    "delete_lead",
    "restore_lead",
    "note_lead",
    "note_contact",
    "update_task",
)
DOUBTFUL = ("add_message",)
"""Named by the Kommo list only; left out where the account does not take it."""

PRIORITY = 2


async def ensure_hooks(caller: Caller, url: str) -> bool:
    """Subscribe `url` to all that we need; True when something had to be changed.

    A hook that the account switched off after too many failures is made anew. Raises CrmError,
    Rejected when the account does not take the address.
    """
    known = await caller.all("webhooks", "webhooks", priority=PRIORITY)
    mine = [hook for hook in known if str(hook.get("destination", "")).rstrip("/") == url]
    if any(_is_good(hook) for hook in mine):
        return False
    for hook in mine:
        await caller.write("DELETE", "webhooks", {"destination": hook["destination"]})
    await _subscribe(caller, url)
    return True


def _is_good(hook: dict[str, Any]) -> bool:
    return not hook.get("disabled") and set(NEEDED) <= set(hook.get("settings") or ())


async def _subscribe(caller: Caller, url: str) -> None:
    """One account was seen to refuse an address without a trailing slash, so both are tried."""
    attempts = [(url, (*NEEDED, *DOUBTFUL)), (url, NEEDED), (f"{url}/", NEEDED)]
    refused: Rejected | None = None
    for destination, events in attempts:
        try:
            await caller.write("POST", "webhooks", {"destination": destination, "settings": list(events)})
        except Rejected as error:
            refused = error
        else:
            return
    if refused:
        raise refused
