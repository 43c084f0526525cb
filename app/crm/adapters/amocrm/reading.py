"""Reading one deal: the lead, its log, and what its contacts and company did."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from app.clock import Clock
from app.crm.adapters.amocrm.api import HOOK, AmocrmApi
from app.crm.adapters.amocrm.cursor import MOST_HOLDERS, LogCursor
from app.crm.adapters.amocrm.events import LogEvent
from app.crm.adapters.amocrm.gather import IDS_OF_EVENTS, Gathered, Gatherer, Wanted
from app.crm.adapters.amocrm.leads import Leads
from app.crm.adapters.amocrm.moves import is_settled, may_hide_a_move
from app.crm.adapters.amocrm.records import Holder, Record, deal_of, holders_of, moment, reading
from app.crm.adapters.amocrm.telling import attribution, held_facts, tell
from app.crm.adapters.amocrm.wire import child
from app.crm.port import DealLog
from app.crm.shared_reads import SharedReads
from app.domain.attribution import Lifetime
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence

LOOKS_AGAIN_AFTER = 2.0
"""Seconds. When the line of a creation is there, that of a move one second later is there soon."""

LEADS_READ = 100
"""Of a holder with more leads than this only the newest are looked at."""


class Reader:
    """Reads deals of one account. Those that are asked for at the same time share their calls."""

    def __init__(self, api: AmocrmApi, clock: Clock, priority: int = HOOK) -> None:
        self.api, self.clock, self.priority = api, clock, priority
        gatherer = Gatherer(api, priority)
        self._leads = Leads(api, clock, priority)
        self._gathered: SharedReads[Wanted, Gathered] = SharedReads(gatherer.parts, IDS_OF_EVENTS)
        self._lines: SharedReads[str, list[LogEvent]] = SharedReads(gatherer.lines, IDS_OF_EVENTS)

    async def deal(self, deal_id: str) -> Deal | None:
        """The deal as it stands now; None when it is gone, merged away or in the bin."""
        now = self.clock.now()
        lead = await self._leads.now(deal_id)
        return deal_of(lead, now) if lead else None

    async def log(self, deal_id: str, cursor: str) -> DealLog:
        """What happened to the deal since the cursor, and the deal as it stood after.

        Who its contacts are has to be known first; the stage is read last, for a write-back must
        not be decided by an older one than the log's. The log of a deal that was just made is read
        twice: a move in its first second has the deal's own time and shows in the log a little later.
        """
        now = self.clock.now()
        known = LogCursor.parse(cursor)
        lead = await self._leads.get(deal_id)
        holders = holders_of(lead)[:MOST_HOLDERS] if lead else ()
        found = await self._gathered.get(Wanted(deal_id, holders, known))
        if not known.seconds and lead and may_hide_a_move(deal_of(lead, now), found.events[deal_id], now):
            await self.clock.sleep(LOOKS_AGAIN_AFTER)
            lines = _merged(found.events[deal_id], await self._lines.get(deal_id))
            found = replace(found, events={deal_id: lines})
        deal = await self.deal(deal_id)
        held = await self._held(deal_id, holders, found, now) if deal else []
        told = tell(deal_id, deal, found, held, now, is_whole=not known.seconds)
        if not is_settled(deal, now) or _moved_unseen(lead, deal, told):
            # What the deal was born with can be told only later, and only from the whole log.
            return DealLog(deal, _certain(told.moves, lead, deal), told.evidence, cursor)
        newest = max((event.at.timestamp() for event in found.events[deal_id]), default=1.0)
        return DealLog(deal, told.moves, told.evidence, str(known.after(newest, holders)))

    async def open_deals_of(self, holder: Holder) -> list[str]:
        """Ids of a contact's deals that are neither closed nor gone."""
        return [str(lead["id"]) for lead in await self._leads_of(holder) if not lead.get("closed_at")]

    async def linked_deals_of(self, holder: Holder) -> list[str]:
        """Ids of all deals of a contact or company, newest first, without reading them."""
        record = await self.api.get(f"{holder.entity}/{holder.id}", self.priority, [("with", "leads")])
        with reading():
            ids = [int(item["id"]) for item in child(record, "_embedded", "leads") or []]
        return [str(lead_id) for lead_id in sorted(ids, reverse=True)]

    async def _held(
        self, deal_id: str, holders: Iterable[Holder], found: Gathered, now: datetime
    ) -> list[Evidence]:
        """The other deals of a holder are looked up only when he did something."""
        active = [holder for holder in holders if found.held.get(holder)]
        lives = {holder: lifetimes_of(await self._leads_of(holder)) for holder in active}
        return held_facts(deal_id, active, found, attribution(lives), now)

    async def _leads_of(self, holder: Holder) -> list[Record]:
        ids = (await self.linked_deals_of(holder))[:LEADS_READ]
        leads = await asyncio.gather(*(self._leads.get(lead_id) for lead_id in ids))
        return [lead for lead in leads if lead]


def _merged(first: Sequence[LogEvent], second: Sequence[LogEvent]) -> list[LogEvent]:
    both = {event.id: event for event in (*first, *second)}
    return sorted(both.values(), key=lambda event: (event.at, event.id))


def _moved_unseen(lead: Record | None, deal: Deal | None, told: DealLog) -> bool:
    """True when the deal changed its stage between both looks at it and the log does not say so."""
    if lead is None or deal is None or deal_of(lead, deal.read_at).stage == deal.stage:
        return False
    return not told.moves or told.moves[-1].to_stage != deal.stage or told.moves[-1].from_stage is None


def _certain(moves: Sequence[StageMove], lead: Record | None, deal: Deal | None) -> tuple[StageMove, ...]:
    """The moves without a creation whose stage is only where the deal stands now."""
    if lead and deal and len(moves) == 1 and moves[0].from_stage is None:
        return () if deal_of(lead, deal.read_at).stage != deal.stage else tuple(moves)
    return tuple(moves)


def lifetimes_of(leads: Iterable[Record]) -> list[Lifetime]:
    """When each of these leads was open."""
    with reading():
        return [
            Lifetime(
                str(lead["id"]),
                moment(lead["created_at"]),
                moment(lead["closed_at"]) if lead.get("closed_at") else None,
            )
            for lead in leads
        ]
