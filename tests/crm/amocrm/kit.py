"""The adapter in front of the simulated account, on the account's own clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from app.crm.adapters import amocrm
from app.crm.port import Account, CrmAdapter, CrmClient, DealLog
from app.crm.registry import AdapterEnvironment
from app.domain.stage import StageRef
from app.sandbox.amocrm.model import Contact, Lead
from tests.crm.bench import FakeSession, SandboxClock
from tests.sandbox.amocrm.world import ORIGIN, SECRET, World, make_world

PUBLIC_URL = "http://product.example.org"
CLIENT_ID = "0b0832f6-0000-4123-9123-e73f236833c1"
HOST = "crm.example.org"


@dataclass
class Bench:
    """An account, the adapter, and a client of it."""

    world: World
    adapter: CrmAdapter
    session: FakeSession
    clock: SandboxClock
    client: CrmClient

    def lead(self, stage: int = 1, **more: Any) -> Lead:
        """A lead of the seller in a stage of the main pipeline."""
        return self.world.lead(stage, **more)

    def contact(self, name: str = "Пётр Клиентов", phone: str = "+79990001122") -> Contact:
        """A contact with a phone."""
        return self.world.account.create_contact(name=name, by=self.world.seller, phones=[phone])

    def move(self, lead: Lead, stage: int, by: int | None = None) -> None:
        """The seller drags a lead."""
        author = self.world.seller if by is None else by
        self.world.account.move_lead(lead.id, self.world.stages[stage], by=author)

    def ref(self, stage: int) -> StageRef:
        """A stage of the main pipeline in neutral words."""
        return StageRef(str(self.world.line), str(self.world.stages[stage]))

    def wait(self, seconds: float = 60) -> None:
        """Let the account's time pass."""
        self.world.clock.advance(seconds)

    def fresh_client(self) -> CrmClient:
        """Another client with the same tokens, as after a restart."""
        return self.adapter.open_client(self.session)

    @property
    def long_ago(self) -> datetime:
        """Before everything that a test makes happen."""
        return self.clock.now() - timedelta(days=365)


def make_adapter(world: World, clock: SandboxClock) -> CrmAdapter:
    """The adapter with the keys of the world's integration, calling into the process."""
    environment = AdapterEnvironment(PUBLIC_URL, (ORIGIN,), clock, httpx.ASGITransport(world.app))
    return amocrm.build(environment)


def make_bench() -> Bench:
    """A small account behind the adapter; the environment must name the keys (see conftest)."""
    world = make_world()
    world.integration.redirect_uri = f"{PUBLIC_URL}/oauth/amocrm/callback"
    clock = SandboxClock(world.clock)
    adapter = make_adapter(world, clock)
    token = world.account.integrations.long_lived(world.integration, world.admin, 86_400 * 365)
    session = FakeSession(Account(1, str(world.account.id), HOST), [token])
    return Bench(world, adapter, session, clock, adapter.open_client(session))


__all__ = ["CLIENT_ID", "HOST", "PUBLIC_URL", "SECRET", "Bench", "make_bench"]


def ledger(logs: Sequence[DealLog]) -> tuple[dict[str, object], dict[str, object]]:
    """Moves and facts by their ids, as the ledger keeps them: the first telling counts."""
    moves: dict[str, object] = {}
    facts: dict[str, object] = {}
    for log in logs:
        for move in log.moves:
            told = (move.deal_id, move.from_stage, move.to_stage, move.actor_id, move.occurred_at)
            moves.setdefault(move.log_id, told)
        for fact in log.evidence:
            seen = (fact.deal_id, fact.kind, fact.subject, fact.text, fact.grade, fact.occurred_at)
            facts.setdefault(fact.source_id, seen)
    return moves, facts
