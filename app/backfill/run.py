"""Reads the past into the ledger, page by page. It never writes to the CRM."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from app.backfill.progress import BackfillState, Progress, read_progress, save_progress
from app.clock import Clock
from app.crm.errors import CrmError, RateLimited, Unavailable
from app.crm.port import CrmClient, DealLog, Page
from app.db.engine import Database
from app.db.lease import drop_lease, hold_lease
from app.ledger.record import record_all
from app.ledger.sight import DealKey

PART = 50
"""Deals in one transaction."""

HELD_FOR = timedelta(minutes=2)
"""How long a reader that has died keeps others from going on."""

LOOKS_EVERY = 1.0
"""Seconds between looks at a reading that another process does."""


class Step(StrEnum):
    """What became of a step."""

    MORE = "more"
    END = "end"
    HELD = "held"
    """Another process reads this account's past; two at once would tell two truths about its progress."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """Reads installations' histories. `at_end` runs in the transaction that ends a backfill: what
    is derived from the ledger is measured once, then. Only one of several readers reads an account.
    """

    db: Database
    open_client: Callable[[int], Awaitable[CrmClient]]
    clock: Clock
    at_end: Callable[[Connection, int, datetime], None]
    name: str = field(default_factory=lambda: secrets.token_hex(8))

    async def step(self, installation_id: int) -> Step:
        """Read and record one page, unless another reader does.

        The place to go on from is kept after the page, so a crash repeats at most a page, and
        repeated entries change nothing. Large pages are recorded in parts, so that hooks and cards
        need not wait for the writer. A CRM that is away leaves the place as it is and
        raises; a CRM that refuses ends the backfill with its reason.
        """
        if await self._unfinished(installation_id) is None:
            return Step.END
        if not await self.db.write(lambda conn: self._hold(conn, installation_id)):
            return Step.HELD
        # Another reader may have finished between the look and the hold.
        progress = await self._unfinished(installation_id)
        if progress is None:
            await self.db.write(lambda conn: drop_lease(conn, _lease(installation_id), self.name))
            return Step.END
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
            return Step.END
        for start in range(0, len(page.items), PART):
            part = page.items[start : start + PART]
            await self.db.write(lambda conn, part=part: self._record(conn, installation_id, part))  # type: ignore[misc]
        await self.db.write(lambda conn: self._advance(conn, installation_id, progress, page))
        return Step.MORE if page.cursor else Step.END

    async def run(
        self, installation_id: int, tell: Callable[[Progress], None] = lambda _: None
    ) -> Progress | None:
        """Read to the end, telling the progress after every page. Raises what `step` raises.

        Where another process reads already, its progress is told.
        """
        while (step := await self.step(installation_id)) is not Step.END:
            if step is Step.HELD:
                await self.clock.sleep(LOOKS_EVERY)
            progress = await self.db.read(lambda conn: read_progress(conn, installation_id))
            if progress:
                tell(progress)
        return await self.db.read(lambda conn: read_progress(conn, installation_id))

    async def _unfinished(self, installation_id: int) -> Progress | None:
        progress = await self.db.read(lambda conn: read_progress(conn, installation_id))
        return None if progress is None or progress.has_ended else progress

    async def _save(self, installation_id: int, progress: Progress) -> None:
        def save(conn: Connection) -> None:
            save_progress(conn, installation_id, progress, self.clock.now())
            drop_lease(conn, _lease(installation_id), self.name)

        await self.db.write(save)

    def _hold(self, conn: Connection, installation_id: int) -> bool:
        lease = hold_lease(conn, _lease(installation_id), self.name, self.clock.now(), HELD_FOR)
        return lease is not None

    def _record(self, conn: Connection, installation_id: int, logs: Sequence[DealLog]) -> None:
        now = self.clock.now()
        for told in _rounds(installation_id, logs):
            record_all(conn, told, now)

    def _advance(
        self, conn: Connection, installation_id: int, progress: Progress, page: Page[DealLog]
    ) -> None:
        now, done = self.clock.now(), max(page.done, progress.done)
        state = BackfillState.RUNNING if page.cursor else BackfillState.DONE
        total = max(page.total, done)
        after = replace(progress, state=state, cursor=page.cursor, done=done, total=total, last_error="")
        is_kept = save_progress(conn, installation_id, after, now)
        if is_kept and state is BackfillState.DONE:
            self.at_end(conn, installation_id, now)
        if state is BackfillState.DONE:
            drop_lease(conn, _lease(installation_id), self.name)


def _lease(installation_id: int) -> str:
    return f"backfill:{installation_id}"


def _rounds(installation_id: int, logs: Sequence[DealLog]) -> list[dict[DealKey, DealLog]]:
    """The logs in their order, each deal once in a round."""
    rounds: list[dict[DealKey, DealLog]] = []
    for log in logs:
        key = DealKey(installation_id, log.deal.id if log.deal else "")
        free = next((told for told in rounds if key not in told), None)
        if free is None:
            rounds.append({key: log})
        else:
            free[key] = log
    return rounds
