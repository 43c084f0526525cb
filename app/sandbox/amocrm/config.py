"""What a sandbox is started with."""

import random
from dataclasses import dataclass, field

import httpx

from app.sandbox.amocrm.faults import Faults
from app.sandbox.clock import Clock, RealClock


@dataclass
class SandboxConfig:
    """Settings of one simulated account.

    `origin` is the address under which the product and the browser reach the sandbox; its
    host and port become the `referer` of installs and the `iss` of widget tokens. `http`
    replaces the client that carries webhooks and install calls (tests give one that reaches
    the product in process). `in_process` says that no real connection exists to be cut.
    """

    origin: str = "http://127.0.0.1:9100"
    account_id: int = 31_415_926
    name: str = "Песочница"
    subdomain: str = "sandbox"
    seed: int = 1
    clock: Clock = field(default_factory=RealClock)
    faults: Faults = field(default_factory=Faults)
    http: httpx.AsyncClient | None = None
    in_process: bool = False
    background: bool = True

    @property
    def host(self) -> str:
        """Host and port of the origin."""
        return self.origin.split("://", 1)[1]

    def rng(self) -> random.Random:
        """The one source of chance: the same seed gives the same account and the same faults."""
        return random.Random(self.seed)  # noqa: S311
