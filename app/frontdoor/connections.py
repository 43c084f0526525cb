"""Connections that cost nothing: whoever only holds one open never keeps a hook out.

Every connection is in one of three phases, each with its deadline. Those that wait for a request are
the first to go when room is needed, who has waited longest before the others. So there is no number
of idle or slow connections that shuts the door.

A request costs two assignments here: who is late, or waits longest, is found by looking at all.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit
from typing import Protocol

SWEEP_SECONDS = 1.0
SPARE_FILES = 200
"""File descriptors that are left to the database, the CRMs and the logs."""


class Phase(Enum):
    """What a connection waits for: the rest of a request's head, our reply, another request.

    The body of a request has the deadline of the reply; who reads bodies has his own.
    """

    HEAD = "head"
    REPLY = "reply"
    NEXT = "next"


class Held(Protocol):
    """A connection as the register sees it. `since` is when its phase began, on the loop's clock."""

    phase: Phase
    since: float
    client_host: str
    is_proxy: bool

    def hang_up(self) -> None:
        """Close at once; what was not sent is lost."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections and requests at once, and how long in each phase, in seconds.

    `per_client` does not count for proxies: through them comes everybody. A proxy's connections
    may rest longer, or it would send a hook into one that we are just closing.
    """

    total: int = 8_000
    per_client: int = 1_000
    requests: int = 4_000
    head: float = 10.0
    reply: float = 120.0
    next: float = 5.0
    next_of_proxy: float = 75.0

    def seconds(self, phase: Phase, *, is_proxy: bool) -> float:
        """How long a connection may stay in that phase."""
        match phase:
            case Phase.HEAD:
                return self.head
            case Phase.REPLY:
                return self.reply
            case Phase.NEXT:
                return self.next_of_proxy if is_proxy else self.next


class Proxies:
    """Our own reverse proxies: `*`, addresses, or networks, separated by commas."""

    def __init__(self, trusted: str) -> None:
        names = [each.strip() for each in trusted.split(",")]
        self._is_everybody = "*" in names
        self._names = frozenset(names)
        self._networks = [_network(name) for name in names if "/" in name]

    def __contains__(self, host: str) -> bool:
        if self._is_everybody or host in self._names:
            return True
        return bool(self._networks) and any(ip_address(host) in each for each in self._networks)


def _network(name: str) -> IPv4Network | IPv6Network:
    return ip_network(name, strict=False)


PART_THAT_GOES = 20
"""When room is needed, one in so many of those who only wait is hung up on."""


def _nothing() -> None:
    """Nobody wants to know."""


class Connections:
    """All connections of a process, by phase, in the order in which they entered it."""

    def __init__(
        self, limits: ConnectionLimits, proxies: Proxies, on_closing: Callable[[], None] = _nothing
    ) -> None:
        """`on_closing` is told, perhaps more than once, that the server is about to end."""
        self.limits, self.proxies, self.on_closing = limits, proxies, on_closing
        self._held: set[Held] = set()
        self._by_client: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._held)

    def admit(self, connection: Held) -> bool:
        """Take a connection in; False when there is no room, nor anybody who only waits."""
        host = connection.client_host
        if not connection.is_proxy and self._by_client[host] >= self.limits.per_client:
            if not self._make_room(host):
                return False
        elif self.count >= self.limits.total and not self._make_room():
            return False
        self._held.add(connection)
        self._by_client[host] += 1
        if self._timer is None:
            self._sweep()
        return True

    def leave(self, connection: Held) -> None:
        """The connection is gone; it may be said twice."""
        if connection not in self._held:
            return
        self._held.discard(connection)
        self._by_client[connection.client_host] -= 1
        if not self._by_client[connection.client_host]:
            del self._by_client[connection.client_host]

    def _make_room(self, client_host: str = "") -> bool:
        """Hang up on some who have waited longest without asking for anything, strangers first."""
        idle = [
            each
            for each in self._held
            if each.phase is not Phase.REPLY and client_host in ("", each.client_host)
        ]
        idle.sort(key=lambda each: (each.is_proxy, each.since))
        for connection in idle[: 1 + len(idle) // PART_THAT_GOES]:
            self._end(connection)
        return bool(idle)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now, limits = loop.time(), self.limits
        patience = {
            (phase, is_proxy): limits.seconds(phase, is_proxy=is_proxy)
            for phase in Phase
            for is_proxy in (False, True)
        }
        late = [each for each in self._held if now - each.since >= patience[each.phase, each.is_proxy]]
        for connection in late:
            self._end(connection)
        self._timer = loop.call_later(SWEEP_SECONDS, self._sweep) if self._held else None

    def _end(self, connection: Held) -> None:
        self.leave(connection)
        connection.hang_up()


def within_open_files(limits: ConnectionLimits) -> ConnectionLimits:
    """The limits as far as this process may open files; asks for as many as it may have."""
    wanted = limits.total + SPARE_FILES
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft == RLIM_INFINITY or soft >= wanted:
        return limits
    allowed = wanted if hard == RLIM_INFINITY else min(wanted, hard)
    setrlimit(RLIMIT_NOFILE, (max(soft, allowed), hard))
    total = max(allowed - SPARE_FILES, allowed // 2)
    return replace(limits, total=total, per_client=min(limits.per_client, max(1, total // 4)))
