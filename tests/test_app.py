"""What surrounds the routes: one shape of errors, headers, exact origins, health, and quiet logs."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.config import Settings
from app.crm.errors import Blocked, RateLimited
from app.crm.errors import NotFound as CrmNotFound
from app.db.engine import Database
from app.errors import Overloaded
from app.observability import configure_logging, get_logger, keep_allowed, safe_path
from tests.application import Running, running, settings_for
from tests.factories import TestClock
from tests.installations.portal import HOST, Portal, adapter_of

ORIGIN = f"https://{HOST}"
SERVER_CALL = {"code": "code-1", "referer": HOST, "from_widget": "1"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-auth-token"}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of the application."""
    return settings_for(database_url, tmp_path)


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Running]:
    """The application with an account connected, and routes that go wrong on purpose."""
    async with running(settings, adapter_of(Portal()), TestClock()) as site:
        await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
        for name, error in TROUBLE.items():
            site.app.add_api_route(f"/trouble/{name}", _raiser(error), include_in_schema=False)
        yield site


TROUBLE: dict[str, Exception] = {
    "bug": RuntimeError("Иван Петров, +7 900 000-00-00"),
    "limited": RateLimited(30),
    "blocked": Blocked(),
    "gone": CrmNotFound(),
    "busy": Overloaded(),
}


def _raiser(error: Exception) -> Any:
    async def route() -> None:
        raise error

    return route


def told(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "sentence", "problems", "id"}
    assert error["id"] == answer.headers["x-request-id"]
    return error


@pytest.mark.parametrize(
    ("name", "status", "code", "wait"),
    [
        ("limited", 503, "crm_busy", "31"),
        ("blocked", 503, "crm_blocked", "31"),
        ("gone", 404, "not_found", None),
        ("busy", 503, "overloaded", "1"),
    ],
)
async def test_trouble_is_told_in_one_shape(
    site: Running, name: str, status: int, code: str, wait: str | None
) -> None:
    answer = await site.http.get(f"/trouble/{name}")
    assert (answer.status_code, told(answer)["code"]) == (status, code)
    assert answer.headers.get("retry-after") == wait


