"""Sessions: the tenant comes from the proof alone, rights from the CRM, and both end in time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from app.crm.port import DealLog
from app.domain.deal import Deal
from app.domain.stage import StageRef, User
from app.errors import Unauthorized
from app.installations.sessions import SessionViewer, issue_session, read_session
from app.installations.vault import Vault, new_key
from app.ledger.record import record
from tests.application import Running, running, settings_for
from tests.factories import NOW, TestClock
from tests.installations.portal import ADMIN, HOST, MANAGER, Portal, adapter_of, with_user
from tests.installations.test_install import SERVER_CALL

DEAL = Deal("515", "Сделка", StageRef("7", "71"), NOW, NOW, NOW, responsible_id=ADMIN)
VIEWER = SessionViewer(3, "11", is_admin=True, language="ru")
MINUTES = timedelta(minutes=10)


@pytest.fixture
async def site(database_url: str, tmp_path: Path, portal: Portal, clock: TestClock) -> AsyncIterator[Running]:
    """The application with the account connected."""
    async with running(settings_for(database_url, tmp_path), adapter_of(portal), clock) as site:
        await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
        yield site


def proof(user: str = ADMIN, *, account: str = "1001", host: str = HOST, number: int = 1) -> dict[str, str]:
    return {"X-Auth-Token": f"{account}@{host}/{user}#{number}"}


async def open_session(site: Running, headers: dict[str, str], **params: str) -> Any:
    return await site.http.post("/api/v1/session", params={"crm": "fake", **params}, headers=headers)


async def bearer(site: Running, user: str = ADMIN) -> dict[str, str]:
    answer = await open_session(site, proof(user))
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def code_of(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def test_a_session_says_who_until_it_ends(vault: Vault) -> None:
    token = issue_session(vault, VIEWER, NOW, MINUTES)
    assert read_session(vault, token, NOW + timedelta(minutes=9)) == VIEWER
    with pytest.raises(Unauthorized) as refused:
        read_session(vault, token, NOW + MINUTES)
    assert refused.value.code == "session_expired"


def test_a_session_survives_a_change_of_keys() -> None:
    old = new_key()
    token = issue_session(Vault([old]), VIEWER, NOW, MINUTES)
    assert read_session(Vault([new_key(), old]), token, NOW) == VIEWER


def forged(vault: Vault, **changes: Any) -> list[str]:
    key = vault.derived_keys("session")[0]
    claims = {
        "iss": "stepgate",
        "iat": 0,
        "exp": 2**33,
        "jti": "x",
        "sub": "11",
        "inst": 3,
        "adm": True,
        "lang": "ru",
    }
    without = [{name: value for name, value in claims.items() if name != left_out} for left_out in claims]
    return [
        "",
        "abc",
        "a.b.c",
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, b"another key of thirty-two bytes!!", algorithm="HS256"),
        jwt.encode(claims, key * 2, algorithm="HS512"),
        jwt.encode({**claims, "iss": "other"}, key, algorithm="HS256"),
        *(jwt.encode(each, key, algorithm="HS256") for each in without),
    ]


def test_a_forged_or_foreign_token_is_refused(vault: Vault) -> None:
    for token in forged(vault):
        with pytest.raises(Unauthorized):
            read_session(vault, token, NOW)


async def test_a_proof_is_exchanged_for_a_session(site: Running) -> None:
    answer = await open_session(site, proof())
    assert answer.status_code == 200
    assert answer.json()["user"] == {"id": "11", "name": "Анна", "is_admin": True}
    assert answer.json()["account"] == {
        "title": "Первый",
        "crm": "fake",
        "language": "ru",
        "timezone": "Europe/Moscow",
        "has_lock": False,
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_a_session_is_renewed_while_it_lasts(site: Running, clock: TestClock) -> None:
    headers = await bearer(site)
    clock.advance(9 * 60)
    renewed = await site.http.post("/api/v1/session/renew", headers=headers)
    assert renewed.status_code == 200
    clock.advance(2 * 60)
    late = await site.http.post("/api/v1/session/renew", headers=headers)
    assert (late.status_code, code_of(late)) == (401, "session_expired")
    fresh = {"Authorization": f"Bearer {renewed.json()['token']}"}
    assert (await site.http.get("/api/v1/catalog", headers=fresh)).status_code == 200


async def test_the_language_may_be_chosen(site: Running) -> None:
    answer = await open_session(site, proof(), language="en")
    assert answer.json()["account"]["language"] == "en"
    assert (await open_session(site, proof(), language="xx")).json()["account"]["language"] == "ru"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (proof(account="2002"), "installation_unknown"),
        (proof(host="other.crm.test"), "host_mismatch"),
        ({"X-Auth-Token": "nonsense"}, "token_invalid"),
        ({**proof(), "Origin": "https://first.crm.test.evil.com"}, "origin_mismatch"),
        ({**proof(), "Origin": "null"}, "origin_mismatch"),
    ],
)
async def test_a_wrong_proof_opens_nothing(site: Running, headers: dict[str, str], code: str) -> None:
    answer = await open_session(site, headers)
    assert (answer.status_code, code_of(answer)) == (401, code)


async def test_a_missing_proof_is_told_as_a_shape(site: Running) -> None:
    answer = await open_session(site, {})
    assert answer.status_code == 422
    assert answer.json()["error"]["problems"][0]["path"] == "header.x-auth-token"


async def test_no_other_hint_about_the_tenant_counts(site: Running) -> None:
    hints = {"X-Account-Id": "2002", "X-Tenant": "2"}
    answer = await open_session(site, {**proof(), **hints}, account_id="2002", installation_id="9")
    headers = {"Authorization": f"Bearer {answer.json()['token']}", **hints}
    catalog = await site.http.get("/api/v1/catalog", headers=headers, params={"installation_id": "9"})
    assert catalog.json()["pipelines"][0]["id"] == "7"


async def test_a_renamed_account_is_let_in_when_the_crm_confirms_it(site: Running, portal: Portal) -> None:
    portal.moved_to = "renamed.crm.test"
    answer = await open_session(site, proof(host="renamed.crm.test"))
    assert answer.status_code == 200
    wrong = await open_session(site, proof(host=HOST, number=2))
    assert code_of(wrong) == "host_mismatch"


async def test_a_used_proof_is_only_counted_unless_the_operator_is_strict(
    site: Running, database_url: str, tmp_path: Path, portal: Portal, clock: TestClock
) -> None:
    assert [(await open_session(site, proof())).status_code for _ in range(2)] == [200, 200]
    keys = site.services.settings.secret_keys[0].get_secret_value()
    strict = settings_for(database_url, tmp_path, strict_session_tokens=True, secret_keys=keys)
    async with running(strict, adapter_of(portal), clock) as other:
        answer = await open_session(other, proof())
        assert (answer.status_code, code_of(answer)) == (401, "token_reused")
        assert (await open_session(other, proof(number=2))).status_code == 200


async def test_another_accounts_deal_is_the_same_as_none(site: Running, portal: Portal) -> None:
    await site.services.db.write(lambda conn: record(conn, 1, DealLog(DEAL, (), (), ""), NOW))
    portal.external_id, portal.host = "2002", "second.crm.test"
    await site.http.get(
        "/oauth/fake/callback", params={"code": "code-2", "referer": portal.host, "from_widget": "1"}
    )
    other = await open_session(site, proof(account="2002", host=portal.host))
    stranger = {"Authorization": f"Bearer {other.json()['token']}"}
    mine = await site.http.get(f"/api/v1/deals/{DEAL.id}/checklist", headers=await bearer(site))
    assert mine.status_code == 200
    for path in ("checklist", "history"):
        theirs = await site.http.get(f"/api/v1/deals/{DEAL.id}/{path}", headers=stranger)
        none = await site.http.get(f"/api/v1/deals/4040404/{path}", headers=stranger)
        assert (theirs.status_code, _without_id(theirs)) == (none.status_code, _without_id(none))
        assert DEAL.title not in theirs.text


def _without_id(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    body.get("error", {}).pop("id", None)
    return body


async def test_only_an_administrator_gets_to_admin_routes(site: Running) -> None:
    refused = await site.http.post("/api/v1/catalog/refresh", headers=await bearer(site, MANAGER))
    assert (refused.status_code, code_of(refused)) == (403, "admin_only")
    assert (await site.http.post("/api/v1/catalog/refresh", headers=await bearer(site))).status_code == 200


async def test_without_a_session_nobody_is_anybody(site: Running) -> None:
    for path in ("/api/v1/catalog", "/api/v1/status"):
        answer = await site.http.get(path)
        assert (answer.status_code, code_of(answer)) == (401, "session_missing")


async def test_rights_taken_in_the_crm_end_with_the_session(
    site: Running, portal: Portal, clock: TestClock
) -> None:
    portal.catalog = with_user(portal.catalog, User(ADMIN, "Анна", is_admin=False))
    clock.advance(16 * 60)
    assert (await open_session(site, proof())).json()["user"]["is_admin"] is False


async def test_a_newcomer_is_looked_up_at_once(site: Running, portal: Portal, clock: TestClock) -> None:
    portal.catalog = replace(portal.catalog, users=(*portal.catalog.users, User("13", "Вера", is_admin=True)))
    clock.advance(60)
    assert (await open_session(site, proof("13"))).json()["user"] == {
        "id": "13",
        "name": "Вера",
        "is_admin": True,
    }


async def test_who_has_left_the_account_gets_no_session_and_no_renewal(
    site: Running, portal: Portal, clock: TestClock
) -> None:
    headers = await bearer(site)
    portal.catalog = with_user(portal.catalog, User(ADMIN, "Анна", is_admin=True, is_active=False))
    await site.services.installer.refresh_catalog(1)
    renewal = await site.http.post("/api/v1/session/renew", headers=headers)
    assert (renewal.status_code, code_of(renewal)) == (401, "user_inactive")
    clock.advance(16 * 60)
    assert code_of(await open_session(site, proof())) == "user_inactive"


async def test_after_switching_off_sessions_and_proofs_are_worth_nothing(site: Running) -> None:
    headers = await bearer(site)
    await site.http.get("/oauth/fake/removed", params={"account_id": "1001", "signature": "right"})
    answer = await site.http.get("/api/v1/catalog", headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "installation_disabled")
    assert code_of(await open_session(site, proof())) == "installation_unknown"


async def test_the_catalog_says_what_kinds_of_evidence_the_crm_never_shows(site: Running) -> None:
    answer = await site.http.get("/api/v1/catalog", headers=await bearer(site))
    assert answer.json()["unseen"] == []
