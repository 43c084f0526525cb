"""Online events: queued when a change happens, delivered once, lost when the handler fails."""

import asyncio
import heapq
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from app.sandbox import brackets
from app.sandbox.bitrix24.apps import LOOP_GUARD, App, Apps, Handler
from app.sandbox.bitrix24.event_bodies import auth_block, body_of
from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.state import PortalState
from app.sandbox.clock import RealClock

AGENT = "Bitrix24 Webhook Engine"
ANSWER_SECONDS = 30.0
LONGEST_PAUSE = 600.0
PING_SECONDS = 1.0


@dataclass(order=True)
class Attempt:
    """One request that is to be sent at `due`."""

    due: float
    order: int
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


class EventService:
    """Turns notices of the portal into requests. There are no retries."""

    def __init__(self, portal: PortalState, apps: Apps) -> None:
        self._portal, self._apps = portal, apps
        self._queue: list[Attempt] = []
        self._order = 0
        self._pauses: dict[str, float] = {}
        self._open_at: dict[str, float] = {}
        self._pinged_at: dict[int, float] = {}
        self._http = portal.config.http
        self._own_http = False
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
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
        faults, rng = self._portal.faults, self._portal.rng
        body = body_of(self._portal, notice, handler.id, self._auth(app, handler, notice))
        if faults.drop_rate and rng.random() < faults.drop_rate:
            self.dropped += 1
            return
        copies = 2 if faults.duplicate_rate and rng.random() < faults.duplicate_rate else 1
        for _ in range(copies):
            delay = rng.uniform(faults.delay_min, max(faults.delay_min, faults.delay_max))
            if faults.reorder_rate and rng.random() < faults.reorder_rate:
                delay += rng.uniform(0, faults.reorder_seconds)
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
        self._order += 1
        due = self._portal.now() + delay
        heapq.heappush(self._queue, Attempt(due, self._order, url, event, brackets.encode(body)))
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Requests that are queued for now or later."""
        return len(self._queue)

    def next_due(self) -> float | None:
        """When the next queued request is due, unix seconds."""
        return self._queue[0].due if self._queue else None

    async def drain(self) -> int:
        """Send everything that is due by the portal's clock; answers how many requests were made."""
        done = 0
        while True:
            due = self._take_due()
            if not due and not self._running:
                return done
            done += len(due)
            await asyncio.gather(*(self._send(attempt) for attempt in due), *self._running)

    def _take_due(self) -> list[Attempt]:
        due: list[Attempt] = []
        now = self._portal.now()
        while self._queue and self._queue[0].due <= now:
            attempt = heapq.heappop(self._queue)
            opens = self._open_at.get(attempt.url, 0.0)
            if opens > now:
                attempt.due = opens
                heapq.heappush(self._queue, attempt)
            else:
                due.append(attempt)
        return due

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

    def http(self) -> httpx.AsyncClient:
        """The client for everything that the portal's server sends."""
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=ANSWER_SECONDS)
            self._own_http = True
        return self._http

    def start(self) -> None:
        """Deliver in the background from now on (real time only; tests with their own clock drain)."""
        if self._pump is None and isinstance(self._portal.clock, RealClock):
            self._pump = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            for attempt in self._take_due():
                task = asyncio.create_task(self._send(attempt))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            self._wake.clear()
            due = self.next_due()
            pause = 60.0 if due is None else max(0.0, due - self._portal.now())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def stop(self) -> None:
        """End the background delivery and close what this service opened."""
        tasks = [*self._running, *([self._pump] if self._pump else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pump = None
        if self._own_http and self._http is not None:
            await self._http.aclose()
            self._http, self._own_http = None, False
