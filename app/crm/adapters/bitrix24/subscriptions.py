"""The portal's subscriptions to our address, and our places in its pages. Binding twice changes nothing.

https://apidocs.bitrix24.com/api-reference/events/event-bind.html
https://apidocs.bitrix24.com/api-reference/widgets/placement-bind.html
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app.crm.adapters.bitrix24.api import PAGE, Bitrix24Api
from app.crm.adapters.bitrix24.queue import Plan, bound_sources
from app.crm.adapters.bitrix24.records import Record, is_yes
from app.crm.adapters.bitrix24.wire import Answer, Command, rows_of
from app.crm.errors import CrmError, NotFound, RateLimited, Rejected, Unavailable, Unsupported

DEALS = ("ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE", "ONCRMDEALMOVETOCATEGORY")
NEEDED = (*DEALS, "ONCRMACTIVITYADD", "ONCRMACTIVITYUPDATE", "ONAPPUNINSTALL")
WISHED = (
    "ONCRMTIMELINECOMMENTADD", "ONCRMDYNAMICITEMADD", "ONCRMDYNAMICITEMUPDATE", "ONVOXIMPLANTCALLEND",
    "ONTASKUPDATE", "ONUSERADD", "ONCRMDEALUSERFIELDADD", "ONCRMDEALUSERFIELDUPDATE",
    "ONCRMDEALUSERFIELDDELETE",
)  # fmt: skip
"""Some need a scope or a plan that a portal may not have: the poll finds what they would have told."""

INSTALLS = ("ONAPPINSTALL", "ONAPPUPDATE")
"""They bring tokens, so they go to the address that installs."""

KEPT = (
    *DEALS, "ONCRMACTIVITYADD", "ONCRMACTIVITYUPDATE", "ONCRMTIMELINECOMMENTADD", "ONCRMDYNAMICITEMADD",
    "ONCRMDYNAMICITEMUPDATE", "ONVOXIMPLANTCALLEND", "ONTASKUPDATE",
)  # fmt: skip
"""What the portal keeps in its offline queue besides. https://apidocs.bitrix24.com/api-reference/events/offline-events.html"""

OFFLINE = {"event_type": "offline"}
ALREADY = "already bind"
PLACES = (
    ("CRM_DEAL_DETAIL_TAB", "card", "Шаги клиента", "Client steps"),
    ("CRM_ANALYTICS_MENU", "panel", "Шаги клиентов", "Client steps"),
    ("CRM_FUNNELS_TOOLBAR", "settings", "Шаги клиента", "Client steps"),
)


class Subscriptions:
    """Makes and mends what the portal has to know of us."""

    def __init__(self, api: Bitrix24Api, public_url: str, name: str, plan: Plan | None = None) -> None:
        """`plan` says how the offline queue is bound; without it there is none."""
        self._api, self._public_url, self._name, self._plan = api, public_url, name, plan

    async def ensure(self, url: str) -> bool:
        """Have events sent to `url` and our pages shown; True when something had to be changed.

        Raises CrmError when an event that we cannot do without is refused.
        """
        rows = rows_of(await self._api.call("event.get", {}, PAGE))
        is_changed = await self._events(url, rows)
        is_changed = await self._queue(rows) or is_changed
        return await self._places() or is_changed

    async def _events(self, url: str, rows: Iterable[Record]) -> bool:
        install_url = f"{self._public_url}/oauth/{self._name}/callback"
        wanted = {
            **dict.fromkeys((*NEEDED, *WISHED), url),
            **dict.fromkeys(INSTALLS, install_url),
        }
        known = {
            (str(row.get("event")).upper(), str(row.get("handler")))
            for row in rows
            if not is_yes(row.get("offline"))
        }
        missing = {event: address for event, address in wanted.items() if (event, address) not in known}
        commands = {
            event: Command("event.bind", {"event": event, "handler": address})
            for event, address in missing.items()
        }
        return await self._bind(commands, NEEDED)

    async def _queue(self, rows: Sequence[Record]) -> bool:
        """Bind the offline queue under our source key where the plan has one, or let go of it.

        It is a safety net: a portal that refuses it does without.
        """
        known = bound_sources(rows)
        terms = await self._plan.terms(PAGE) if self._plan else None
        commands: dict[str, Command] = {}
        for event in KEPT if terms else sorted(known):
            if terms is None:
                commands[event] = Command("event.unbind", {"event": event, **OFFLINE})
            elif terms.source not in known.get(event, set()):
                source = {"auth_connector": terms.source} if terms.source else {}
                commands[event] = Command("event.bind", {"event": event, **OFFLINE, **source})
        return await self._bind(commands, ())

    async def _places(self) -> bool:
        """A place that is refused, for want of a right or in an old portal, is left out."""
        try:
            found = rows_of(await self._api.call("placement.get", {}, PAGE))
        except (Unsupported, Rejected, NotFound):
            return False
        known = {(str(row.get("placement")), str(row.get("handler"))) for row in found}
        wanted = [
            (place, f"{self._public_url}/frame/{self._name}/{view}", ru, en) for place, view, ru, en in PLACES
        ]
        commands = {
            place: Command("placement.bind", _place(place, handler, ru, en))
            for place, handler, ru, en in wanted
            if (place, handler) not in known
        }
        return await self._bind(commands, ())

    async def _bind(self, commands: dict[str, Command], needed: Sequence[str]) -> bool:
        if not commands:
            return False
        told = await self._api.batch(commands, PAGE, is_write=True)
        _check(told.items(), needed)
        return any(not isinstance(each, CrmError) for each in told.values())


def _place(place: str, handler: str, ru: str, en: str) -> dict[str, Any]:
    titles = {"ru": {"TITLE": ru}, "en": {"TITLE": en}}
    return {"PLACEMENT": place, "HANDLER": handler, "TITLE": ru, "LANG_ALL": titles}


def _check(told: Iterable[tuple[str, Answer | CrmError]], needed: Sequence[str]) -> None:
    """Raises the first refusal that matters. What is bound already is as good as bound."""
    for event, answer in told:
        if isinstance(answer, RateLimited | Unavailable):
            raise answer
        if isinstance(answer, Rejected) and ALREADY in answer.vendor_text.lower():
            continue
        if isinstance(answer, CrmError) and event in needed:
            raise answer
