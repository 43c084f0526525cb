"""Leads by their ids; many in one call where the account's plan has the filter."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.clock import Clock
from app.crm.adapters.amocrm.api import AmocrmApi, Params
from app.crm.adapters.amocrm.gather import LEAD_PARAMS, LIMIT
from app.crm.adapters.amocrm.records import Record
from app.crm.adapters.amocrm.wire import embedded
from app.crm.errors import Rejected
from app.crm.shared_reads import SharedReads

MOST_IN_A_LIST = 100
WORTH_A_LIST = 3
"""Fewer leads are asked for one by one, which also tells those that are gone."""

TRIED_AGAIN_AFTER = timedelta(hours=1)


class Leads:
    """Reads leads. Filtering them is a paid option; without it the filter is refused or ignored, and
    which of both is UNSURE.

    https://www.amocrm.ru/developers/content/crm_platform/filters-api
    """

    def __init__(self, api: AmocrmApi, clock: Clock, priority: int) -> None:
        self._api, self._clock, self._priority = api, clock, priority
        self._listed: SharedReads[str, Record | None] = SharedReads(self._list, MOST_IN_A_LIST)
        self._no_list_until: datetime | None = None

    async def get(self, lead_id: str) -> Record | None:
        """The lead's record; None when it is gone, merged away or in the bin.

        A list may show a change later than the lead itself does: before a write ask `now`.
        """
        listed = await self._listed.get(lead_id)
        return _alive(listed) if listed else await self.now(lead_id)

    async def now(self, lead_id: str) -> Record | None:
        """The same, from the lead itself."""
        return _alive(await self._api.get(f"leads/{lead_id}", self._priority, LEAD_PARAMS))

    async def _list(self, ids: Sequence[str]) -> list[Record | None]:
        """The leads that a list has, in the order of `ids`."""
        found = await self._filtered(ids) if self._may_list(ids) else {}
        return [found.get(each) for each in ids]

    def _may_list(self, ids: Sequence[str]) -> bool:
        until = self._no_list_until
        return len(ids) >= WORTH_A_LIST and (until is None or self._clock.now() >= until)

    async def _filtered(self, ids: Sequence[str]) -> dict[str, Record]:
        params: Params = [*LEAD_PARAMS, *(("filter[id][]", each) for each in ids), ("limit", str(LIMIT))]
        try:
            leads = embedded(await self._api.get("leads", self._priority, params), "leads")
        except Rejected:
            self._no_list_until = self._clock.now() + TRIED_AGAIN_AFTER
            return {}
        found = {str(lead.get("id")): lead for lead in leads}
        if not found.keys() <= set(ids):
            # Others came along: it was no filter.
            self._no_list_until = self._clock.now() + TRIED_AGAIN_AFTER
        return found


def _alive(lead: Record | None) -> Record | None:
    return lead if isinstance(lead, dict) and not lead.get("is_deleted") else None
