"""What accounts need from time to time: nothing too often, nothing forgotten."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.crm.errors import Blocked, Unavailable
from app.db.lane import LaneKey, claim, postpone, ready_installations, ring
from app.installations.care import Care
from app.installations.hook_state import hook_state
from app.installations.rate import pause
from app.installations.store import InstallationState, get_installation, set_state
from tests.application import Running, running, settings_for
from tests.factories import LEASE, TestClock
from tests.installations.portal import Portal, adapter_of
from tests.installations.test_install import SERVER_CALL

HOUR = 3600


@pytest.fixture
async def site(database_url: str, tmp_path: Path, portal: Portal, clock: TestClock) -> AsyncIterator[Running]:
    """The application with the account connected."""
    async with running(settings_for(database_url, tmp_path), adapter_of(portal), clock) as site:
        await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
        yield site


@pytest.fixture
def care(site: Running) -> Care:
    """The account's care."""
    services = site.services
    return Care(services.db, services.keeper, services.installer, services.clients.open, services.clock)


async def state(site: Running) -> InstallationState:
    return (await site.services.db.read(lambda conn: get_installation(conn, 1))).state


async def test_what_is_in_order_is_left_alone(care: Care, portal: Portal) -> None:
    reads = portal.catalog_reads
    await care.tend()
    assert (portal.catalog_reads, portal.refreshes) == (reads, 0)


async def test_the_catalog_is_read_every_hour(care: Care, portal: Portal, clock: TestClock) -> None:
    reads = portal.catalog_reads
    for _ in range(4):
        clock.advance(HOUR / 2)
        await care.tend()
    assert portal.catalog_reads == reads + 2


async def test_tokens_are_renewed_before_they_end(care: Care, portal: Portal, clock: TestClock) -> None:
    clock.advance(19 * HOUR)
    portal.now = clock.now()
    await care.tend()
    assert portal.refreshes == 1


async def test_a_lost_subscription_is_found_within_a_day(
    care: Care, portal: Portal, clock: TestClock
) -> None:
    portal.hooks.clear()
    await care.tend()
    assert portal.hooks == []
    clock.advance(24 * HOUR)
    portal.now = clock.now()
    await care.tend()
    assert len(portal.hooks) == 1


async def test_a_subscription_that_failed_is_tried_again_soon(
    site: Running, care: Care, portal: Portal, clock: TestClock
) -> None:
    portal.hook_fault = Unavailable("down")
    clock.advance(24 * HOUR)
    portal.now = clock.now()
    await care.tend()
    found = await site.services.db.read(lambda conn: hook_state(conn, 1))
    assert found is not None
    assert found.reason == "Unavailable"
    portal.hook_fault = None
    clock.advance(10 * 60)
    await care.tend()
    found = await site.services.db.read(lambda conn: hook_state(conn, 1))
    assert found is not None
    assert found.reason == ""


async def test_a_paused_account_gets_a_second_chance_and_its_deals_go_on(
    site: Running, care: Care, portal: Portal, clock: TestClock
) -> None:
    await care.pause(1, InstallationState.PAUSED, "payment_required")
    await site.services.db.write(lambda conn: _fail_a_lane(conn, clock.now()))
    reads = portal.catalog_reads
    await care.tend()
    assert (await state(site), portal.catalog_reads) == (InstallationState.ACTIVE, reads + 1)
    assert await site.services.db.read(lambda conn: ready_installations(conn, clock.now())) == [1]


async def test_the_longer_a_ban_lasts_the_less_often_it_is_tried(
    site: Running, care: Care, portal: Portal, clock: TestClock
) -> None:
    await care.pause(1, InstallationState.PAUSED, "blocked")
    portal.catalog_fault = Blocked()
    tries = []
    for minute in range(300):
        before = portal.catalog_tries
        await care.tend()
        if portal.catalog_tries > before:
            tries.append(minute)
        clock.advance(60)
    assert tries[:7] == [0, 1, 3, 7, 15, 31, 63]
    assert {later - earlier for earlier, later in pairwise(tries[7:])} == {60}
    portal.catalog_fault = None
    clock.advance(3600)
    await care.tend()
    assert await state(site) is InstallationState.ACTIVE
    await care.tend()
    await care.pause(1, InstallationState.PAUSED, "blocked")
    await care.tend()
    assert await state(site) is InstallationState.ACTIVE


async def test_no_chance_is_wasted_while_no_call_may_be_made(
    site: Running, care: Care, portal: Portal, clock: TestClock
) -> None:
    await care.pause(1, InstallationState.PAUSED, "blocked")
    until = clock.now() + timedelta(seconds=70)
    await site.services.db.write(lambda conn: pause(conn, 1, until, "blocked", clock.now()))
    await care.tend()
    clock.advance(60)
    await care.tend()
    assert (await state(site), portal.catalog_tries) == (InstallationState.PAUSED, 1)
    clock.advance(60)
    await care.tend()
    assert await state(site) is InstallationState.ACTIVE


def _fail_a_lane(conn: Connection, now: datetime) -> None:
    ring(conn, [LaneKey(1, "deal", "7")], now)
    claimed = claim(conn, 1, "worker", now, LEASE)
    assert claimed
    postpone(conn, claimed, retry_at=now + timedelta(hours=1), error="blocked", now=now)


async def test_the_first_reason_of_a_pause_stays(site: Running, care: Care) -> None:
    await site.services.db.write(
        lambda conn: set_state(conn, 1, InstallationState.REAUTH_REQUIRED, "token_refused")
    )
    await care.pause(1, InstallationState.PAUSED, "blocked")
    known = await site.services.db.read(lambda conn: get_installation(conn, 1))
    assert (known.state, known.state_reason) == (InstallationState.REAUTH_REQUIRED, "token_refused")


async def test_a_removed_account_is_called_no_more(site: Running, care: Care, portal: Portal) -> None:
    await site.http.get("/oauth/fake/removed", params={"account_id": "1001", "signature": "right"})
    reads = portal.catalog_reads
    await care.tend()
    await care.pause(1, InstallationState.PAUSED, "blocked")
    assert (await state(site), portal.catalog_reads) == (InstallationState.DISABLED, reads)
