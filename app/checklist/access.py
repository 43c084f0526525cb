"""Who may see which deal: the CRM says so; its answer is kept for a quarter of an hour."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.crm.errors import CrmError, NotFound, Unsupported
from app.crm.port import CrmClient
from app.installations.sessions import SessionViewer

GOOD_FOR = timedelta(minutes=15)
REFUSED_FOR = timedelta(minutes=1)
"""A right that was just given in the CRM shall not be waited for."""
MOST_KEPT = 20_000
_Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    may_read: bool
    asked_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """True while the CRM need not be asked again."""
        return now - self.asked_at < (GOOD_FOR if self.may_read else REFUSED_FOR)


class DealAccess:
    """Asks the CRM whether a viewer may see a deal, seldom."""

    def __init__(self, open_client: Callable[[int], Awaitable[CrmClient]], clock: Clock) -> None:
        self._open_client, self._clock = open_client, clock
        self._kept: OrderedDict[_Key, _Answer] = OrderedDict()

    async def may_read(self, viewer: SessionViewer, deal_id: str) -> bool | None:
        """True or False as the CRM says; None when it does not answer and never has for this deal.

        An administrator sees everything, and the deal that the CRM showed to somebody when his session
        began is his to see until it ends. While the CRM is silent its last answer holds, whatever
        its age: the page was opened from inside the CRM.
        """
        is_shown = viewer.is_admin or (bool(deal_id) and viewer.deal_id == deal_id)
        return True if is_shown else await self._answer(viewer, deal_id)

    async def exists(self, viewer: SessionViewer, deal_id: str) -> bool:
        """True when the CRM just now, or a while ago, showed the deal to this viewer."""
        return viewer.deal_id == deal_id or bool(await self._answer(viewer, deal_id))

    async def _answer(self, viewer: SessionViewer, deal_id: str) -> bool | None:
        key = (viewer.installation_id, viewer.user_id, deal_id)
        known = self._kept.get(key)
        if known and known.is_fresh(self._clock.now()):
            return known.may_read
        try:
            answer = await self._ask(viewer, deal_id)
        except CrmError:
            return known.may_read if known else None
        self._keep(key, answer)
        return answer

    async def _ask(self, viewer: SessionViewer, deal_id: str) -> bool:
        client = await self._open_client(viewer.installation_id)
        try:
            return await client.can_read(viewer.user_id, deal_id)
        except (NotFound, Unsupported):
            return False

    def _keep(self, key: _Key, may_read: bool) -> None:
        self._kept[key] = _Answer(may_read, self._clock.now())
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
