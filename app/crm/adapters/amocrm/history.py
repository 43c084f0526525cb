"""The past of a whole account: all leads are listed, then told newest first in small parcels.

Where most leads of a stretch of time are wanted, everything of that time is read at once (`Sweep`);
leads that were made long ago and touched lately are asked for by their ids. Either way a lead is
told with its whole log, so a reading that was cut short goes on from the last deal told and ends
with the same ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.crm.adapters.amocrm.api import BACKFILL, AmocrmApi
from app.crm.adapters.amocrm.cursor import LogCursor
from app.crm.adapters.amocrm.gather import LEAD_PARAMS, LIMIT, Gathered, Gatherer
from app.crm.adapters.amocrm.reading import lifetimes_of
from app.crm.adapters.amocrm.records import Holder, Record, deal_of, holders_of, moment, reading
from app.crm.adapters.amocrm.sweep import Sweep
from app.crm.adapters.amocrm.telling import (
    Attribute,
    attribution,
    held_facts,
    tell,
)
from app.crm.port import DealLog, Page
from app.domain.attribution import BEFORE_CREATION, Lifetime

PARCEL = 50
"""Deals in a page: it is recorded in one transaction, which must not hold up the others."""

STRETCH = 250
"""Leads whose time is read at once; about thirty calls in an account of usual habits."""

WORTH_IT = 0.25
"""The share of wanted leads among all of a stretch from which on reading the whole stretch is cheaper."""

MOST_SWEPT = 50_000
"""In larger accounts the unfinished leads of a sweep would take too much memory."""

AHEAD = timedelta(hours=1)
NOTHING_TOLD = "-"
"""The cursor between listing and the first parcel."""


@dataclass
class _Listing:
    """All leads as listed at the start, newest first, and whose calls they may be about.

    `sweep` is None once the rest is asked for by ids. `swept` is how many leads, newest first, the
    sweep has come past.
    """

    since: datetime
    read_at: datetime
    leads: list[Record]
    births: list[int]
    attribute: Attribute
    sweep: Sweep | None
    swept: int = 0


@dataclass
class History:
    """A backfill under way. The cursor is the birth and the id of the last deal told."""

    api: AmocrmApi
    clock: Clock
    _listing: _Listing | None = None

    async def page(self, since: datetime, cursor: str) -> Page[DealLog]:
        """The next parcel, newest deals first. Deals untouched since `since` are left out.

        The first page only says how many there are.
        """
        listing = self._listing
        if not cursor or listing is None or listing.since != since:
            listing = self._listing = await self._list(since)
            if not cursor and listing.leads:
                return Page((), NOTHING_TOLD, 0, len(listing.leads))
        leads, total = listing.leads, len(listing.leads)
        done = _position(leads, cursor)
        parcel = leads[done : done + PARCEL]
        while listing.sweep and listing.swept < done + len(parcel):
            await self._sweep_on(listing, listing.sweep)
        logs = await self._tell(parcel, listing) if parcel else ()
        done += len(parcel)
        if done >= total:
            self._listing = None
            return Page(logs, "", total, total)
        return Page(logs, _cursor(parcel[-1]), done, total)

    async def _sweep_on(self, listing: _Listing, sweep: Sweep) -> None:
        """Read one more stretch of time, or give sweeping up where few of its leads are wanted."""
        stretch = listing.leads[listing.swept : listing.swept + STRETCH]
        with reading():
            oldest = min(int(lead["created_at"]) for lead in stretch)
        back_to = oldest - int(BEFORE_CREATION.total_seconds())
        alive = sum(1 for born in listing.births if back_to <= born <= sweep.back_to)
        if len(stretch) < WORTH_IT * alive:
            listing.sweep = None
            return
        await sweep.extend(back_to)
        listing.swept += len(stretch)

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
            kept = [lead for lead in found.values() if moment(lead["updated_at"]) >= since]
            kept.sort(key=_place, reverse=True)
            births = [int(lead["created_at"]) for lead in found.values()]
        sweep = self._new_sweep(kept) if len(kept) <= MOST_SWEPT else None
        return _Listing(since, read_at, kept, births, attribution(lives), sweep)

    def _new_sweep(self, leads: Sequence[Record]) -> Sweep:
        """It begins a little ahead of now: a lead that was moved while it was listed needs that line."""
        holders = frozenset(holder for lead in leads for holder in holders_of(lead))
        begin = int((self.clock.now() + AHEAD).timestamp())
        return Sweep(self.api, frozenset(str(lead["id"]) for lead in leads), holders, begin)

    async def _tell(self, parcel: Sequence[Record], listing: _Listing) -> tuple[DealLog, ...]:
        holders = {str(lead["id"]): holders_of(lead) for lead in parcel}
        everybody = list(dict.fromkeys(holder for some in holders.values() for holder in some))
        found = await self._found(list(holders), everybody, listing)
        # What a sweep read, it read soon after the leads: later than that nothing is known.
        now, logs = listing.read_at if listing.sweep else self.clock.now(), []
        for lead in parcel:
            deal = deal_of(lead, listing.read_at)
            held = held_facts(deal.id, holders[deal.id], found, listing.attribute, now)
            logs.append(tell(deal.id, deal, found, held, now, is_whole=True))
        return tuple(logs)

    async def _found(self, ids: Sequence[str], holders: Sequence[Holder], listing: _Listing) -> Gathered:
        if listing.sweep is None:
            return await Gatherer(self.api, BACKFILL).of(ids, holders, LogCursor())
        return listing.sweep.take(ids, holders)


def _place(lead: Record) -> tuple[int, int]:
    return int(lead["created_at"]), int(lead["id"])


def _cursor(lead: Record) -> str:
    born, number = _place(lead)
    return f"{born}:{number}"


def _position(leads: Sequence[Record], cursor: str) -> int:
    """How many deals were told before; their births fall, and new deals have come in front."""
    born, _, number = cursor.partition(":")
    if not (born.isdigit() and number.isdigit()):
        return 0
    with reading():
        return sum(1 for lead in leads if _place(lead) >= (int(born), int(number)))
