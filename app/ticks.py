"""What one process of all does now and then. Each tick finishes by itself and may be repeated."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from app.analytics.rebuild import rebuild_step
from app.backfill.progress import waiting_backfills
from app.backfill.run import Backfill, Step
from app.crm.errors import CrmError, RateLimited
from app.db.lane import sweep
from app.inbox.prune import prune
from app.installations.care import Care
from app.installations.services import Services
from app.lock.care import tend_trials
from app.observability import get_logger
from app.reconcile.poll import Reconciler, active_installations
from app.worker import Tick

POLL_EVERY = timedelta(minutes=5)
AWAY = timedelta(seconds=30)
"""How long a backfill rests when its CRM is away."""

log = get_logger("ticks")


def build_ticks(services: Services, care: Care, backfill: Backfill) -> list[Tick]:
    """All ticks of an installation of Stepgate."""
    past = PastReader(services, backfill)
    return [
        Tick("sweep", timedelta(seconds=60), lambda: _sweep(services)),
        Tick("prune", timedelta(hours=1), lambda: _prune(services)),
        Tick("care", timedelta(seconds=60), care.tend),
        Tick("poll", POLL_EVERY, lambda: _poll(services)),
        Tick("backfill", timedelta(seconds=2), past.read_all),
        Tick("lock", timedelta(seconds=30), lambda: tend_trials(services)),
        Tick("rebuild", timedelta(seconds=2), lambda: _rebuild(services)),
    ]


class PastReader:
    """Reads the pasts that were asked for, a page of each in turn, and lets a CRM rest that is away."""

    def __init__(self, services: Services, backfill: Backfill) -> None:
        self._services, self._backfill = services, backfill
        self._rests_until: dict[int, datetime] = {}

    async def read_all(self) -> None:
        """Go on until nothing is left that can be read now."""
        while True:
            waiting = await self._services.db.read(waiting_backfills)
            now = self._services.clock.now()
            awake = [each for each in waiting if self._rests_until.get(each, now) <= now]
            if not awake:
                return
            for installation_id in awake:
                await self._read_page(installation_id)

    async def _read_page(self, installation_id: int) -> None:
        try:
            if await self._backfill.step(installation_id) is Step.HELD:
                self._rests_until[installation_id] = self._services.clock.now() + AWAY
        except CrmError as error:
            rest, tell = AWAY, log.warning
            if isinstance(error, RateLimited):
                # That others have the turn is nothing that somebody should look into.
                rest, tell = timedelta(seconds=error.retry_after), log.info
            self._rests_until[installation_id] = self._services.clock.now() + rest
            tell("past not read", installation_id=installation_id, reason=type(error).__name__)


async def _sweep(services: Services) -> None:
    swept = await services.db.write(lambda conn: sweep(conn, services.clock.now()))
    if swept.woken or swept.parked:
        log.warning("lanes swept", count=swept.woken, total=swept.parked)


async def _prune(services: Services) -> None:
    while await services.db.write(lambda conn: prune(conn, services.clock.now())):
        pass


async def _poll(services: Services) -> None:
    reconciler = Reconciler(services.db, services.clients.open, services.clock)
    for installation_id in await services.db.read(active_installations):
        await _for_one(installation_id, reconciler.poll)


async def _for_one(installation_id: int, work: Callable[[int], Awaitable[object]]) -> None:
    """One account's trouble is not the others'."""
    try:
        await work(installation_id)
    except CrmError as error:
        log.warning("poll failed", installation_id=installation_id, reason=type(error).__name__)


async def _rebuild(services: Services) -> None:
    while await rebuild_step(services.db, services.clock):
        pass
