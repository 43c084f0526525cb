"""What a simulated portal is started with."""

import random
from dataclasses import dataclass, field

import httpx

from app.sandbox.bitrix24.faults import Faults
from app.sandbox.clock import Clock, RealClock


@dataclass
class SandboxConfig:
    """Settings of one simulated portal.

    `origin` is the address under which the product and the browser reach the portal; its host and
    port are the portal's domain. `auth_root` is where the vendor's authorization server answers: by
    default a path of the same address, in tests also a host of its own (requests for that host are
    then served by the same application). `http` replaces the client that carries events and install
    calls. `in_process` says that no real connection exists to be cut. `utc_offset` is in hours.
    """

    origin: str = "http://127.0.0.1:9200"
    auth_root: str = ""
    member_id: str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    name: str = "Песочница"
    license_type: str = "basic"
    utc_offset: int = 3
    seed: int = 1
    clock: Clock = field(default_factory=RealClock)
    faults: Faults = field(default_factory=Faults)
    http: httpx.AsyncClient | None = None
    in_process: bool = False
    background: bool = True

    def __post_init__(self) -> None:
        """The authorization server is a path of the portal unless told otherwise."""
        self.auth_root = self.auth_root or f"{self.origin}/auth-server"

    @property
    def host(self) -> str:
        """Host and port of the origin."""
        return self.origin.split("://", 1)[1]

    @property
    def auth_host(self) -> str:
        """Host and port of the authorization server."""
        return self.auth_root.split("://", 1)[1].split("/", 1)[0]

    @property
    def is_secure(self) -> bool:
        """Whether the portal is reached by https."""
        return self.origin.startswith("https:")

    def rng(self) -> random.Random:
        """The one source of chance: the same seed gives the same portal and the same faults."""
        return random.Random(self.seed)  # noqa: S311
