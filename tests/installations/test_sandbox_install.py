"""The real adapter against the simulated account: both ways in, widget tokens, renaming, switching off."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.clock import SystemClock
from app.crm.registry import AdapterEnvironment, load_adapters
from app.installations.hook_state import hook_state
from app.installations.store import InstallationState, find_installation, load_catalog
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.disposable import disposable_token
from app.sandbox.amocrm.installs import disable, install_widget
from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.model import User
from tests.application import PUBLIC_URL, Running, running, settings_for

CLIENT = "0f7a3f2c-5c0e-4a77-9e39-2f6a6a3c1d11"
SECRET = "a secret of the integration, as long as amoCRM makes them: 64 characters"
CRM = "amocrm"


@dataclass
class World:
    """The account, our integration in it, and Stepgate."""

    account: Account
    integration: Integration
    site: Running

    @property
    def admin(self) -> User:
        """An administrator of the account."""
        return next(user for user in self.account.users.values() if user.is_admin)

    async def state(self) -> InstallationState | None:
        """How our installation fares."""
        number = str(self.account.id)
        found = await self.site.services.db.read(lambda conn: find_installation(conn, CRM, number))
        return found.state if found else None


class Late(httpx.AsyncBaseTransport):
    """A way to an application that is made later."""

    target: httpx.AsyncBaseTransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        return await self.target.handle_async_request(request)


@pytest.fixture
async def world(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """An account with one pipeline and people, Stepgate beside it, not yet installed."""
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_ID", CLIENT)
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", SECRET)
    to_product = Late()
    config = SandboxConfig(http=httpx.AsyncClient(transport=to_product), in_process=True, background=False)
    account = Account.empty(config)
    account.add_pipeline("Продажи", ["Первичный контакт", "КП отправлено"], is_main=True)
    account.add_user("Анна Админ", is_admin=True)
    account.add_user("Борис Менеджер")
    integration = account.integrations.register(
        redirect_uri=f"{PUBLIC_URL}/oauth/{CRM}/callback",
        client_id=CLIENT,
        client_secret=SECRET,
        name="Stepgate",
        disable_hook_uri=f"{PUBLIC_URL}/oauth/{CRM}/removed",
    )
    to_crm = httpx.ASGITransport(create_sandbox(config, account))
    clock = SystemClock()
    adapters = load_adapters(AdapterEnvironment(PUBLIC_URL, (config.origin,), clock, to_crm))
    settings = settings_for(database_url, tmp_path, sandbox_origins=config.origin)
    async with running(settings, adapters[CRM], clock) as site:
        to_product.target = httpx.ASGITransport(site.app)
        yield World(account, integration, site)
    assert config.http is not None
    await config.http.aclose()


async def test_the_button_inside_the_crm_installs_everything(world: World) -> None:
    assert await install_widget(world.account, world.integration, world.admin.id) == 200
    assert await world.state() is InstallationState.ACTIVE
    db = world.site.services.db
    catalog = await db.read(lambda conn: load_catalog(conn, 1))
    assert catalog is not None
    assert catalog.pipelines
    assert {user.name for user in catalog.users} >= {"Анна Админ", "Борис Менеджер"}
    hooks = await db.read(lambda conn: hook_state(conn, 1))
    assert hooks is not None
    assert hooks.reason == ""


async def test_a_consent_in_the_browser_installs_too(world: World) -> None:
    start = await world.site.http.get(f"/oauth/{CRM}/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    code = world.account.integrations.make_code(world.integration, world.admin.id)
    params = {"code": code, "referer": world.account.config.host, "client_id": CLIENT, "state": state}
    answer = await world.site.http.get(f"/oauth/{CRM}/callback", params=params)
    assert answer.status_code == 200
    assert await world.state() is InstallationState.ACTIVE


async def test_a_callback_with_neither_state_nor_server_mark_is_refused(world: World) -> None:
    code = world.account.integrations.make_code(world.integration, world.admin.id)
    params = {"code": code, "referer": world.account.config.host, "client_id": CLIENT}
    assert (await world.site.http.get(f"/oauth/{CRM}/callback", params=params)).status_code == 400
    assert await world.state() is None


@pytest.mark.parametrize("referer", ["evil.com", "x.amocrm.ru.evil.com", "x.amocrm.ru@evil.com", "127.0.0.1"])
async def test_a_forged_referer_gets_no_secret(world: World, referer: str) -> None:
    world.account.faults.forged_referer = referer
    assert await install_widget(world.account, world.integration, world.admin.id) == 400
    assert await world.state() is None


async def test_the_widgets_token_opens_a_session(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    token = disposable_token(world.account, world.integration, world.admin)
    answer = await world.site.http.post(
        "/api/v1/session",
        params={"crm": CRM},
        headers={"X-Auth-Token": token, "Origin": world.account.config.origin},
    )
    assert answer.status_code == 200
    assert answer.json()["user"]["is_admin"] is True
    assert answer.headers["access-control-allow-origin"] == world.account.config.origin


@pytest.mark.parametrize("variant", ["wrong_aud", "alg_none", "bot", "expired", "other_issuer", "wrong_key"])
async def test_every_other_token_opens_nothing(world: World, variant: str) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    token = disposable_token(world.account, world.integration, world.admin, variant)
    answer = await world.site.http.post(
        "/api/v1/session", params={"crm": CRM}, headers={"X-Auth-Token": token}
    )
    assert answer.status_code == 401


async def test_a_manager_is_no_administrator_whatever_his_token_leaves_out(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    world.account.faults.admin_claim = "missing"
    manager = next(user for user in world.account.users.values() if not user.is_admin)
    for user, is_admin in ((manager, False), (world.admin, True)):
        token = disposable_token(world.account, world.integration, user)
        answer = await world.site.http.post(
            "/api/v1/session", params={"crm": CRM}, headers={"X-Auth-Token": token}
        )
        assert answer.json()["user"]["is_admin"] is is_admin


async def test_switching_off_in_the_crm_ends_it(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    assert await disable(world.account, world.integration) == 204
    assert await world.state() is InstallationState.DISABLED


async def test_a_removal_with_a_bad_signature_is_refused(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    world.account.faults.bad_disable_signature = True
    assert await disable(world.account, world.integration) == 403
    assert await world.state() is InstallationState.ACTIVE


async def test_revoked_tokens_are_noticed_at_the_next_call(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    world.account.integrations.revoke(world.integration)
    assert not await world.site.services.installer.settle(1)
    assert await world.state() is InstallationState.REAUTH_REQUIRED


async def test_a_page_may_be_framed_by_its_own_account_only(world: World) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    answer = await world.site.http.get(f"/embed/{CRM}/{world.account.id}/card")
    policy = answer.headers["content-security-policy"]
    assert f"frame-ancestors {world.account.config.origin}" in policy
    assert "x-frame-options" not in answer.headers


@pytest.mark.parametrize(
    ("path", "language", "part"),
    [
        ("999/card", "ru", "не подключён"),
        ("{account}/admin", "ru-RU", "такой страницы"),
        ("{account}/admin", "en-GB", "no such page"),
        ("{account}/admin?language=en", "ru", "no such page"),
    ],
)
async def test_whoever_opens_what_is_not_there_reads_a_sentence(
    world: World, path: str, language: str, part: str
) -> None:
    await install_widget(world.account, world.integration, world.admin.id)
    address = f"/embed/{CRM}/{path.format(account=world.account.id)}"
    answer = await world.site.http.get(address, headers={"accept-language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert part in answer.text.lower()
