"""The client of one portal behind the port."""

from collections.abc import Sequence
from datetime import datetime

from app.clock import Clock
from app.crm.adapters.bitrix24.api import BACKFILL, HOOK, WRITE_BACK, Bitrix24Api
from app.crm.adapters.bitrix24.catalog import read_catalog
from app.crm.adapters.bitrix24.changes import Changes
from app.crm.adapters.bitrix24.history import History
from app.crm.adapters.bitrix24.owners import ACTIVITY, Owners
from app.crm.adapters.bitrix24.reading import NameBook, Reader
from app.crm.adapters.bitrix24.records import COMPANY, CONTACT
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.adapters.bitrix24.subscriptions import Subscriptions
from app.crm.adapters.bitrix24.writes import Writer
from app.crm.errors import Unsupported
from app.crm.port import Applied, DealLog, Page
from app.crm.shared_reads import SharedReads
from app.domain.deal import Deal
from app.domain.stage import Catalog
from app.domain.writeback import Command

DEALS, RECORDS = 8, 50
"""Six commands for each deal make one batch of 48; a record takes one."""


class Bitrix24Client:
    """See `app.crm.port.CrmClient` for what each method promises."""

    def __init__(
        self, api: Bitrix24Api, settings: Bitrix24Settings, clock: Clock, subscriptions: Subscriptions
    ) -> None:
        self._api, self._clock, self._subscriptions = api, clock, subscriptions
        book = NameBook(api, clock)
        self._reader = Reader(api, clock, book, HOOK)
        self._logs = SharedReads(self._reader.logs, DEALS)
        self._history = History(api, Reader(api, clock, book, BACKFILL))
        self._writer = Writer(api, Reader(api, clock, book, WRITE_BACK), settings)
        self._owners = Owners(api)
        self._activities = SharedReads(self._owners.of_activities, RECORDS)

    async def get_deal(self, deal_id: str) -> Deal:
        """The deal as it stands now."""
        return await self._reader.deal(deal_id)

    async def get_catalog(self) -> Catalog:
        """Pipelines, custom fields of deals, people; every lost stage is a reason."""
        return await read_catalog(self._api, self._clock.now())

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The deal's whole log: it is short, and what chats hold has no time of change to go on from."""
        log = await self._logs.get(deal_id)
        return log if log.cursor else DealLog(log.deal, log.moves, log.evidence, cursor)

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Ids of the open deals of a contact, or of a company."""
        found = await self._owners.open_deals((CONTACT, contact_id))
        return found or await self._owners.open_deals((COMPANY, contact_id))

    async def deals_of_record(self, record_id: str) -> Sequence[str]:
        """Ids of the deals that an activity, a comment, an invoice or a task hangs on."""
        kind, _, number = record_id.partition("-")
        if kind == ACTIVITY:
            return await self._activities.get(number)
        return await self._owners.deals_of_record(record_id)

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Deals that were saved, or on which something happened, a page at a time."""
        return await Changes(self._api).page(since, cursor)

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """All deals changed since then, newest first, with their whole logs."""
        return await self._history.page(since, cursor)

    async def apply(self, command: Command, key: str) -> Applied:
        """Carry out a write."""
        return await self._writer.apply(command, key)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """The reference of an earlier write's effect, or None."""
        return await self._writer.find_effect(command, key, since)

    async def ensure_hooks(self, url: str) -> bool:
        """Subscribe `url` and take our places; True when something had to be changed."""
        return await self._subscriptions.ensure(url)

    async def close(self) -> None:
        """Give up the connections."""
        await self._api.close()

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Nobody can ask on behalf of another: only a viewer's own proof tells. Raises Unsupported."""
        raise Unsupported("a person's rights are told by his own token only")
