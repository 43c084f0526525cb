"""The contract over every CRM: adapters in front of their simulated accounts, and the one in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from app.crm.port import CrmClient
from app.domain.stage import StageRef
from tests.crm.amocrm.kit import CLIENT_ID, SECRET, Bench, make_bench
from tests.crm.bench import BenchSide
from tests.crm.contract import Contract, Side
from tests.crm.fake.client import FakeClient, Fault
from tests.crm.fake.world import FakeCrm


class SimulatedSide(BenchSide[Bench]):
    """An adapter in front of the simulated account."""

    def create(self, stage: int) -> str:
        """A manager makes a deal."""
        return str(self.bench.lead(stage).id)

    def move(self, deal_id: str, stage: int) -> None:
        """A manager moves it."""
        self.bench.move(self.bench.world.account.leads[int(deal_id)], stage)

    def client_calls(self, deal_id: str, seconds: int) -> None:
        """The deal's client calls."""
        self.bench.world.account.client_call(int(deal_id), duration=seconds)

    def delete(self, deal_id: str) -> None:
        """A manager deletes it."""
        self.bench.world.account.delete_lead(int(deal_id), by=self.bench.world.seller)

    def lose_next_answer(self) -> None:
        """The account carries writes out and answers 504."""
        self.bench.world.account.faults.lost_write_rate = 1.0

    def break_down(self) -> None:
        """The account answers 503."""
        self.bench.world.account.faults.down = "503"


@dataclass
class HandClock:
    """Time that only moves when told."""

    moment: datetime = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def monotonic(self) -> float:
        """Seconds."""
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Jump."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class MemorySide:
    """The CRM in memory that the engine is tested on."""

    clock: HandClock = field(default_factory=HandClock)
    faults: list[Fault] = field(default_factory=list)
    is_down: bool = False
    made: int = 0

    def __post_init__(self) -> None:
        self.crm = FakeCrm(self.clock)
        self._client = FakeClient(self.crm, fault=self._fault)

    @property
    def client(self) -> CrmClient:
        """A client of it."""
        return self._client

    def now(self) -> datetime:
        """Its moment."""
        return self.clock.now()

    def wait(self, seconds: float = 60) -> None:
        """Let time pass."""
        self.clock.moment += timedelta(seconds=seconds)

    def ref(self, stage: int) -> StageRef:
        """Stage 1, 2 or 3."""
        return StageRef("p", "abc"[stage - 1])

    def create(self, stage: int) -> str:
        """A manager makes a deal."""
        self.made += 1
        return self.crm.create_deal(str(self.made), self.ref(stage)).id

    def move(self, deal_id: str, stage: int) -> None:
        """A manager moves it."""
        self.crm.move(deal_id, self.ref(stage))

    def client_calls(self, deal_id: str, seconds: int) -> None:
        """The deal's client calls."""
        self.crm.happen(deal_id, seconds=seconds)

    def delete(self, deal_id: str) -> None:
        """A manager deletes it."""
        self.crm.delete(deal_id)

    def lose_next_answer(self) -> None:
        """The next write is carried out and not answered."""
        self.faults.append(Fault.LOST_AFTER)

    def break_down(self) -> None:
        """Nothing is answered."""
        self.is_down = True

    def _fault(self, operation: str) -> Fault | None:
        if self.is_down:
            return Fault.UNAVAILABLE
        return self.faults.pop() if self.faults and operation == "apply" else None


class TestSimulatedAccount(Contract):
    """The first adapter."""

    @pytest.fixture
    async def side(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
        """A small account behind the adapter."""
        monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", SECRET)
        bench = make_bench()
        yield SimulatedSide(bench)
        await bench.world.close()


class TestMemory(Contract):
    """The CRM in memory keeps the same contract, or the engine would be tested against a fable."""

    @pytest.fixture
    def side(self) -> Side:
        """An empty CRM in memory."""
        return MemorySide()
