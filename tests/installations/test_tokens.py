"""Refreshing tokens: exactly once, durable before use, and honest about what is lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.clock import SystemClock
from app.crm.errors import AuthExpired, Unavailable, Unknown
from app.crm.port import TokenPair
from app.db.engine import Database
from app.installations.credentials import drop_credential, load_credential, save_first_tokens
from app.installations.spool import SpooledTokens, TokenSpool
from app.installations.store import InstallationState, get_installation, list_installations, set_state
from app.installations.tokens import LEASE, TokenKeeper
from app.installations.vault import Vault, new_key
from tests.factories import NOW, TestClock
from tests.installations.conftest import KeeperMaker
from tests.installations.portal import HOST, LIFE, Portal

DUE = LIFE * 0.8


class Killed(BaseException):
    """The process is gone."""


class LostAnswer(Unknown):
    """The exchange happened, its answer did not arrive."""

    rotates = True


def crash_at(point: str) -> Callable[[str], None]:
    """A crash point that strikes at `point`."""

    def at(name: str) -> None:
        if name == point:
            raise Killed

    return at


class HastyClock(SystemClock):
    """The test's date on a real loop, so that waiting tasks really take turns."""

    def __init__(self, shown: TestClock) -> None:
        self._shown = shown

    def now(self) -> datetime:
        return self._shown.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.002)


async def state_of(db: Database, installation_id: int) -> tuple[InstallationState, str]:
    known = await db.read(lambda conn: get_installation(conn, installation_id))
    return known.state, known.state_reason


async def test_a_good_token_is_given_without_a_call(
    make_keeper: KeeperMaker, connected: int, portal: Portal
) -> None:
    assert await make_keeper().access_token(connected) == "access-1"
    assert portal.refreshes == 0


async def test_a_token_is_refreshed_when_due(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock, db: Database, vault: Vault
) -> None:
    await clock.sleep(DUE.total_seconds())
    portal.now = clock.now()
    assert await make_keeper().access_token(connected) == "access-2"
    kept = await db.read(lambda conn: load_credential(conn, vault, connected))
    assert kept is not None
    assert (kept.tokens.refresh_token, kept.version, kept.was_attempted) == ("refresh-2", 2, False)


async def test_fifty_callers_in_two_processes_make_one_refresh(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock
) -> None:
    await clock.sleep(DUE.total_seconds())
    portal.now = clock.now()
    portal.takes_seconds = 0.02
    keepers = [make_keeper(clock=HastyClock(clock)) for _ in range(2)]
    calls = [keepers[number % 2].access_token(connected) for number in range(50)]
    calls += [keepers[number % 2].refused_token(connected, "access-1") for number in range(50)]
    assert set(await asyncio.gather(*calls)) == {"access-2"}
    assert portal.refreshes == 1


async def test_a_refused_token_that_was_replaced_meanwhile_costs_no_refresh(
    make_keeper: KeeperMaker, connected: int, portal: Portal
) -> None:
    assert await make_keeper().refused_token(connected, "access-0") == "access-1"
    assert portal.refreshes == 0


async def test_revoked_tokens_ask_for_a_new_consent_and_call_no_more(
    make_keeper: KeeperMaker, connected: int, portal: Portal, db: Database
) -> None:
    portal.is_revoked = True
    keeper = make_keeper()
    with pytest.raises(AuthExpired):
        await keeper.refused_token(connected, "access-1")
    assert await state_of(db, connected) == (InstallationState.REAUTH_REQUIRED, "token_refused")
    for _ in range(3):
        with pytest.raises(AuthExpired):
            await keeper.access_token(connected)
    assert portal.refreshes == 1


async def test_with_a_dead_refresh_token_the_access_token_serves_out_its_hours(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock, db: Database
) -> None:
    portal.is_revoked = True
    await clock.sleep(DUE.total_seconds())
    keeper = make_keeper()
    assert await keeper.access_token(connected) == "access-1"
    assert await state_of(db, connected) == (InstallationState.REAUTH_REQUIRED, "refresh_refused")
    assert await keeper.access_token(connected) == "access-1"
    assert portal.refreshes == 1
    await clock.sleep(LIFE.total_seconds())
    with pytest.raises(AuthExpired):
        await keeper.access_token(connected)


async def test_a_lost_answer_is_tried_once_more(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock
) -> None:
    portal.faults = [Unknown("no answer")]
    await clock.sleep(DUE.total_seconds())
    portal.now = clock.now()
    assert await make_keeper().access_token(connected) == "access-2"
    assert portal.refreshes == 2


async def test_a_lost_answer_that_took_the_token_with_it_ends_in_a_new_consent(
    make_keeper: KeeperMaker, connected: int, portal: Portal, db: Database
) -> None:
    portal.faults = [LostAnswer("no answer")]
    with pytest.raises(AuthExpired):
        await make_keeper().refused_token(connected, "access-1")
    assert (await state_of(db, connected))[0] is InstallationState.REAUTH_REQUIRED


async def test_a_token_server_that_is_away_costs_nothing(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock, db: Database
) -> None:
    portal.faults = [Unavailable("down")]
    await clock.sleep(DUE.total_seconds())
    portal.now = clock.now()
    keeper = make_keeper()
    assert await keeper.access_token(connected) == "access-1"
    assert await keeper.access_token(connected) == "access-2"
    assert (await state_of(db, connected))[0] is InstallationState.ACTIVE


async def test_an_expired_token_and_a_token_server_that_is_away_is_trouble(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock
) -> None:
    portal.faults = [Unavailable("down")]
    await clock.sleep(2 * LIFE.total_seconds())
    with pytest.raises(Unavailable):
        await make_keeper().access_token(connected)


