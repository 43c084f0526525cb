"""The door: takes hooks from CRMs and answers once they are durable.

It stands before all other middleware, because a CRM waits two seconds and counts failures, and
because nothing of theirs concerns it: no session, no CORS, no body that is parsed by a framework.
An address that belongs to nobody goes on to the application, so that its answer is the one of any
unknown path, by construction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from os import urandom
from typing import Protocol

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from app.clock import Clock
from app.crm.errors import NotFromCrm
from app.crm.port import CrmAdapter, Delivery
from app.errors import Overloaded
from app.inbox.body import BODY_LIMIT, Disconnected, TooLarge, TooSlow, read_body
from app.inbox.buckets import Buckets
from app.inbox.examine import examine
from app.inbox.group_commit import GroupCommit
from app.inbox.owners import Owner, Owners
from app.inbox.receive import Arrival
from app.observability import get_logger

HOOKS = Counter("stepgate_hooks_total", "Requests at the hook door", ["crm", "outcome"])
ACKS = Histogram(
    "stepgate_hook_ack_seconds",
    "Time until a delivery is durable, in seconds",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
WRONG_KEYS_PER_MINUTE = 20
FLOOD_BURST = 10_000
FLOOD_PER_SECOND = 500
_log = get_logger("door")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender gets; `closes` ends the connection because its body was not read."""

    status: int
    code: str = ""
    sentence: str = ""
    retry_after: int = 0
    closes: bool = False


class Wakeable(Protocol):
    """Whoever works on lanes and may be asleep."""

    def wake(self) -> None:
        """There is work."""


WRONG_METHOD = Answer(405, "method_not_allowed", "Hooks are sent with POST.")
ENCODED = Answer(415, "encoded_body", "Send the body without Content-Encoding.", closes=True)
TOO_LARGE = Answer(413, "too_large", "The body is longer than 1 MiB.", closes=True)
TOO_SLOW = Answer(408, "too_slow", "The body did not arrive in time.", closes=True)
GUESSING = Answer(429, "too_many_guesses", "Too many wrong addresses.", retry_after=60)
FLOOD = Answer(503, "flood", "Too many deliveries for this account.", retry_after=5)
NOT_FROM_CRM = Answer(403, "not_from_crm", "The delivery is not authentic.")
BUSY = Answer(503, "overloaded", "Too much at once. Send it again.", retry_after=2)
GONE = Answer(0)


class Door:
    """Takes deliveries. `seal` encrypts a body for its tenant."""

    def __init__(
        self,
        *,
        adapters: Mapping[str, CrmAdapter],
        owners: Owners,
        seal: Callable[[int, bytes], bytes],
        group: GroupCommit[Arrival],
        clock: Clock,
        worker: Wakeable | None = None,
        flood_per_second: float = FLOOD_PER_SECOND,
        flood_burst: float = FLOOD_BURST,
    ) -> None:
        self._adapters = adapters
        self._owners = owners
        self._seal = seal
        self._group = group
        self._clock = clock
        self._worker = worker
        self._name, self._numbers = urandom(8).hex(), count(1)
        self._guesses = Buckets(clock, burst=WRONG_KEYS_PER_MINUTE, per_second=WRONG_KEYS_PER_MINUTE / 60)
        self._floods = Buckets(clock, burst=flood_burst, per_second=flood_per_second)
        self._routed = {name: HOOKS.labels(name, "routed") for name in adapters}

    async def answer(self, crm: str, key: str, scope: Scope, receive: Receive) -> Answer | None:
        """What to say to this request; None when the address is nobody's."""
        if scope["method"] != "POST":
            return WRONG_METHOD
        refusal = _refuse_by_headers(dict(scope["headers"]))
        if refusal:
            return refusal
        try:
            return await self._admit(crm, key, scope, receive)
        except Overloaded:
            return self._count(crm, "overloaded", BUSY)
        except (SQLAlchemyError, OSError) as error:
            _log.error("delivery not stored", crm=crm, exc_info=error)
            return self._count(crm, "not_stored", BUSY)

    async def close(self) -> None:
        """Take nothing more and store what was taken."""
        await self._group.close()

    async def _admit(self, crm: str, key: str, scope: Scope, receive: Receive) -> Answer | None:
        adapter = self._adapters.get(crm)
        owner = await self._owners.of(crm, key) if adapter else None
        if adapter is None or owner is None:
            return self._nobody(scope)
        if not self._floods.take(owner.account.installation_id):
            return self._count(crm, "flood", FLOOD)
        started = self._clock.monotonic()
        try:
            body = await read_body(receive)
        except TooLarge:
            return self._count(crm, "too_large", TOO_LARGE)
        except TooSlow:
            return self._count(crm, "too_slow", TOO_SLOW)
        except Disconnected:
            return self._count(crm, "gone", GONE)
        answer = await self._take(adapter, owner, Headers(raw=scope["headers"]), body)
        ACKS.observe(self._clock.monotonic() - started)
        return answer

    async def _take(
        self, adapter: CrmAdapter, owner: Owner, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        now, account = self._clock.now(), owner.account
        try:
            examined = examine(adapter.webhooks, Delivery(headers, body, now), account)
        except NotFromCrm:
            return self._count(adapter.name, "not_from_crm", NOT_FROM_CRM)
        await self._group.add(
            Arrival(
                account.installation_id,
                now,
                self._seal(account.installation_id, examined.body),
                sha256(body).digest(),
                f"{self._name}{next(self._numbers):08x}",
                examined.state,
                examined.reason,
                examined.lanes,
                examined.patience,
                examined.removal,
            )
        )
        if examined.reason:
            self._quarantined(adapter.name, account.installation_id, examined.reason)
        else:
            self._routed[adapter.name].inc()
        if self._worker and examined.lanes:
            self._worker.wake()
        return Answer(adapter.hook_reply)

    def _nobody(self, scope: Scope) -> Answer | None:
        HOOKS.labels("", "unknown_address").inc()
        client = scope.get("client")
        return None if self._guesses.take(client[0] if client else "") else GUESSING

    def _quarantined(self, crm: str, installation_id: int, reason: str) -> None:
        HOOKS.labels(crm, "quarantined").inc()
        _log.warning("delivery set aside", crm=crm, installation_id=installation_id, reason=reason)

    def _count(self, crm: str, outcome: str, answer: Answer) -> Answer:
        HOOKS.labels(crm if crm in self._adapters else "", outcome).inc()
        return answer


def _refuse_by_headers(headers: Mapping[bytes, bytes]) -> Answer | None:
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        return ENCODED
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 19 or int(length) > BODY_LIMIT:
        return TOO_LARGE
    return None
