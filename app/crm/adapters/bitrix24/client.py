"""The client of one portal behind the port."""

from collections.abc import Sequence
from datetime import datetime

from app.clock import Clock
from app.crm.adapters.bitrix24.api import BACKFILL, HOOK, WRITE_BACK, Bitrix24Api
from app.crm.adapters.bitrix24.catalog import read_catalog
from app.crm.adapters.bitrix24.changes import Changes
from app.crm.adapters.bitrix24.history import History
from app.crm.adapters.bitrix24.lock import StageLock, token_of
from app.crm.adapters.bitrix24.owners import Owners
from app.crm.adapters.bitrix24.queue import OfflineQueue, Plan
from app.crm.adapters.bitrix24.reading import NameBook, Reader
from app.crm.adapters.bitrix24.records import COMPANY, CONTACT, DOCUMENT, INVOICE
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.adapters.bitrix24.subscriptions import Subscriptions
from app.crm.adapters.bitrix24.writes import Writer
from app.crm.errors import Unsupported
from app.crm.port import Applied, DealLog, Page, RolesPlan, TriedMove
from app.crm.shared_reads import SharedReads
from app.domain.deal import Deal
from app.domain.stage import Catalog, StageRef
from app.domain.writeback import Command

DEALS, RECORDS = 15, 50
"""Three commands for each deal and three for all make one batch of 48; a record takes one."""


class Bitrix24Client:
    """See `app.crm.port.CrmClient` for what each method promises."""

    def __init__(
        self,
        api: Bitrix24Api,
        settings: Bitrix24Settings,
        clock: Clock,
        subscriptions: Subscriptions,
        plan: Plan,
    ) -> None:
        self._api, self._clock, self._subscriptions = api, clock, subscriptions
        self._kinds = (INVOICE, DOCUMENT) if settings.signed_documents else (INVOICE,)
        book = NameBook(api, clock, self._kinds)
        self._reader = Reader(api, clock, book, HOOK)
        self._logs = SharedReads(self._reader.logs, DEALS)
        self._history = History(api, Reader(api, clock, book, BACKFILL))
        self._writer = Writer(api, Reader(api, clock, book, WRITE_BACK), settings)
        self._lock = StageLock(api, settings.plans_without_roles)
        self._owners = Owners(api)
        self._records = SharedReads(self._owners.of_records, RECORDS)
        self._changes = Changes(api, OfflineQueue(api, plan) if settings.offline_events else None)

    async def get_deal(self, deal_id: str) -> Deal:
        """The deal as it stands now."""
        return await self._reader.deal(deal_id)

    async def get_catalog(self) -> Catalog:
        """Pipelines, custom fields of deals, people; every lost stage is a reason."""
        return await read_catalog(self._api, self._clock.now(), self._kinds)

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The deal's whole log: it is short, and what chats hold has no time of change to go on from."""
        log = await self._logs.get(deal_id)
        return log if log.cursor else DealLog(log.deal, log.moves, log.evidence, cursor)

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Ids of the open deals of a contact, or of a company."""
        people = ((CONTACT, contact_id), (COMPANY, contact_id))
        found = await self._owners.open_deals(people)
        return next((deals for holder in people if (deals := found[holder])), [])

    async def deals_of_record(self, record_id: str) -> Sequence[str]:
        """Ids of the deals that an activity, a comment, an invoice or a task hangs on."""
        return await self._records.get(record_id)

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Deals of the offline queue, then deals that were saved, or on which something happened.

        Asking with a cursor says that what came with it was kept: the queue's rows are cleared then.
        """
        return await self._changes.page(since, cursor)

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

    async def roles_plan(self) -> RolesPlan:
        """What the portal's plan can do."""
        return await self._lock.plan()

    async def make_trial(self, title: str, stage: StageRef, responsible_id: str, key: str) -> str:
        """A deal for a trial of the lock."""
        return await self._lock.make(title, stage, responsible_id, key)

    async def find_trial(self, key: str) -> str | None:
        """The deal that was made with that key, or None."""
        return await self._lock.find(key)

    async def place_trial(self, deal_id: str, stage: StageRef) -> None:
        """Put a trial's deal into a stage."""
        await self._lock.place(deal_id, stage)

    async def remove_trial(self, deal_id: str) -> None:
        """Delete a trial's deal."""
        await self._lock.remove(deal_id)

    async def may_edit(self, proof: str, deal_id: str) -> bool:
        """Whether that person may change a trial's deal at all."""
        return await self._lock.may_edit(token_of(proof), deal_id)

    async def try_move(self, proof: str, deal_id: str, target: StageRef) -> TriedMove:
        """Move a trial's deal with the rights of whoever brings the proof."""
        return await self._lock.attempt(token_of(proof), deal_id, target)

    async def close(self) -> None:
        """Give up the connections."""
        await self._api.close()

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Nobody can ask on behalf of another: only a viewer's own proof tells. Raises Unsupported."""
        raise Unsupported("a person's rights are told by his own token only")