async def test_a_caller_who_goes_away_does_not_take_the_new_pair_with_him(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock
) -> None:
    portal.asked, portal.answers = asyncio.Event(), asyncio.Event()
    keeper = make_keeper(clock=HastyClock(clock))
    caller = asyncio.create_task(keeper.refused_token(connected, "access-1"))
    await portal.asked.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    portal.answers.set()
    assert await keeper.refused_token(connected, "access-1") == "access-2"
    assert portal.refreshes == 1


@pytest.mark.parametrize("point", ["refresh_spooled", "refresh_committed"])
async def test_a_pair_that_reached_the_disk_survives_a_kill(
    point: str,
    make_keeper: KeeperMaker,
    connected: int,
    db: Database,
    vault: Vault,
    spool: TokenSpool,
    portal: Portal,
) -> None:
    with pytest.raises(Killed):
        await make_keeper(at=crash_at(point)).refused_token(connected, "access-1")
    assert await make_keeper().recover() == 1
    kept = await db.read(lambda conn: load_credential(conn, vault, connected))
    assert kept is not None
    assert (kept.tokens.access_token, kept.version) == ("access-2", 2)
    assert (spool.entries(), portal.refreshes) == ([], 1)


async def test_without_a_restart_the_spool_is_read_before_the_next_refresh(
    make_keeper: KeeperMaker, connected: int, portal: Portal
) -> None:
    with pytest.raises(Killed):
        await make_keeper(at=crash_at("refresh_spooled")).refused_token(connected, "access-1")
    assert await make_keeper().refused_token(connected, "access-1") == "access-2"
    assert portal.refreshes == 1


async def test_after_a_kill_before_the_call_the_next_one_waits_out_the_lease(
    make_keeper: KeeperMaker, connected: int, portal: Portal, clock: TestClock
) -> None:
    with pytest.raises(Killed):
        await make_keeper(at=crash_at("refresh_claimed")).refused_token(connected, "access-1")
    started = clock.now()
    assert await make_keeper().refused_token(connected, "access-1") == "access-2"
    assert clock.now() - started >= LEASE
    assert portal.refreshes == 1


async def test_a_pair_lost_between_answer_and_disk_is_said_to_be_lost(
    make_keeper: KeeperMaker, connected: int, db: Database
) -> None:
    with pytest.raises(Killed):
        await make_keeper(at=crash_at("refresh_answered")).refused_token(connected, "access-1")
    with pytest.raises(AuthExpired):
        await make_keeper().refused_token(connected, "access-1")
    assert (await state_of(db, connected))[0] is InstallationState.REAUTH_REQUIRED


async def test_an_old_spool_file_does_not_undo_a_newer_consent(
    make_keeper: KeeperMaker, connected: int, db: Database, vault: Vault, spool: TokenSpool, portal: Portal
) -> None:
    stale = TokenPair("stale", "stale", NOW, NOW + LIFE)
    spool.put(SpooledTokens(connected, 1, stale))
    await db.write(lambda conn: save_first_tokens(conn, vault, connected, portal.issue()))
    await make_keeper().recover()
    assert await make_keeper().access_token(connected) == "access-2"


async def test_a_spool_file_under_another_key_is_left_alone(
    spool: TokenSpool, connected: int, portal: Portal
) -> None:
    other = Vault([new_key()])
    TokenSpool(spool._folder, other).put(SpooledTokens(connected, 1, portal.issue()))
    assert spool.entries() == []
    assert len(list(spool._folder.iterdir())) == 1


async def test_a_renamed_account_is_found_and_refreshed_at_its_new_host(
    make_keeper: KeeperMaker, connected: int, portal: Portal, db: Database
) -> None:
    portal.moved_to = "renamed.crm.test"
    assert await make_keeper().refused_token(connected, "access-1") == "access-2"
    known = await db.read(lambda conn: get_installation(conn, connected))
    assert (known.host, known.state) == ("renamed.crm.test", InstallationState.ACTIVE)
    assert portal.host == HOST


async def test_a_long_lived_token_is_never_refreshed(
    make_keeper: KeeperMaker,
    installation_id: int,
    db: Database,
    vault: Vault,
    portal: Portal,
    clock: TestClock,
) -> None:
    pair = TokenPair("long-lived", "", NOW, NOW + timedelta(days=365))
    await db.write(lambda conn: save_first_tokens(conn, vault, installation_id, pair))
    await clock.sleep(timedelta(days=300).total_seconds())
    keeper = make_keeper()
    assert await keeper.access_token(installation_id) == "long-lived"
    with pytest.raises(AuthExpired):
        await keeper.refused_token(installation_id, "long-lived")
    assert portal.refreshes == 0


async def test_tokens_of_one_account_do_not_open_in_another(
    make_keeper: KeeperMaker, connected: int, db: Database, vault: Vault
) -> None:
    assert len(await db.read(list_installations)) == 1
    keeper: TokenKeeper = make_keeper()
    with pytest.raises(Exception, match="not connected"):
        await keeper.access_token(connected + 1)


async def test_a_removal_during_a_refresh_stays_a_removal(
    make_keeper: KeeperMaker, connected: int, portal: Portal, db: Database
) -> None:
    portal.asked, portal.answers = asyncio.Event(), asyncio.Event()
    portal.is_revoked = True
    refused = asyncio.create_task(make_keeper().refused_token(connected, "access-1"))
    await portal.asked.wait()

    def remove(conn: Connection) -> None:
        drop_credential(conn, connected)
        set_state(conn, connected, InstallationState.DISABLED, "removed_in_crm", removed_at=NOW)

    await db.write(remove)
    portal.answers.set()
    with pytest.raises(AuthExpired):
        await refused
    assert (await state_of(db, connected))[0] is InstallationState.DISABLED