async def test_a_bug_tells_only_an_id_and_its_place(
    site: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("info", "json")
    answer = await site.http.get("/trouble/bug")
    assert (answer.status_code, told(answer)["code"]) == (500, "internal")
    logged = capsys.readouterr().err
    assert "Петров" not in answer.text + logged
    assert "RuntimeError" in logged
    assert told(answer)["id"] in logged


async def test_an_unknown_path_and_a_wrong_method_have_the_same_shape(site: Running) -> None:
    assert told(await site.http.get("/api/v1/nothing"))["code"] == "not_found"
    assert told(await site.http.get("/api/v1/session"))["code"] == "method_not_allowed"


async def test_every_answer_carries_the_headers(site: Running) -> None:
    for path in ("/livez", "/api/v1/nothing", "/trouble/bug", "/oauth/fake/callback"):
        headers = (await site.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["strict-transport-security"]
        assert "access-control-allow-credentials" not in headers


async def test_a_page_of_a_connected_account_may_ask_for_a_session(site: Running) -> None:
    asked = {"Origin": ORIGIN, **PREFLIGHT}
    answer = await site.http.options("/api/v1/session", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "X-Auth-Token" in answer.headers["access-control-allow-headers"]
    real = await site.http.post("/api/v1/session", params={"crm": "fake"}, headers={"Origin": ORIGIN})
    assert real.headers["access-control-allow-origin"] == ORIGIN
    assert "Origin" in real.headers["vary"]


@pytest.mark.parametrize(
    "origin", ["null", f"{ORIGIN}.evil.com", "http://first.crm.test", f"{ORIGIN}:8443", "https://evil.com"]
)
async def test_a_page_from_elsewhere_may_not(site: Running, origin: str) -> None:
    refused = await site.http.options("/api/v1/session", headers={"Origin": origin, **PREFLIGHT})
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
    real = await site.http.post("/api/v1/session", params={"crm": "fake"}, headers={"Origin": origin})
    assert "access-control-allow-origin" not in real.headers


async def test_no_other_call_is_opened_to_pages_of_the_crm(site: Running) -> None:
    answer = await site.http.get("/api/v1/catalog", headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_removed_account_loses_its_leave_within_seconds(site: Running) -> None:
    clock = site.services.clock
    await site.http.options("/api/v1/session", headers={"Origin": ORIGIN, **PREFLIGHT})
    await site.http.get("/oauth/fake/removed", params={"account_id": "1001", "signature": "right"})
    await clock.sleep(6)
    refused = await site.http.options("/api/v1/session", headers={"Origin": ORIGIN, **PREFLIGHT})
    assert refused.status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST"])
@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_body_that_is_too_large_is_refused_like_everything(
    site: Running, method: str, *, is_announced: bool
) -> None:
    path = {"PUT": "/api/v1/pipelines/7/funnel/draft", "PATCH": "/api/v1/settings"}.get(
        method, "/api/v1/pipelines/7/funnel/publish"
    )

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 256 * 1024

    content = b"x" * (1024 * 1024 + 1) if is_announced else chunks()
    headers = {**await admin(site), "content-type": "application/json"}
    answer = await site.http.request(method, path, content=content, headers=headers)
    assert (answer.status_code, told(answer)["code"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"


async def test_ready_means_that_the_database_takes_writes(site: Running, db: Database) -> None:
    answer = await site.http.get("/readyz")
    assert (answer.status_code, answer.json()["problem"]) == (503, "schema")
    from app.db.schema import head_revision

    def stamp(conn: Any) -> None:
        conn.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        conn.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})

    await db.write(stamp)
    assert (await site.http.get("/readyz")).json() == {"ready": True, "problem": ""}
    assert (await site.http.get("/livez")).status_code == 200


async def test_the_machines_own_pages_are_for_the_machine(site: Running) -> None:
    for path in ("/metrics", "/openapi.json"):
        assert (await site.http.get(path)).status_code == 200
        forwarded = await site.http.get(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert forwarded.status_code == 404
        far = httpx.ASGITransport(site.app, client=("203.0.113.9", 1))
        async with httpx.AsyncClient(transport=far, base_url="https://stepgate.test") as stranger:
            assert (await stranger.get(path)).status_code == 404


async def test_with_a_token_only_the_token_counts(database_url: str, tmp_path: Path) -> None:
    guarded = settings_for(database_url, tmp_path, metrics_token="open sesame")
    async with running(guarded, adapter_of(Portal()), TestClock()) as site:
        assert (await site.http.get("/metrics")).status_code == 404
        for given, status in (("open sesame", 200), ("открой", 404), ("", 404)):
            headers = {b"Authorization": f"Bearer {given}".encode()}
            assert (await site.http.get("/metrics", headers=headers)).status_code == status


async def test_the_connections_to_crms_are_given_up_at_the_end(settings: Settings) -> None:
    portal = Portal()
    async with running(settings, adapter_of(portal), TestClock()) as site:
        await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
        assert portal.closed == 0
    assert portal.closed == 1


async def test_operations_have_names_of_their_own(site: Running) -> None:
    description = (await site.http.get("/openapi.json")).json()
    names = [
        operation["operationId"] for path in description["paths"].values() for operation in path.values()
    ]
    assert len(names) == len(set(names))
    assert {"openSession", "renewSession", "readStatus"} <= set(names)


async def admin(site: Running) -> dict[str, str]:
    """The header of an administrator's session."""
    proof = {"X-Auth-Token": f"1001@{HOST}/11#1"}
    token = (await site.http.post("/api/v1/session", params={"crm": "fake"}, headers=proof)).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def test_the_status_says_what_an_administrator_should_do(site: Running) -> None:
    status = (await site.http.get("/api/v1/status", headers=await admin(site))).json()
    assert status["crm"]["sentence_code"] == "ok"
    assert status["hooks"]["state"] == "ok"
    assert status["backfill"] == {"state": "waiting", "done": 0, "total": 0}
    assert status["gates"]["enforce"] == 0
    assert status["gates"]["shadow"] > 0
    assert (status["parked"], status["broken_rules"], status["writes"]["off"]) == (0, [], False)


async def test_an_administrator_changes_the_accounts_choices(site: Running) -> None:
    bearer = await admin(site)
    changed = await site.http.patch("/api/v1/settings", json={"writes_off": True}, headers=bearer)
    kept = {"language": "ru", "timezone": "Europe/Moscow", "panel_viewers": "own", "panel_user_ids": []}
    assert changed.json() == {**kept, "writes_off": True}
    assert (await site.http.get("/api/v1/settings", headers=bearer)).json() == changed.json()
    for wrong in ({"timezone": "Europe/Atlantis"}, {"language": "fr"}, {"unknown": 1}):
        refused = await site.http.patch("/api/v1/settings", json=wrong, headers=bearer)
        assert (refused.status_code, told(refused)["code"]) == (422, "shape")


def test_a_hook_address_is_never_logged() -> None:
    assert safe_path("/hooks/fake/secret-key") == "/hooks/fake/***"
    assert safe_path("/hooks/fake/secret/key") == "/hooks/fake/***"
    assert safe_path("/api/v1/deals/5") == "/api/v1/deals/5"


def test_fields_that_nobody_allowed_are_dropped_and_named() -> None:
    event = {"event": "x", "deal_id": "5", "phone": "+7 900", "title": "Иван"}
    assert keep_allowed(None, "", event) == {"event": "x", "deal_id": "5", "dropped": ["phone", "title"]}


def test_an_error_field_holds_a_code_only() -> None:
    assert keep_allowed(None, "", {"event": "x", "error": "rate_limited"})["error"] == "rate_limited"
    assert "error" not in keep_allowed(None, "", {"event": "x", "error": "Иван: no such phone"})


def test_logs_are_lines_of_json_without_exception_texts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json")
    get_logger("test").info("hello", count=3, token="hush")
    try:
        raise ValueError("hush")
    except ValueError:
        logging.getLogger("library").exception("failed")
    lines = capsys.readouterr().err.strip().splitlines()
    first, second = (json.loads(line) for line in lines)
    assert (first["event"], first["count"], first["source"]) == ("hello", 3, "test")
    assert (second["event"], second["error_type"]) == ("failed", "ValueError")
    assert "hush" not in "".join(lines)


async def test_no_secret_and_no_name_gets_into_the_logs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("debug", "json")
    portal = Portal()
    async with running(settings, adapter_of(portal), TestClock()) as site:
        await site.http.get("/oauth/fake/callback", params=SERVER_CALL)
        proof = {"X-Auth-Token": f"1001@{HOST}/11#token-1"}
        session = await site.http.post("/api/v1/session", params={"crm": "fake"}, headers=proof)
        bearer = {"Authorization": f"Bearer {session.json()['token']}"}
        await site.http.get("/api/v1/catalog", headers=bearer)
        await site.http.post(portal.hooks[0], content=b"leads[0]=1")
        await site.http.get("/oauth/fake/removed", params={"account_id": "1001", "signature": "forged"})
    logged = capsys.readouterr().err
    key = portal.hooks[0].rsplit("/", 1)[1]
    secrets = ["access-1", "refresh-1", "code-1", "token-1", key, session.json()["token"], "forged"]
    for secret in [*secrets, "Анна", "Первый", settings.secret_keys[0].get_secret_value()]:
        assert secret not in logged
    assert "installed" in logged
