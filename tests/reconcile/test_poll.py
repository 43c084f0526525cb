"""What hooks did not tell is found by asking the CRM's log."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.backfill.progress import read_progress
from app.crm.errors import Unavailable
from app.crm.port import CrmClient, Page
from app.db.engine import Database
from app.db.tables import lane
from app.reconcile.poll import OVERLAP, Reconciler
from tests.crm.fake.client import FakeClient
from tests.crm.fake.world import FakeCrm
from tests.factories import NOW, TestClock


@dataclass
class Log(FakeClient):
    """A CRM whose log names deals in pages."""

    pages: dict[str, Page[str]] = field(default_factory=dict)
    asked_since: list[datetime] = field(default_factory=list)

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """The next page, or the failure that stands for it."""
        self.asked_since.append(since)
        if cursor not in self.pages:
            raise Unavailable("gone")
        return self.pages[cursor]


async def rung(db: Database) -> list[str]:
    return list(
        await db.read(lambda conn: conn.scalars(select(lane.c.entity_id).order_by(lane.c.entity_id)).all())
    )


def reconciler(db: Database, log: Log, clock: TestClock) -> Reconciler:
    async def open_client(_: int) -> CrmClient:
        return log

    return Reconciler(db, open_client, clock)


async def test_the_lanes_of_all_changed_deals_are_rung(db: Database, installation_id: int) -> None:
    log = Log(FakeCrm(TestClock()), pages={"": Page(("1", "2", "1"), "2"), "2": Page(("3",), "")})
    assert await reconciler(db, log, TestClock()).poll(installation_id) == 3
    assert await rung(db) == ["1", "2", "3"]


async def test_the_next_poll_begins_before_the_last_one_did(db: Database, installation_id: int) -> None:
    clock, log = TestClock(), Log(FakeCrm(TestClock()), pages={"": Page((), "")})
    polls = reconciler(db, log, clock)
    await polls.poll(installation_id)
    clock.advance(300)
    await polls.poll(installation_id)
    assert log.asked_since == [NOW - OVERLAP, NOW - OVERLAP]


async def test_a_poll_that_was_cut_short_is_repeated_whole(db: Database, installation_id: int) -> None:
    clock, log = TestClock(), Log(FakeCrm(TestClock()), pages={"": Page(("1",), "2")})
    polls = reconciler(db, log, clock)
    with pytest.raises(Unavailable):
        await polls.poll(installation_id)
    clock.advance(600)
    log.pages["2"] = Page(("2",), "")
    await polls.poll(installation_id)
    assert log.asked_since[-1] <= NOW + timedelta(seconds=600) - OVERLAP
    assert await rung(db) == ["1", "2"]


@pytest.mark.parametrize(("silence", "is_asked"), [(timedelta(days=6), False), (timedelta(days=200), True)])
async def test_after_a_long_silence_the_past_is_read_again(
    db: Database, installation_id: int, silence: timedelta, is_asked: bool
) -> None:
    clock, log = TestClock(), Log(FakeCrm(TestClock()), pages={"": Page((), "")})
    polls = reconciler(db, log, clock)
    await polls.poll(installation_id)
    clock.advance(silence.total_seconds())
    await polls.poll(installation_id)
    progress = await db.read(lambda conn: read_progress(conn, installation_id))
    assert (progress is not None) == is_asked
    assert progress is None or progress.since < NOW
