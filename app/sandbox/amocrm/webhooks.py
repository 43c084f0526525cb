"""Delivery of webhooks: one attempt at once, a ladder of retries, and the switch-off."""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field

import httpx

from app.sandbox import brackets
from app.sandbox.amocrm.hook_bodies import Body, account_block, hooks_of
from app.sandbox.amocrm.model import Notice, Webhook
from app.sandbox.amocrm.state import AccountState
from app.sandbox.courier import Courier, Due
from app.sandbox.journey import arrivals

ANSWER_SECONDS = 2.0
CLIENT_SECONDS = 10.0
LADDER = (300.0, 900.0, 900.0, 3600.0)
INVALID_WINDOW = 7200.0
INVALID_LIMIT = 100


@dataclass(order=True)
class Attempt(Due):
    """One request that is to be sent at `due`."""

    hook: Webhook = field(compare=False)
    code: str = field(compare=False)
    body: bytes = field(compare=False)
    request_id: str = field(compare=False)
    number: int = field(compare=False, default=1)


@dataclass(frozen=True)
class Sent:
    """One finished attempt: `status` is the HTTP code, 0 for no connection."""

    at: float
    destination: str
    code: str
    number: int
    request_id: str
    status: int


def retry_delay(number: int, status: int) -> float | None:
    """Seconds until the next attempt after attempt `number` ended with `status`, None for the end.

    Three attempts for every failure, five when it was 499 or a server error.
    """
    if is_success(status) or number > len(LADDER):
        return None
    if number > 2 and not (status == 499 or 500 <= status <= 599):
        return None
    return LADDER[number - 1]


def is_success(status: int) -> bool:
    """Codes 100 to 299; a redirect is a failure."""
    return 100 <= status <= 299


class WebhookService(Courier[Attempt]):
    """Turns notices of the account into requests and sees them through."""

    def __init__(self, account: AccountState) -> None:
        super().__init__(account.clock, account.config.http, CLIENT_SECONDS)
        self._account = account
        self._invalid: dict[int, deque[float]] = {}
        self.sent: deque[Sent] = deque(maxlen=20_000)
        self.dropped = 0
        account.listeners.append(self.notice)

    def notice(self, notice: Notice) -> None:
        """Queue the hooks that a change raises; their bodies are frozen now."""
        live = [hook for hook in self._account.hooks.values() if not hook.disabled]
        if not live:
            return
        self._digital_pipeline(notice, live)
        for code, body in hooks_of(self._account, notice):
            for hook in live:
                if hook.dp_stage is None and code in hook.settings:
                    self._queue_with_faults(hook, code, self._envelope(body), notice)

    def _digital_pipeline(self, notice: Notice, live: list[Webhook]) -> None:
        if notice.code not in {"status_lead", "add_lead"}:
            return
        action = "status" if notice.code == "status_lead" else "add"
        for hook in live:
            for lead in (self._account.leads[number] for number in notice.ids):
                if hook.dp_stage != (lead.pipeline_id, lead.status_id):
                    continue
                row: Body = {"id": lead.id, "status_id": lead.status_id, "pipeline_id": lead.pipeline_id}
                if action == "status":
                    row |= {"old_status_id": lead.old_status_id, "old_pipeline_id": lead.old_pipeline_id}
                body = {"leads": {action: [row]}, "account": {"subdomain": self._account.subdomain}}
                self._queue_with_faults(hook, "digital_pipeline", brackets.encode(body), notice)

    def _envelope(self, body: Body) -> bytes:
        where = self._account.faults.account_block
        if where == "random":
            where = "first" if self._account.rng.random() < 0.5 else "last"
        block = account_block(self._account)
        return brackets.encode(block | body if where == "first" else body | block)

    def _queue_with_faults(self, hook: Webhook, code: str, body: bytes, notice: Notice) -> None:
        faults, rng = self._account.faults, self._account.rng
        found = arrivals(faults, rng)
        self.dropped += not found
        for delay in found:
            echo = rng.uniform(0, faults.echo_delay_max) if notice.origin == "api" else 0.0
            self._push(hook, code, body, self._account.now() + delay + echo, self._new_id(), 1)

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._account.rng.getrandbits(128), version=4))

    def _push(self, hook: Webhook, code: str, body: bytes, due: float, request_id: str, number: int) -> None:
        self._put(Attempt(due, self._next_order(), hook, code, body, request_id, number))

    def _may_go(self, attempt: Attempt, now: float) -> bool:
        return not attempt.hook.disabled and attempt.hook.id in self._account.hooks

    async def _send(self, attempt: Attempt) -> None:
        status = await self._post(attempt)
        now = self._account.now()
        self.sent.append(
            Sent(now, attempt.hook.destination, attempt.code, attempt.number, attempt.request_id, status)
        )
        if attempt.hook.dp_stage is not None:
            return  # the stage trigger gets one single attempt
        self._judge(attempt.hook, status, now)
        delay = retry_delay(attempt.number, status)
        if delay is not None:
            same = self._account.faults.same_requestid_on_retry
            request_id = attempt.request_id if same else self._new_id()
            self._push(attempt.hook, attempt.code, attempt.body, now + delay, request_id, attempt.number + 1)

    async def _post(self, attempt: Attempt) -> int:
        headers = {
            "user-agent": "amoCRM-Webhooks/3.0",
            "x-amocrm-requestid": attempt.request_id,
            "accept-encoding": "gzip",
            "content-type": "application/x-www-form-urlencoded",
        }
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self.http().post(
                    attempt.hook.destination, content=attempt.body, headers=headers
                )
        except (TimeoutError, httpx.TimeoutException):
            return self._account.faults.timeout_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code

    def _judge(self, hook: Webhook, status: int, now: float) -> None:
        """Disable a hook with more than 100 invalid answers in two hours, the last one included."""
        if is_success(status):
            return
        invalid = self._invalid.setdefault(hook.id, deque())
        invalid.append(now)
        while invalid and invalid[0] < now - INVALID_WINDOW:
            invalid.popleft()
        if len(invalid) > INVALID_LIMIT:
            hook.disabled = True

    def forgive(self, hook: Webhook) -> None:
        """Switch a hook on again by hand; nothing of what was lost is replayed."""
        hook.disabled = False
        self._invalid.pop(hook.id, None)
