"""What stands around an adapter in front of a simulated CRM: its clock, a session, a side of the contract."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from app.crm.errors import AuthExpired
from app.crm.port import Account, CrmClient
from app.domain.stage import StageRef
from app.sandbox.clock import VirtualClock


@dataclass
class SandboxClock:
    """The adapter's clock, which is the simulated CRM's."""

    clock: VirtualClock

    def now(self) -> datetime:
        """The CRM's moment."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def monotonic(self) -> float:
        """Seconds of the CRM."""
        return self.clock.now()

    async def sleep(self, seconds: float) -> None:
        """Let the CRM's time pass."""
        await self.clock.sleep(seconds)


@dataclass
class FakeSession:
    """An installation's tokens and rate, countable.

    After a refused token comes the next of `tokens`, or what `mint` gives.
    """

    account: Account
    tokens: list[str]
    mint: Callable[[], str] | None = None
    admitted: list[int] = field(default_factory=list)
    punished: list[tuple[float, str]] = field(default_factory=list)
    paced: list[tuple[float, float]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def token(self) -> str:
        """The token in force."""
        return self.tokens[0]

    @token.setter
    def token(self, token: str) -> None:
        self.tokens[0] = token

    async def access_token(self) -> str:
        """The token in force."""
        return self.token

    async def refused_token(self, token: str) -> str:
        """The next token. Raises AuthExpired when there is none."""
        self.refused += 1
        if self.mint is not None and token == self.token:
            self.token = self.mint()
        elif self.mint is None:
            if len(self.tokens) < 2:
                raise AuthExpired("there is no other token")
            self.tokens.pop(0)
        return self.token

    async def admit(self, priority: int) -> None:
        """Every call is allowed, and counted."""
        self.admitted.append(priority)

    async def punish(self, seconds: float, reason: str) -> None:
        """Remember why."""
        self.punished.append((seconds, reason))

    async def moved(self, host: str) -> None:
        """Remember where to."""
        self.hosts.append(host)

    def pace(self, per_second: float, saved_calls: float) -> None:
        """Remember how fast."""
        self.paced.append((per_second, saved_calls))


class Bench(Protocol):
    """A simulated CRM, the adapter, and a client of it."""

    clock: SandboxClock
    client: CrmClient

    def wait(self, seconds: float = 60) -> None:
        """Let the CRM's time pass."""
        ...

    def ref(self, stage: int) -> StageRef:
        """Stage 1, 2 or 3 of the main pipeline."""
        ...


B = TypeVar("B", bound=Bench)


@dataclass
class BenchSide(Generic[B]):
    """The part of a side of the contract that is the same in front of every simulated CRM."""

    bench: B

    @property
    def client(self) -> CrmClient:
        """A client of the CRM."""
        return self.bench.client

    def now(self) -> datetime:
        """The CRM's moment."""
        return self.bench.clock.now()

    def wait(self, seconds: float = 60) -> None:
        """Let time pass."""
        self.bench.wait(seconds)

    def ref(self, stage: int) -> StageRef:
        """Stage 1, 2 or 3."""
        return self.bench.ref(stage)
