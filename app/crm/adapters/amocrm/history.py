"""The past of a whole account: all leads are listed, then read in parcels with their whole logs.

A parcel needs nothing of the parcels before it, so a reading that was cut short goes on from the
last deal told and ends with the same ledger. About twenty calls bring fifty deals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clock import Clock
from app.crm.adapters.amocrm.api import BACKFILL, AmocrmApi
from app.crm.adapters.amocrm.cursor import LogCursor
from app.crm.adapters.amocrm.gather import LEAD_PARAMS, LIMIT, Gatherer
from app.crm.adapters.amocrm.reading import lifetimes_of
from app.crm.adapters.amocrm.records import Holder, Record, deal_of, holders_of, moment, reading
from app.crm.adapters.amocrm.telling import Attribute, Lifetime, attribution, held_facts, tell
from app.crm.port import DealLog, Page

PARCEL = 50
"""Deals in a page: it is recorded in one transaction, which must not hold up the others."""


@dataclass
class _Listing:
    """All leads as listed at the start, newest first, and whose calls they may be about."""

    since: datetime
    read_at: datetime
    leads: list[Record]
    attribute: Attribute


@dataclass
class History:
    """A backfill under way. The cursor is the id of the last deal told."""

    api: AmocrmApi
    clock: Clock
    _listing: _Listing | None = None

    async def page(self, since: datetime, cursor: str) -> Page[DealLog]:
        """The next parcel, newest deals first. Deals untouched since `since` are left out."""
        if not cursor or self._listing is None or self._listing.since != since:
            self._listing = await self._list(since)
        leads, total = self._listing.leads, len(self._listing.leads)
        done = _position(leads, cursor)
        parcel = leads[done : done + PARCEL]
        logs = await self._tell(parcel, self._listing) if parcel else ()
        done += len(parcel)
        if done >= total:
            self._listing = None
            return Page(logs, "", total, total)
        return Page(logs, str(parcel[-1]["id"]), done, total)

    async def _list(self, since: datetime) -> _Listing:
        """Read in both directions: a page that shifts while it is read hides a lead from one only.

        Filtering leads is a paid option, so old ones are left out here.
        """
        read_at, found = self.clock.now(), dict[int, Record]()
        for direction in ("asc", "desc"):
            params = [*LEAD_PARAMS, ("order[id]", direction)]
            leads = await self.api.every("leads", "leads", LIMIT, BACKFILL, params)
            with reading():
                found |= {int(lead["id"]): lead for lead in leads if not lead.get("is_deleted")}
        lives: dict[Holder, list[Lifetime]] = {}
        for lead in found.values():
            for holder in holders_of(lead):
                lives.setdefault(holder, []).extend(lifetimes_of([lead]))
        with reading():
            kept = [found[number] for number in sorted(found, reverse=True)]
            kept = [lead for lead in kept if moment(lead["updated_at"]) >= since]
        return _Listing(since, read_at, kept, attribution(lives))

    async def _tell(self, parcel: Sequence[Record], listing: _Listing) -> tuple[DealLog, ...]:
        holders = {str(lead["id"]): holders_of(lead) for lead in parcel}
        everybody = list(dict.fromkeys(holder for some in holders.values() for holder in some))
        found = await Gatherer(self.api, BACKFILL).of(list(holders), everybody, LogCursor())
        now, logs = self.clock.now(), []
        for lead in parcel:
            deal = deal_of(lead, listing.read_at)
            held = held_facts(deal.id, holders[deal.id], found, listing.attribute, now)
            logs.append(tell(deal.id, deal, found, held, now, is_whole=True))
        return tuple(logs)


def _position(leads: Sequence[Record], cursor: str) -> int:
    """How many deals were told before; ids fall, and new deals have come in front."""
    if not cursor.isdigit():
        return 0
    return sum(1 for lead in leads if int(lead["id"]) >= int(cursor))
