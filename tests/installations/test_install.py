"""Connecting an account both ways, again, wrongly, and switching it off."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Connection, func, select

from app.backfill.progress import read_progress
from app.crm.errors import Unavailable
from app.db.lane import LaneKey, claim, postpone, ring
from app.db.tables import credential, installation, lane
from app.domain.funnel import GateMode
from app.funnels.current import current_version
from app.installations.audit import read_audit
from app.installations.hook_state import hook_state
from app.installations.store import InstallationState, find_installation
from tests.application import Running, running, settings_for
from tests.factories import LEASE, NOW, TestClock
from tests.installations.portal import HOST, MANAGER, Portal, adapter_of

SERVER_CALL = {"code": "code-1", "referer": HOST, "from_widget": "1"}


@pytest.fixture
async def site(database_url: str, tmp_path: Path, portal: Portal, clock: TestClock) -> AsyncIterator[Running]:
    """The application in front of the portal."""
    async with running(settings_for(database_url, tmp_path), adapter_of(portal), clock) as site:
        yield site


async def count(site: Running, table: object) -> int:
    query = select(func.count()).select_from(table)  # type: ignore[arg-type]
    return await site.services.db.read(lambda conn: int(conn.scalar(query) or 0))


async def test_an_install_by_the_crms_server_needs_no_state(site: Running, portal: Portal) -> None:
    answer = await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    assert answer.status_code == 200
    known = await site.services.db.read(lambda conn: find_installation(conn, "fake", "1001"))
    assert known is not None
    assert (known.state, known.host, known.service_user_id) == (InstallationState.ACTIVE, HOST, "11")
    assert len(portal.hooks) == 1
    assert portal.hooks[0].startswith("https://stepgate.test/hooks/fake/")


async def test_an_install_from_the_browser_brings_our_state_once(site: Running) -> None:
    start = await site.http.get("/oauth/fake/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    params = {"code": "code-1", "referer": HOST, "state": state}
    assert (await site.http.get("/oauth/fake/callback", params=params)).status_code == 200
    again = await site.http.get("/oauth/fake/callback", params={**params, "code": "code-2"})
    assert again.status_code == 400
    assert "Ссылка уже не действует" in again.text


async def test_a_made_up_state_installs_nothing(site: Running, portal: Portal) -> None:
    params = {"code": "code-1", "referer": HOST, "state": "made-up"}
    assert (await site.http.get("/oauth/fake/callback", params=params)).status_code == 400
    assert await count(site, installation) == 0
    assert "code-1" in portal.codes


async def test_a_state_lives_for_twenty_minutes(site: Running, clock: TestClock) -> None:
    start = await site.http.get("/oauth/fake/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    clock.advance(21 * 60)
    params = {"code": "code-1", "referer": HOST, "state": state}
    assert (await site.http.get("/oauth/fake/callback", params=params)).status_code == 400


async def test_the_first_mapping_is_in_force_in_shadow_mode(site: Running) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    version = await site.services.db.read(lambda conn: current_version(conn, 1, "7"))
    assert version is not None
    gates = [gate for funnel in version.funnels for gate in funnel.gates]
    assert gates
    assert {gate.mode for gate in gates} == {GateMode.SHADOW}
    progress = await site.services.db.read(lambda conn: read_progress(conn, 1))
    assert progress is not None
    assert (site.services.clock.now() - progress.since).days == 180


async def test_installing_again_keeps_the_installation_its_address_and_its_mapping(
    site: Running, portal: Portal
) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    await site.http.get("/oauth/fake/callback", params={**SERVER_CALL, "code": "code-2"})
    assert await count(site, installation) == 1
    assert len(portal.hooks) == 1
    entries = await site.services.db.read(lambda conn: read_audit(conn, 1))
    assert [entry.action for entry in entries] == ["reinstalled", "installed"]
    assert await site.services.keeper.access_token(1) == "access-2"


async def test_an_ordinary_users_later_consent_does_not_replace_the_admins_token(
    site: Running, portal: Portal
) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    portal.grantor = MANAGER
    await site.http.get("/oauth/fake/callback", params={**SERVER_CALL, "code": "code-2"})
    assert await site.services.keeper.access_token(1) == "access-1"


@pytest.mark.parametrize(
    "referer", ["evil.com", "first.crm.test.evil.com", "first.crm.test@evil.com", "", "FIRST.crm.test."]
)
async def test_an_evil_referer_installs_nothing(site: Running, portal: Portal, referer: str) -> None:
    answer = await site.http.get("/oauth/fake/callback", params={**SERVER_CALL, "referer": referer})
    assert answer.status_code == 400
    assert await count(site, installation) == 0
    assert portal.number == 0


async def test_a_used_code_is_refused_with_a_page_that_says_what_to_do(site: Running) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    answer = await site.http.get(
        "/oauth/fake/callback", params=SERVER_CALL, headers={"accept-language": "en-GB"}
    )
    assert answer.status_code == 400
    assert "Could not connect" in answer.text


async def test_a_person_who_says_no_is_told_how_to_go_on(site: Running) -> None:
    answer = await site.http.get("/oauth/fake/callback", params={"error": "access_denied"})
    assert answer.status_code == 400
    assert "Доступ не выдан" in answer.text


async def test_an_unknown_crm_is_not_found(site: Running) -> None:
    for path in ("start", "callback", "removed"):
        assert (await site.http.get(f"/oauth/other/{path}")).status_code == 404


async def test_an_install_that_the_crm_did_not_let_us_finish_is_finished_later(
    site: Running, portal: Portal
) -> None:
    portal.hook_fault = Unavailable("down")
    assert (await site.http.get("/oauth/fake/callback", params=SERVER_CALL)).status_code == 200
    known = await site.services.db.read(lambda conn: hook_state(conn, 1))
    assert known is not None
    assert known.reason == "Unavailable"
    portal.hook_fault = None
    assert await site.services.installer.settle(1)
    known = await site.services.db.read(lambda conn: hook_state(conn, 1))
    assert known is not None
    assert known.reason == ""
    assert len(portal.hooks) == 1


async def test_a_long_lived_token_connects_an_account_too(site: Running) -> None:
    installed = await site.services.installer.by_token("fake", HOST, "long-lived")
    assert installed.is_new
    assert await site.services.keeper.access_token(installed.installation.id) == "long-lived"


async def test_switching_off_forgets_the_tokens_and_nothing_else(site: Running, portal: Portal) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    params = {"account_id": "1001", "signature": "right"}
    assert (await site.http.get("/oauth/fake/removed", params=params)).status_code == 204
    assert await count(site, credential) == 0
    known = await site.services.db.read(lambda conn: find_installation(conn, "fake", "1001"))
    assert known is not None
    assert known.state is InstallationState.DISABLED
    portal.hook_fault = Unavailable("down")
    await site.http.get("/oauth/fake/callback", params={**SERVER_CALL, "code": "code-2"})
    hooks = await site.services.db.read(lambda conn: hook_state(conn, 1))
    assert hooks is not None
    assert hooks.reason == "Unavailable"
    known = await site.services.db.read(lambda conn: find_installation(conn, "fake", "1001"))
    assert known is not None
    assert (known.id, known.state) == (1, InstallationState.ACTIVE)


async def test_a_forged_removal_changes_nothing(site: Running) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    params = {"account_id": "1001", "signature": "forged"}
    assert (await site.http.get("/oauth/fake/removed", params=params)).status_code == 403
    assert await count(site, credential) == 1


async def test_what_waited_for_a_new_consent_is_tried_at_once(site: Running, portal: Portal) -> None:
    await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
    key, later = LaneKey(1, "deal", "5"), NOW + timedelta(minutes=5)

    def fail(conn: Connection) -> None:
        ring(conn, [key], NOW)
        claimed = claim(conn, 1, "worker", NOW, LEASE)
        assert claimed is not None
        postpone(conn, claimed, retry_at=later, error="auth_expired", now=NOW)

    await site.services.db.write(fail)
    await site.http.get("/oauth/fake/callback", params={**SERVER_CALL, "code": "code-2"})
    head_at = await site.services.db.read(lambda conn: conn.execute(select(lane.c.head_at)).scalar_one())
    assert head_at < later
