"""Offline events: what the portal keeps for us until we ask. A safety net under events that come once.

https://apidocs.bitrix24.com/api-reference/events/offline-events.html
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.clock import Clock
from app.crm.adapters.bitrix24.api import POLL, Bitrix24Api
from app.crm.adapters.bitrix24.records import Record, id_of, is_yes, reading
from app.crm.adapters.bitrix24.webhooks import events_of
from app.crm.adapters.bitrix24.wire import PAGE, SOURCE_KEY, Answer, Command, child, rows_of
from app.crm.errors import CrmError, NotFound, NotUnderstood, Rejected, Unsupported
from app.crm.events import InboundEvent

RESERVES, SKIPS_OWN = "rest_offline_extended", "rest_auth_connector"
"""Features of a plan: rows can be reserved; a source key keeps our own changes out."""

TERMS_LAST = timedelta(hours=1)
PROCESS = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
REFUSED = (Unsupported, Rejected, NotFound)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a portal's queue is to be read. `source` is our source key, empty where the plan has none."""

    reserves: bool
    source: str


@dataclass
class Plan:
    """What the portal's plan lets a queue do, asked once an hour at most."""

    api: Bitrix24Api
    clock: Clock
    _terms: Terms | None = None
    _read_at: datetime | None = None

    async def terms(self, priority: int) -> Terms:
        """The terms; a portal that does not tell has the least. Raises CrmError.

        https://apidocs.bitrix24.com/api-reference/common/system/feature-get.html
        """
        now = self.clock.now()
        if self._terms is None or self._read_at is None or now - self._read_at > TERMS_LAST:
            asked = {name: Command("feature.get", {"CODE": name}) for name in (RESERVES, SKIPS_OWN)}
            told = await self.api.batch(asked, priority)
            has = {name: _has(told[name]) for name in asked}
            self._terms, self._read_at = Terms(has[RESERVES], SOURCE_KEY if has[SKIPS_OWN] else ""), now
        return self._terms


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into the queue showed. `cursor` is for the next look, empty when all was seen."""

    events: tuple[InboundEvent, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class OfflineQueue:
    """Reads the queue so that nothing is lost between reading and keeping.

    Who asks with a look's cursor says that he has kept what it showed: only then it is cleared. A
    plan with reservations hides rows that are being read under a process, so that a change meanwhile
    makes a row of its own. Without them a row is looked at, and taken out once it was kept; what the
    taking shows is told again, for it may have changed in between.
    """

    api: Bitrix24Api
    plan: Plan

    async def look(self, cursor: str) -> Look:
        """The next events. A portal that refuses its queue has none; raises any other CrmError."""
        try:
            terms = await self.plan.terms(POLL)
            return await (self._reserve(cursor, terms) if terms.reserves else self._take(cursor, terms))
        except REFUSED:
            return Look((), "")

    async def _reserve(self, cursor: str, terms: Terms) -> Look:
        """Fifty rows under a new process; at first also those that a reader left who has died."""
        kept = [each for each in cursor.split(",") if PROCESS.fullmatch(each)]
        commands = {
            f"c{number}": Command("event.offline.clear", {"process_id": each})
            for number, each in enumerate(kept)
        }
        if not kept:
            commands["left"] = Command("event.offline.list", _asked(terms))
        commands["rows"] = Command("event.offline.get", {**_asked(terms), "clear": 0, "limit": PAGE})
        told = await self.api.batch(commands, POLL)
        given = {name: _given(answer) for name, answer in told.items()}
        rows, processes = _rows(child(given["rows"], "events")), [id_of(child(given["rows"], "process_id"))]
        for row in _rows(given.get("left", [])):
            if id_of(row.get("PROCESS_ID")):
                rows.append(row)
                processes.append(id_of(row.get("PROCESS_ID")))
        named = dict.fromkeys(each for each in processes if PROCESS.fullmatch(each))
        return Look(_events(rows), ",".join(named) if rows else "")

    async def _take(self, cursor: str, terms: Terms) -> Look:
        """Look without touching, then take what was looked at."""
        if not (cursor.isascii() and cursor.isdigit()):
            answer = await self.api.call("event.offline.list", _asked(terms), POLL)
            rows = _rows(answer)
            with reading():
                newest = max((int(row["ID"]) for row in rows), default="")
            return Look(_events(rows), str(newest))
        upto = {**_asked(terms), "filter": {"<=ID": cursor}, "limit": PAGE}
        taken = _rows(child(await self.api.call("event.offline.get", upto, POLL), "events"))
        # A full page may have left some behind that were looked at.
        return Look(_events(taken), "more" if len(taken) >= PAGE else "")


def _asked(terms: Terms) -> dict[str, Any]:
    """A queue of a source key is read with that key only."""
    asked: dict[str, Any] = {"order": {"ID": "ASC"}}
    return {**asked, "auth_connector": terms.source} if terms.source else asked


def _events(rows: Iterable[Record]) -> tuple[InboundEvent, ...]:
    """What the rows tell. One without data tells nothing, and what it was about the lists show."""
    found: dict[InboundEvent, None] = {}
    for row in rows:
        try:
            found |= dict.fromkeys(
                events_of(str(row.get("EVENT_NAME")), {"data": _as_form(row.get("EVENT_DATA"))})
            )
        except NotUnderstood:
            continue
    return tuple(found)


def _as_form(value: Any) -> Any:
    """Event data as an online event would have it: all its values are texts."""
    if isinstance(value, dict):
        return {str(name): _as_form(below) for name, below in value.items()}
    if isinstance(value, list):
        return {str(number): _as_form(below) for number, below in enumerate(value)}
    return "" if value is None or isinstance(value, bool) else str(value)


def _rows(value: Any) -> list[Record]:
    return rows_of(value if value is not None else [])


def _has(told: Answer | CrmError) -> bool:
    if isinstance(told, REFUSED):
        return False
    value = _given(told)
    return is_yes(child(value, "value") if isinstance(value, dict) else value)


def _given(told: Answer | CrmError) -> Any:
    if isinstance(told, CrmError):
        raise told
    return told.value


def bound_sources(rows: Sequence[Record]) -> dict[str, set[str]]:
    """Source keys by the event of each offline subscription; a portal may not show them."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if is_yes(row.get("offline")):
            shown = row.get("connector_id", row.get("auth_connector"))
            found.setdefault(str(row.get("event")).upper(), set()).add(str(shown or ""))
    return found
