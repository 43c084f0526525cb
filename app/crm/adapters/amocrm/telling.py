"""What the gathered records tell of a deal. Calls with a contact count for one deal or for none."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from app.crm.adapters.amocrm.facts import deal_facts, event_facts
from app.crm.adapters.amocrm.gather import Gathered
from app.crm.adapters.amocrm.moves import is_settled, moves_of
from app.crm.adapters.amocrm.note_facts import note_facts
from app.crm.adapters.amocrm.records import Holder
from app.crm.adapters.amocrm.task_facts import task_facts
from app.crm.port import DealLog
from app.domain.attribution import Lifetime, deal_at
from app.domain.deal import Deal
from app.domain.evidence import Evidence

Attribute = Callable[[Holder, datetime], str]


def attribution(lifetimes: Mapping[Holder, Iterable[Lifetime]]) -> Attribute:
    """Which deal a call with a holder was about, by when the holder's deals were open.

    A call lands on the deal itself only when its contact has exactly one open deal.
    https://www.amocrm.ru/developers/content/crm_platform/calls-api
    """

    return lambda holder, moment: deal_at(lifetimes.get(holder, ()), moment)


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
