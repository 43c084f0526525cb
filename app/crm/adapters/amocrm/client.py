"""The client of one account behind the port."""

from collections.abc import Sequence
from datetime import datetime

from app.clock import Clock
from app.crm.adapters.amocrm import hooks
from app.crm.adapters.amocrm.api import HOOK, PAGE, POLL, WRITE_BACK, AmocrmApi
from app.crm.adapters.amocrm.catalog import read_catalog
from app.crm.adapters.amocrm.changes import Changes
from app.crm.adapters.amocrm.history import History
from app.crm.adapters.amocrm.reading import Reader
from app.crm.adapters.amocrm.records import Holder
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.writes import Writer
from app.crm.errors import NotFound
from app.crm.port import Applied, DealLog, Page
from app.domain.deal import Deal
from app.domain.stage import Catalog
from app.domain.writeback import Command


class AmocrmClient:
    """See `app.crm.port.CrmClient` for what each method promises."""

    def __init__(self, api: AmocrmApi, settings: AmocrmSettings, clock: Clock) -> None:
        self._api, self._clock = api, clock
        self._reader = Reader(api, clock, HOOK)
        self._history = History(api, clock)
        self._writer = Writer(api, Reader(api, clock, WRITE_BACK), settings)

    async def get_deal(self, deal_id: str) -> Deal:
        """The lead as it stands now."""
        deal = await self._reader.deal(deal_id)
        if deal is None:
            raise NotFound("the lead is gone")
        return deal

    async def get_catalog(self) -> Catalog:
        """Pipelines, lead fields, users and loss reasons; users need an administrator's token."""
        return await read_catalog(self._api, self._clock.now())

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The lead's log, notes and tasks and its contacts' calls since the cursor."""
        return await self._reader.log(deal_id, cursor)

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Ids of the open leads of a contact, or of a company: hooks call both contacts."""
        found = await self._reader.open_deals_of(Holder("contacts", contact_id))
        return found or await self._reader.open_deals_of(Holder("companies", contact_id))

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Leads that the log names since then, a page of the log at a time."""
        return await Changes(self._api, Reader(self._api, self._clock, POLL)).page(since, cursor)

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """All leads touched since then, newest first, with their whole logs."""
        return await self._history.page(since, cursor)

    async def apply(self, command: Command, key: str) -> Applied:
        """Carry out a write."""
        return await self._writer.apply(command, key)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """The reference of an earlier write's effect, or None."""
        return await self._writer.find_effect(command, key, since)

    async def ensure_hooks(self, url: str) -> bool:
        """Subscribe `url`; True when something had to be changed."""
        return await hooks.ensure(self._api, url)

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Asked with that user's rights; needs an administrator's token."""
        lead = await self._api.get_as(user_id, f"leads/{deal_id}", PAGE)
        return isinstance(lead, dict) and not lead.get("is_deleted")

    async def close(self) -> None:
        """Give up the connections."""
        await self._api.close()
