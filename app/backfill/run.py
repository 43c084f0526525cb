"""Reads the past into the ledger, page by page. It never writes to the CRM."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.backfill.progress import BackfillState, Progress, read_progress, save_progress
from app.clock import Clock
from app.crm.errors import CrmError, RateLimited, Unavailable
from app.crm.port import CrmClient, DealLog, Page
from app.db.engine import Database
from app.ledger.record import record

Projection = Callable[[Connection, int, str, datetime], None]


@dataclass(frozen=True, slots=True)
class Backfill:
    """Reads installations' histories. `projections` keep other tables in step with the ledger."""

    db: Database
    open_client: Callable[[int], Awaitable[CrmClient]]
    clock: Clock
    projections: Sequence[Projection] = ()

    async def step(self, installation_id: int) -> bool:
        """Read and record one page; False when nothing is left to read.

        A page and the place to go on from are one transaction, so a crash repeats at most a page,
        and repeated entries change nothing. A CRM that is away leaves the place as it is and
        raises; a CRM that refuses ends the backfill with its reason.
        """
        progress = await self.db.read(lambda conn: read_progress(conn, installation_id))
        if progress is None or progress.state in (BackfillState.DONE, BackfillState.FAILED):
            return False
        try:
            client = await self.open_client(installation_id)
            page = await client.history(progress.since, progress.cursor)
        except (Unavailable, RateLimited):
            raise
        except CrmError as error:
            reason = type(error).__name__
            await self._save(
                installation_id, replace(progress, state=BackfillState.FAILED, last_error=reason)
            )
            return False
        return await self.db.write(lambda conn: self._record(conn, installation_id, progress, page))

    async def run(
        self, installation_id: int, tell: Callable[[Progress], None] = lambda _: None
    ) -> Progress | None:
        """Read to the end, telling the progress after every page. Raises what `step` raises."""
        while await self.step(installation_id):
            progress = await self.db.read(lambda conn: read_progress(conn, installation_id))
            if progress:
                tell(progress)
        return await self.db.read(lambda conn: read_progress(conn, installation_id))

    async def _save(self, installation_id: int, progress: Progress) -> None:
        await self.db.write(lambda conn: save_progress(conn, installation_id, progress, self.clock.now()))

    def _record(
        self, conn: Connection, installation_id: int, progress: Progress, page: Page[DealLog]
    ) -> bool:
        now = self.clock.now()
        for log in page.items:
            record(conn, installation_id, log, now)
            if log.deal:
                for project in self.projections:
                    project(conn, installation_id, log.deal.id, now)
        state = BackfillState.RUNNING if page.cursor else BackfillState.DONE
        done = max(page.done, progress.done)
        after = replace(
            progress, state=state, cursor=page.cursor, done=done, total=max(page.total, done), last_error=""
        )
        save_progress(conn, installation_id, after, now)
        return bool(page.cursor)
