"""The client of one amoCRM account behind the port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.clock import Clock
from app.crm.adapters.amocrm.caller import EVENTS_PAGE, Caller
from app.crm.adapters.amocrm.history import History
from app.crm.adapters.amocrm.hooks import ensure_hooks
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.reading import Reader
from app.crm.adapters.amocrm.records import read_catalog
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.wire import child, embedded, has_next
from app.crm.adapters.amocrm.writing import Writer
from app.crm.errors import AuthExpired, NotFound, Unsupported
from app.crm.http import HttpClient
from app.crm.port import Applied, DealLog, Page, Session
from app.domain.deal import Deal
from app.domain.stage import Catalog
from app.domain.writeback import Command

HOOK, PAGE_VIEW, POLL = 1, 2, 3


class AmocrmClient:
    """See `app.crm.port.CrmClient` for what each method promises."""

    def __init__(
        self, session: Session, settings: AmocrmSettings, hosts: HostList, http: HttpClient, clock: Clock
    ) -> None:
        self._clock, self._service_name = clock, settings.service_name
        self._caller = Caller(session, http, hosts)
        self._reader = Reader(self._caller, clock)
        self._history = History(self._caller, clock)
        self._user_id = ""

    async def get_deal(self, deal_id: str) -> Deal:
        """The lead as it stands now."""
        deal = await self._reader.deal(deal_id)
        if deal is None:
            raise NotFound("the lead is gone")
        return deal

    async def get_catalog(self) -> Catalog:
        """Pipelines, lead fields, users and loss reasons; users need an administrator's token."""
        read_at = self._clock.now()
        pipelines = await self._caller.all("leads/pipelines", "pipelines", priority=PAGE_VIEW)
        users = await self._caller.all("users", "users", priority=PAGE_VIEW)
        fields = await self._caller.all("leads/custom_fields", "custom_fields", priority=PAGE_VIEW, limit=50)
        reasons = await self._caller.all("leads/loss_reasons", "loss_reasons", priority=PAGE_VIEW)
        return read_catalog(pipelines, users, fields, reasons, read_at)

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The lead's events, notes, tasks and its contacts' calls since the cursor."""
        return await self._reader.log(deal_id, cursor)

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Ids of the contact's open leads."""
        return await self._reader.open_deals_of(contact_id)

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Leads that the log names since then, a page of the log at a time."""
        number = int(cursor or 1)
        params = [
            ("filter[created_at][from]", str(int(since.timestamp()))),
            ("filter[entity]", "lead"),
            ("page", str(number)),
            ("limit", str(EVENTS_PAGE)),
        ]
        answer = await self._caller.read("events", params, priority=POLL)
        events = embedded(answer, "events")
        ids = {str(event["entity_id"]) for event in events if event.get("entity_type") == "lead"}
        return Page(tuple(sorted(ids)), str(number + 1) if events and has_next(answer) else "")

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """All leads, then their log in windows from new to old."""
        return await self._history.page(since, cursor)

    async def apply(self, command: Command, key: str) -> Applied:
        """Carry out a write."""
        return await (await self._writer()).apply(command, key)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """The reference of an earlier write's effect, or None."""
        return await (await self._writer()).find_effect(command, key, since)

    async def ensure_hooks(self, url: str) -> bool:
        """Subscribe `url`; True when something had to be changed."""
        return await ensure_hooks(self._caller, url)

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Asked with that user's rights (`X-Context-User-ID`, needs an administrator's token).

        https://www.amocrm.ru/developers/content/oauth/scopes
        """
        try:
            lead = await self._caller.read(f"leads/{deal_id}", priority=PAGE_VIEW, user_id=user_id)
        except (Unsupported, NotFound):
            return False
        except AuthExpired:
            # An unknown user is refused like a dead token; our own token tells which it was.
            await self._account()
            return False
        return bool(lead) and not lead.get("is_deleted")

    async def _writer(self) -> Writer:
        if not self._user_id:
            self._user_id = str(child(await self._account(), "current_user_id") or "")
        return Writer(self._caller, self._reader, self._service_name, self._user_id)

    async def _account(self) -> Any:
        return await self._caller.read("account", priority=PAGE_VIEW)
