"""Installing in the portal, its pages, its events and its removal, with the whole application."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Connection

from app.commands.account_checks import check_accounts
from app.commands.checks import Health
from app.crm.adapters.bitrix24.subscriptions import INSTALLS, KEPT, NEEDED
from app.domain.deal import MoveOrigin
from app.domain.stage import StageRef
from app.installations.credentials import hook_secret_of, load_credential
from app.installations.store import InstallationState, load_catalog, set_state
from app.ledger.read import evidence_of, moves_of
from app.sandbox.bitrix24.installs import finish_install, page_form, update_app
from tests.application import PUBLIC_URL
from tests.crm.bitrix24.site import FRAME, Site, make_site, opening_of

OFFER = "PREPAYMENT_INVOICE"


@pytest.fixture
async def site(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A portal where our app was added and nobody has opened it yet."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        yield site


async def secret_of(site: Site) -> str:
    services, known = site.stepgate.services, await site.known()
    assert known
    return await services.db.read(lambda conn: hook_secret_of(conn, services.vault, known.id))


def bound(site: Site) -> list[tuple[str, str]]:
    return [(row.event, row.url) for row in site.app.handlers]


async def test_an_administrator_installs_by_opening_the_app(site: Site) -> None:
    answer = await site.open(site.admin, "install")
    told = opening_of(answer)
    assert told["installs"] is True
    assert told["session"]["user"] == {"id": str(site.admin), "name": "Администратор", "is_admin": True}
    known = await site.known()
    assert known is not None
    assert (known.state, known.host) == (InstallationState.ACTIVE, "portal.example.org")
    assert known.service_user_id == str(site.admin)
    catalog = await site.stepgate.services.db.read(lambda conn: load_catalog(conn, known.id))
    assert catalog is not None
    assert [pipeline.title for pipeline in catalog.pipelines] == ["Продажи"]
    assert set(NEEDED) | set(INSTALLS) <= {event for event, _ in bound(site)}
    places = {"CRM_DEAL_DETAIL_TAB", "CRM_ANALYTICS_MENU", "CRM_FUNNELS_TOOLBAR"}
    assert {place.code for place in site.app.placements} == places
    assert await secret_of(site) == site.app.application_token


@pytest.mark.parametrize(("code", "language"), [("ru", "ru"), ("de", "en"), ("kz", "ru")])
async def test_the_account_begins_with_the_portal_s_language(site: Site, code: str, language: str) -> None:
    assert (await site.open(site.admin, "install", lang=code)).status_code == 200
    known = await site.known()
    assert known
    assert known.settings.language == language


async def test_only_the_portal_may_frame_the_page(site: Site) -> None:
    policy = (await site.open(site.admin, "install")).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors http://portal.example.org")


async def test_a_posted_page_may_be_posted_again_by_a_reload(site: Site) -> None:
    policy = (await site.open(site.admin, "settings")).headers["content-security-policy"]
    assert "form-action 'self';" in policy


async def test_a_page_s_address_without_a_post_says_how_to_come_in(site: Site) -> None:
    answer = await site.stepgate.http.get(f"{FRAME}/settings", headers={"accept-language": "en-GB"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Open Stepgate from the CRM" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_the_page_asks_for_what_an_impatient_installation_left_undone(site: Site) -> None:
    told = opening_of(await site.open(site.admin, "install"))
    headers = {"Authorization": f"Bearer {told['session']['token']}"}
    site.app.handlers.clear()
    assert (await site.stepgate.http.post("/api/v1/setup", headers=headers)).status_code == 204
    assert set(NEEDED) <= {event for event, _ in bound(site)}
    seller = opening_of(await site.open(site.seller, "settings"))["session"]["token"]
    answer = await site.stepgate.http.post("/api/v1/setup", headers={"Authorization": f"Bearer {seller}"})
    assert answer.status_code == 403
    site.portal.faults.unpaid = True
    refused = await site.stepgate.http.post("/api/v1/setup", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "pay")


async def test_installing_again_binds_nothing_twice(site: Site) -> None:
    await site.install()
    before, places = bound(site), list(site.app.placements)
    await site.install()
    await site.open(site.admin, "install")
    assert sorted(bound(site)) == sorted(before)
    assert site.app.placements == places


async def test_the_app_s_own_page_installs_too(site: Site) -> None:
    assert (await site.open(site.admin, "settings")).status_code == 200
    known = await site.known()
    assert known is not None
    assert known.is_active


@pytest.mark.parametrize("view", ["install", "settings"])
async def test_who_is_no_administrator_is_told_whom_to_ask(site: Site, view: str) -> None:
    answer = await site.open(site.seller, view, lang="en")
    assert (answer.status_code, await site.known()) == (400, None)
    assert "administrator" in answer.text


async def test_events_after_the_installation_reach_the_ledger(site: Site) -> None:
    await site.install()
    deal = site.deal()
    await site.settle()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    await site.settle()
    known = await site.known()
    assert known
    moves = await site.stepgate.services.db.read(lambda conn: moves_of(conn, known.id, str(deal.id)))
    assert [(move.to_stage, move.actor_id) for move in moves] == [
        (StageRef("0", "NEW"), str(site.seller)),
        (StageRef("0", OFFER), str(site.seller)),
    ]
    assert [move.origin for move in moves] == [MoveOrigin.CREATION, MoveOrigin.PERSON]


async def test_a_call_s_event_names_no_deal_and_still_reaches_it(site: Site) -> None:
    await site.install()
    deal = site.deal()
    await site.settle()
    site.portal.add_call(deal, site.act(), duration=95)
    site.portal.add_call(deal, site.act(), duration=40, contact_only=True)
    await site.settle()
    known = await site.known()
    assert known
    facts = await site.stepgate.services.db.read(lambda conn: evidence_of(conn, known.id, str(deal.id)))
    assert sorted(fact.seconds for fact in facts if fact.kind == "call") == [40, 95]


async def test_a_forged_event_is_refused_and_changes_nothing(site: Site) -> None:
    await site.install()
    url = next(url for event, url in bound(site) if event == "ONCRMDEALUPDATE")
    form = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "1", "auth[member_id]": site.portal.member_id}
    answer = await site.stepgate.http.post(url, data={**form, "auth[application_token]": "f" * 32})
    assert answer.status_code == 403


async def test_an_app_without_pages_is_installed_by_its_event(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_site(database_url, tmp_path, monkeypatch, kind="api") as site:
        await site.hear()
        known = await site.known()
        assert known is not None
        assert known.is_active
        assert await secret_of(site) == site.app.application_token
        assert set(NEEDED) <= {event for event, _ in bound(site)}


async def test_a_new_version_binds_its_events_anew(site: Site) -> None:
    await site.install()
    update_app(site.portal, site.app)
    assert not bound(site)
    await site.hear()
    assert set(NEEDED) <= {event for event, _ in bound(site)}
    assert {row.event for row in site.app.handlers if row.offline} == set(KEPT)


async def test_an_administrator_s_visit_brings_the_portal_s_changed_secret(site: Site) -> None:
    await site.install()
    site.app.application_token = "e" * 32
    await site.open(site.seller, "card")
    assert await secret_of(site) != "e" * 32
    await site.open(site.admin, "settings")
    assert await secret_of(site) == "e" * 32


async def test_a_dead_connection_is_mended_by_an_administrator_s_visit(site: Site) -> None:
    await site.install()
    known, services = await site.known(), site.stepgate.services
    assert known is not None

    def kill(conn: Connection) -> None:
        set_state(conn, known.id, InstallationState.REAUTH_REQUIRED, "token_refused")

    await services.db.write(kill)
    await site.open(site.seller, "card")
    assert (await site.known() or known).state is InstallationState.REAUTH_REQUIRED
    await site.open(site.admin, "settings")
    assert (await site.known() or known).state is InstallationState.ACTIVE


async def test_a_card_is_for_those_who_may_read_its_deal(site: Site) -> None:
    await site.install()
    deal, secret = site.deal(), site.deal(assigned_by_id=site.admin)
    site.portal.users[site.seller].sees = "own"
    await site.settle()
    for item, status in ((deal, 200), (secret, 404)):
        answer = await site.open(
            site.seller, "card", placement="CRM_DEAL_DETAIL_TAB", options={"ID": str(item.id)}
        )
        token = opening_of(answer)["session"]["token"]
        headers = {"Authorization": f"Bearer {token}"}
        got = await site.stepgate.http.get(f"/api/v1/deals/{item.id}/checklist", headers=headers)
        assert got.status_code == status, got.text
        other = await site.stepgate.http.get(f"/api/v1/deals/{secret.id}/checklist", headers=headers)
        assert other.status_code == 404


async def test_a_session_is_renewed_by_a_fresh_proof_only(site: Site) -> None:
    await site.install()
    deal = site.deal()
    told = opening_of(await site.open(site.seller, "card", options={"ID": str(deal.id)}))
    headers = {"Authorization": f"Bearer {told['session']['token']}"}
    refused = await site.stepgate.http.post("/api/v1/session/renew", headers=headers)
    assert refused.json()["error"]["code"] == "proof_needed"
    fresh = site.portal.apps.issue(site.app, site.seller).access
    proof = {"X-Auth-Token": f"{told['proof_head']} {fresh}", "Origin": PUBLIC_URL}
    params = {"crm": "bitrix24", "deal_id": str(deal.id), "language": "en"}
    renewed = await site.stepgate.http.post("/api/v1/session", params=params, headers=proof)
    assert renewed.status_code == 200, renewed.text
    stranger = await site.stepgate.http.post(
        "/api/v1/session", params=params, headers={**proof, "Origin": "https://evil.example"}
    )
    assert stranger.json()["error"]["code"] == "origin_mismatch"
    assert renewed.json()["user"] == {"id": str(site.seller), "name": "Мария Ковалёва", "is_admin": False}


async def test_an_expired_post_asks_to_be_opened_again(site: Site) -> None:
    await site.install()
    site.portal.faults.post_expired_token = True
    answer = await site.open(site.admin, "settings")
    assert answer.status_code == 401
    assert "Откройте страницу ещё раз" in answer.text


async def test_a_portal_that_is_away_says_so_in_the_frame(site: Site) -> None:
    await site.install()
    site.portal.faults.down = "503"
    answer = await site.open(site.seller, "card", lang="en")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


async def test_what_a_stranger_posts_installs_nothing(site: Site) -> None:
    admin = site.portal.users[site.admin]
    good = page_form(site.portal, site.app, admin, handler=f"{FRAME}/install")
    changes = (
        {"AUTH_ID": "f" * 70},
        {"member_id": "f" * 32},
        {"SERVER_ENDPOINT": "https://evil.example/rest/"},
        {"SERVER_ENDPOINT": ""},
        {"REFRESH_ID": ""},
        {"AUTH_ID": ""},
    )
    for change in changes:
        answer = await site.post(replace(good, fields={**good.fields, **change}))
        assert answer.status_code in (400, 401), change
        assert "<script" not in answer.text
    assert await site.known() is None


async def test_the_operator_s_own_portal_can_be_connected_from_outside(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPGATE_BITRIX24_PORTAL", "portal.example.org")
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        browser = site.stepgate.http
        start = await browser.get("/oauth/bitrix24/start")
        page = urlsplit(start.headers["location"])
        assert (page.netloc, page.path) == ("portal.example.org", "/oauth/authorize/")
        state = parse_qs(page.query)["state"][0]
        code = site.portal.apps.code_for(site.app, site.admin)
        back = {"code": code, "state": state, "server_domain": "portal.example.org"}
        there = await browser.get(f"{FRAME}/settings", params=back)
        assert there.status_code == 303
        done = await browser.get(there.headers["location"])
        assert done.status_code == 200, done.text
        known = await site.known()
        assert known
        assert known.is_active
        again = await browser.get(there.headers["location"])
        assert again.status_code == 400


async def test_an_idle_portal_s_expired_token_is_no_alarm(site: Site) -> None:
    await site.install()
    site.clock.clock.advance(2 * 3600)
    found = [finding async for finding in check_accounts(site.stepgate.services)]
    assert {finding.health for finding in found} == {Health.OK}, found
    assert "renewed with the next call" in found[0].sentence


async def test_who_begins_outside_is_told_to_open_the_app(site: Site) -> None:
    answer = await site.stepgate.http.get("/oauth/bitrix24/start", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "Open Stepgate inside your CRM" in answer.text


async def test_finishing_twice_is_one_installation(site: Site) -> None:
    await site.install()
    finish_install(site.portal, site.app)
    await site.settle()
    known = await site.known()
    assert known
    assert known.is_active


async def test_many_calls_that_meet_an_expired_token_exchange_it_once(site: Site) -> None:
    await site.install()
    known, services = await site.known(), site.stepgate.services
    assert known
    deals = [site.deal() for _ in range(6)]
    site.clock.clock.advance(2 * 3600)
    before = await services.db.read(lambda conn: load_credential(conn, services.vault, known.id))
    client = await services.clients.open(known.id)
    read = await asyncio.gather(*(client.get_deal(str(deal.id)) for deal in deals))
    assert [deal.id for deal in read] == [str(deal.id) for deal in deals]
    after = await services.db.read(lambda conn: load_credential(conn, services.vault, known.id))
    assert before
    assert after
    assert after.version == before.version + 1
