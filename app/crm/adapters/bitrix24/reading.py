"""Reading deals: the item, its history, and what its client did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.crm.adapters.bitrix24.activity_facts import activity_facts
from app.crm.adapters.bitrix24.api import HOOK, Bitrix24Api
from app.crm.adapters.bitrix24.catalog import Names, named, read_names
from app.crm.adapters.bitrix24.deal_facts import comment_facts, field_facts
from app.crm.adapters.bitrix24.gather import Gathered, Gatherer
from app.crm.adapters.bitrix24.moves import log_id, moves_of
from app.crm.adapters.bitrix24.records import CONTACT, DEAL, INVOICE, Record, deal_of, reading
from app.crm.adapters.bitrix24.side_records import payment_facts, stage_facts
from app.crm.errors import NotFound, Rejected
from app.crm.port import DealLog
from app.domain.attribution import deal_at
from app.domain.deal import Deal
from app.domain.evidence import Evidence

NAMES_LAST = timedelta(minutes=15)


@dataclass
class NameBook:
    """What the values of fields are called, kept for a quarter of an hour. `kinds` are the kinds of
    records beside a deal that count."""

    api: Bitrix24Api
    clock: Clock
    kinds: Sequence[int] = (INVOICE,)
    _names: Names | None = None
    _read_at: datetime | None = None

    async def names(self, priority: int = HOOK) -> Names:
        """The names; read anew when they are old. Raises CrmError."""
        now = self.clock.now()
        if self._names is None or self._read_at is None or now - self._read_at > NAMES_LAST:
            self._names, self._read_at = await read_names(self.api, self.kinds, priority), now
        return self._names


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads deals of one portal."""

    api: Bitrix24Api
    clock: Clock
    book: NameBook
    priority: int = HOOK

    async def item(self, deal_id: str) -> Record:
        """The record of a deal. Raises NotFound."""
        try:
            answer = await self.api.call("crm.item.get", {"entityTypeId": DEAL, "id": deal_id}, self.priority)
        except Rejected as error:
            raise NotFound(f"no such deal: {error.vendor_text[:60]}") from None
        with reading():
            item: Record = answer["item"]
            return item

    async def deal(self, deal_id: str) -> Deal:
        """The deal as it stands now. Raises NotFound."""
        names = await self.book.names(self.priority)
        now = self.clock.now()
        return named(deal_of(await self.item(deal_id), now), names)

    async def logs(self, ids: Sequence[str]) -> list[DealLog]:
        """Some deals with their whole logs, in the order of `ids`."""
        names = await self.book.names(self.priority)
        now = self.clock.now()
        found = await Gatherer(self.api, self.priority, names.item_fields, self.book.kinds).of(ids)
        return [tell(deal_id, found, names, now) for deal_id in ids]


def tell(deal_id: str, found: Gathered, names: Names, now: datetime) -> DealLog:
    """Moves and facts of one deal; its cursor is the last row of its history."""
    own = found.own
    item = own.items.get(deal_id)
    deal = named(deal_of(item, now), names) if item else None
    history = own.history.get(deal_id, [])
    moves = moves_of(deal_id, history, deal, item or {}, now)
    facts = comment_facts(deal_id, own.comments.get(deal_id, ()), now)
    for kind, records in own.beside.items():
        facts += stage_facts(deal_id, kind, records.get(deal_id, ()), names.side, now)
    facts += payment_facts(deal_id, own.payments.get(deal_id, ()), now)
    for row in own.activities.get(deal_id, ()):
        facts += activity_facts(deal_id, row, found.around, now)
    if deal and item:
        facts += field_facts(deal, item, now)
        facts += _held_facts(deal_id, found, now)
    ordered = sorted(facts, key=lambda fact: (fact.occurred_at, fact.source_id))
    cursor = max((log_id(row) for row in history), default="")
    return DealLog(deal, moves, tuple(ordered), cursor)


def _held_facts(deal_id: str, found: Gathered, now: datetime) -> list[Evidence]:
    """What the deal's contacts did without a deal, as far as it was about this one."""
    facts: list[Evidence] = []
    for holder, row in found.held.get(deal_id, ()):
        contact_id = holder[1] if holder[0] == CONTACT else ""
        facts += [
            fact
            for fact in activity_facts(deal_id, row, found.around, now, contact_id)
            if deal_at(found.lives.get(holder, ()), fact.occurred_at) == deal_id
        ]
    return facts
