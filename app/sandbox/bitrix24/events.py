"""Online events: queued when a change happens, delivered once, lost when the handler fails."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import httpx

from app.sandbox import brackets
from app.sandbox.bitrix24.apps import LOOP_GUARD, App, Apps, Handler
from app.sandbox.bitrix24.event_bodies import auth_block, body_of
from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.state import PortalState
from app.sandbox.courier import Courier, Due
from app.sandbox.journey import arrivals

AGENT = "Bitrix24 Webhook Engine"
ANSWER_SECONDS = 30.0
LONGEST_PAUSE = 600.0
PING_SECONDS = 1.0


@dataclass(order=True)
class Attempt(Due):
    """One request that is to be sent at `due`."""

    url: str = field(compare=False)
    event: str = field(compare=False)
    body: bytes = field(compare=False)


@dataclass(frozen=True)
class Sent:
    """One finished request: `status` is the HTTP code, 0 for no connection or no answer in time."""

    at: float
    url: str
    event: str
    status: int


class EventService(Courier[Attempt]):
    """Turns notices of the portal into requests. There are no retries."""

    def __init__(self, portal: PortalState, apps: Apps) -> None:
        super().__init__(portal.clock, portal.config.http, ANSWER_SECONDS)
        self._portal, self._apps = portal, apps
        self._pauses: dict[str, float] = {}
        self._open_at: dict[str, float] = {}
        self._pinged_at: dict[int, float] = {}
        self.sent: deque[Sent] = deque(maxlen=20_000)
        self.dropped = 0
        portal.listeners.append(self.notice)

    def notice(self, notice: Notice) -> None:
        """Queue the events that a change raises; their bodies and tokens are made now."""
        if notice.hops == 0:
            return  # the loop guard: a chain of changes made with event-born tokens ends here
        repeats = self._portal.faults.updates_per_save if notice.event == "ONCRMDEALUPDATE" else 1
        for app in self._apps.by_client.values():
            if not app.installed or app.payment_expired or self._portal.faults.unpaid:
                continue
            for handler in list(app.handlers):
                if handler.event == notice.event and not handler.offline:
                    for _ in range(repeats):
                        self.queue(app, handler, notice)

    def queue(self, app: App, handler: Handler, notice: Notice) -> None:
        """One event for one handler, with the switched losses on its way."""
        body = body_of(self._portal, notice, handler.id, self._auth(app, handler, notice))
        found = arrivals(self._portal.faults, self._portal.rng)
        self.dropped += not found
        for delay in found:
            self.push(handler.url, notice.event, body, delay)

    def _auth(self, app: App, handler: Handler, notice: Notice) -> dict[str, object]:
        """The auth block; changes of robots have no user, hence no tokens."""
        user = self._portal.users.get(handler.user_id or notice.by)
        rate = self._portal.faults.system_event_rate
        is_system = notice.origin == "robot" or (rate > 0 and self._portal.rng.random() < rate)
        if user is None or not user.is_active or is_system:
            return auth_block(self._portal, app, None)
        hops = LOOP_GUARD if notice.hops is None else notice.hops - 1
        return auth_block(self._portal, app, self._apps.issue(app, user.id, hops))

    def test(self, app: App, user_id: int, data: dict[str, object]) -> None:
        """Fire ONAPPTEST at one application."""
        notice = Notice("ONAPPTEST", data, user_id, self._portal.now(), "api")
        for handler in app.handlers:
            if handler.event == "ONAPPTEST" and not handler.offline:
                self.queue(app, handler, notice)

    def ping(self, app: App) -> None:
        """Say that the offline queue has something, at most once per `minTimeout` of the binding."""
        now = self._portal.now()
        for handler in app.handlers:
            least = float(str(handler.options.get("minTimeout") or PING_SECONDS))
            if handler.event != "ONOFFLINEEVENT" or now < self._pinged_at.get(handler.id, 0.0) + least:
                continue
            self._pinged_at[handler.id] = now
            auth = auth_block(self._portal, app, self._apps.issue(app, app.installer_id), with_refresh=True)
            notice = Notice("ONOFFLINEEVENT", {}, 0, now, "ui")
            self.push(handler.url, notice.event, body_of(self._portal, notice, handler.id, auth))

    def push(self, url: str, event: str, body: object, delay: float = 0.0) -> None:
        """Put a finished body into the queue; `delay` is in seconds."""
        due = self._portal.now() + delay
        self._put(Attempt(due, self._next_order(), url, event, brackets.encode(body)))

    def _may_go(self, attempt: Attempt, now: float) -> bool:
        opens = self._open_at.get(attempt.url, 0.0)
        if opens > now:
            attempt.due = opens
            self._put(attempt)
        return opens <= now

    async def _send(self, attempt: Attempt) -> None:
        started = self._portal.now()
        status = await self.post(attempt.url, attempt.body)
        now = self._portal.now()
        self.sent.append(Sent(now, attempt.url, attempt.event, status))
        self._slow_down(attempt.url, now - started, now)

    def _slow_down(self, url: str, took: float, now: float) -> None:
        """A handler that is slow to answer is called less often, with growing pauses."""
        if took < self._portal.faults.slow_after:
            self._pauses.pop(url, None)
            return
        pause = min(2 * self._pauses.get(url, self._portal.faults.slow_pause / 2), LONGEST_PAUSE)
        self._pauses[url] = pause
        self._open_at[url] = now + pause

    async def post(self, url: str, body: bytes) -> int:
        """One form POST by the portal's server; 0 when nobody answered."""
        headers = {"user-agent": AGENT, "content-type": "application/x-www-form-urlencoded"}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self.http().post(url, content=body, headers=headers)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code
