"""The contract of the port over this adapter in front of its simulated portal."""

import pytest

from tests.crm.bench import BenchSide
from tests.crm.bitrix24.kit import Bench
from tests.crm.contract import Contract, Side


class PortalSide(BenchSide[Bench]):
    """A portal with people in it."""

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
