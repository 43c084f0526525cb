"""The adapter in front of the simulated portal, on the portal's own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.crm.adapters.bitrix24.adapter import build
from app.crm.port import Account, CrmAdapter, CrmClient
from app.crm.registry import AdapterEnvironment
from app.domain.stage import StageRef
from app.sandbox.bitrix24.model import DEAL, Item
from app.sandbox.bitrix24.state import Act
from tests.crm.bench import FakeSession, SandboxClock
from tests.sandbox.bitrix24.world import ORIGIN, World, make_world

PUBLIC_URL = "http://product.example.org"
HOST = "portal.example.org"
SERVER = f"{ORIGIN}/auth-server/"


@dataclass
class Bench:
    """A portal, the adapter, and a client of it."""

    world: World
    adapter: CrmAdapter
    session: FakeSession
    clock: SandboxClock
    client: CrmClient
    stages: tuple[str, ...]

    def deal(self, stage: int = 1, **more: Any) -> Item:
        """A deal of the seller's with a contact."""
        contact = self.world.client()
        given: dict[str, Any] = {"contact_ids": [contact.id], **more}
        return self.world.deal(self.stages[stage - 1], **given)

    def move(self, deal: Item, stage: int, by: int | None = None) -> None:
        """The seller drags a deal."""
        act = Act(by=self.world.seller if by is None else by)
        self.world.portal.update_item(deal, {"stage_id": self.stages[stage - 1]}, act)

    def ref(self, stage: int) -> StageRef:
        """A stage of the first pipeline in neutral words."""
        return StageRef("0", self.stages[stage - 1])

    def wait(self, seconds: float = 60) -> None:
        """Let the portal's time pass."""
        self.world.clock.advance(seconds)

    def act(self, by: int | None = None) -> Act:
        """Something that a person does by hand."""
        return Act(by=self.world.seller if by is None else by)

    def item(self, deal_id: str) -> Item:
        """A deal by its id."""
        return self.world.portal.deal(int(deal_id))

    @property
    def long_ago(self) -> datetime:
        """Before everything that a test makes happen."""
        return self.clock.now() - timedelta(days=365)


def use_keys(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Put the keys of the world's app into the environment."""
    monkeypatch.setenv("STEPGATE_BITRIX24_CLIENT_ID", world.registered.client_id)
    monkeypatch.setenv("STEPGATE_BITRIX24_CLIENT_SECRET", world.registered.client_secret)


def make_adapter(world: World, clock: SandboxClock) -> CrmAdapter:
    """The adapter with the keys of the environment, calling into the process."""
    return build(environment_of(clock, httpx.ASGITransport(world.app)))


def environment_of(
    clock: SandboxClock, way: httpx.AsyncBaseTransport, public_url: str = PUBLIC_URL
) -> AdapterEnvironment:
    """What the adapter is built from: the portal's clock and a way into the process."""
    return AdapterEnvironment(public_url, (ORIGIN,), clock, way)


def make_bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A portal with two pipelines behind the adapter."""
    world = make_world()
    use_keys(monkeypatch, world)
    clock = SandboxClock(world.clock)
    adapter = make_adapter(world, clock)
    account = Account(1, world.portal.member_id, HOST)
    session = FakeSession(account, [world.grant.access], lambda: world.token_of(world.admin))
    stages = tuple(stage.status_id for stage in world.portal.stages_of(DEAL, 0) if not stage.semantics)
    return Bench(world, adapter, session, clock, adapter.open_client(session), stages)
