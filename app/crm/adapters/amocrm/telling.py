"""What the gathered records tell of a deal. Calls with a contact count for one deal or for none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.crm.adapters.amocrm.facts import deal_facts, event_facts
from app.crm.adapters.amocrm.gather import Gathered
from app.crm.adapters.amocrm.moves import is_settled, moves_of
from app.crm.adapters.amocrm.note_facts import note_facts
from app.crm.adapters.amocrm.records import Holder
from app.crm.adapters.amocrm.task_facts import task_facts
from app.crm.port import DealLog
from app.domain.deal import Deal
from app.domain.evidence import Evidence

BEFORE_CREATION = timedelta(hours=1)
"""The client calls first, the deal is made a little later."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a deal was open; `closed_at` is None while it is."""

    deal_id: str
    created_at: datetime
    closed_at: datetime | None

    def holds(self, moment: datetime) -> bool:
        """True when the deal was open then."""
        return self.created_at <= moment and (self.closed_at is None or moment <= self.closed_at)

    def follows(self, moment: datetime) -> bool:
        """True when the deal came into being soon after."""
        return self.created_at - BEFORE_CREATION <= moment < self.created_at


Attribute = Callable[[Holder, datetime], str]


def attribution(lifetimes: Mapping[Holder, Iterable[Lifetime]]) -> Attribute:
    """Which deal a call with a holder was about: the one that was open then, or when none was, the
    one made soon after; empty when none or several come into question, for nobody can tell.

    A call lands on the deal itself only when its contact has exactly one open deal.
    https://www.amocrm.ru/developers/content/crm_platform/calls-api
    """

    def deal_at(holder: Holder, moment: datetime) -> str:
        lives = list(lifetimes.get(holder, ()))
        likely = {life.deal_id for life in lives if life.holds(moment)}
        likely = likely or {life.deal_id for life in lives if life.follows(moment)}
        return likely.pop() if len(likely) == 1 else ""

    return deal_at


def tell(
    deal_id: str, deal: Deal | None, found: Gathered, held: list[Evidence], now: datetime, *, is_whole: bool
) -> DealLog:
    """Moves and facts of one deal, without a cursor. `is_whole`: the records reach back to its beginning."""
    events = found.events.get(deal_id, [])
    facts = event_facts(deal_id, events, now)
    facts += note_facts(deal_id, found.notes.get(deal_id, ()), now)
    facts += task_facts(deal_id, found.tasks.get(deal_id, ()), now)
    if deal and is_whole and is_settled(deal, now):
        facts += deal_facts(deal, events, now)
    moves = moves_of(deal_id, events, deal, now, is_whole=is_whole)
    ordered = sorted([*facts, *held], key=lambda fact: (fact.occurred_at, fact.source_id))
    return DealLog(deal, moves, tuple(ordered), "")


def held_facts(
    deal_id: str, holders: Iterable[Holder], found: Gathered, attribute: Attribute, now: datetime
) -> list[Evidence]:
    """What the deal's contacts and company did, as far as it was about this deal."""
    facts: list[Evidence] = []
    for holder in holders:
        notes = found.held.get(holder, ())
        facts += [
            fact
            for fact in note_facts(deal_id, notes, now, holder)
            if attribute(holder, fact.occurred_at) == deal_id
        ]
    return facts
