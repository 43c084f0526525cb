"""The contract of the port over this adapter in front of its simulated portal."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from app.crm.port import CrmClient
from app.domain.stage import StageRef
from tests.crm.bitrix24.kit import Bench
from tests.crm.contract import Contract, Side


@dataclass
class PortalSide:
    """A portal with people in it."""

    bench: Bench

    @property
    def client(self) -> CrmClient:
        """A client of the portal."""
        return self.bench.client

    def now(self) -> datetime:
        """The portal's moment."""
        return self.bench.clock.now()

    def wait(self, seconds: float = 60) -> None:
        """Let time pass."""
        self.bench.wait(seconds)

    def ref(self, stage: int) -> StageRef:
        """Stage 1, 2 or 3."""
        return self.bench.ref(stage)

    def create(self, stage: int) -> str:
        """A manager makes a deal."""
        return str(self.bench.deal(stage).id)

    def move(self, deal_id: str, stage: int) -> None:
        """A manager moves it."""
        self.bench.move(self.bench.item(deal_id), stage)

    def client_calls(self, deal_id: str, seconds: int) -> None:
        """The deal's client calls."""
        self.bench.world.portal.add_call(self.bench.item(deal_id), self.bench.act(), duration=seconds)

    def delete(self, deal_id: str) -> None:
        """A manager deletes it."""
        self.bench.world.portal.delete_item(self.bench.item(deal_id), self.bench.act())

    def lose_next_answer(self) -> None:
        """The portal carries writes out and answers 504."""
        self.bench.world.portal.faults.lost_write_rate = 1.0

    def break_down(self) -> None:
        """The portal answers 503."""
        self.bench.world.portal.faults.down = "503"


class TestSimulatedPortal(Contract):
    """The second adapter."""

    @pytest.fixture
    def side(self, bench: Bench) -> Side:
        """A small portal behind the adapter."""
        return PortalSide(bench)
