"""Calls of one account: leave to call, a live token, one more try with a fresh one, pages."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from app.crm.adapters.amocrm import wire
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.errors import AuthExpired, Blocked, RateLimited
from app.crm.http import HttpClient, HttpRequest
from app.crm.port import Session

BLOCKED_PAUSE = 300.0
PAGE = 250
EVENTS_PAGE = 100
"""`D/crm_platform/events-and-notes` names 100 as the most for events."""

LAST_PAGE = 10_000


class Caller:
    """Sends requests on behalf of one installation and decodes the answers."""

    def __init__(self, session: Session, http: HttpClient, hosts: HostList) -> None:
        self._session, self._http = session, http
        self._origin = hosts.origin(session.account.host)

    async def read(self, path: str, params: wire.Params = (), *, priority: int, user_id: str = "") -> Any:
        """The answer of a read, None for 204. Raises CrmError."""
        fixed = tuple(params)
        return await self._ask(
            lambda token: wire.get(self._origin, path, token, fixed, user_id), priority=priority
        )

    async def write(self, method: str, path: str, body: Any) -> Any:
        """The answer of a write. Raises CrmError, Unknown when it may or may not have happened."""
        return await self._ask(lambda token: wire.write(self._origin, method, path, token, body), priority=0)

    async def pages(
        self, path: str, collection: str, params: wire.Params = (), *, priority: int, limit: int = PAGE
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """All pages of a list. The vendor's links name shard hosts, so pages are counted instead."""
        fixed = tuple(params)
        for page in range(1, LAST_PAGE):
            numbered = (*fixed, ("page", str(page)), ("limit", str(limit)))
            answer = await self.read(path, numbered, priority=priority)
            found = wire.embedded(answer, collection)
            if found:
                yield found
            if not found or not wire.has_next(answer):
                return

    async def all(
        self, path: str, collection: str, params: wire.Params = (), *, priority: int, limit: int = PAGE
    ) -> list[dict[str, Any]]:
        """All records of a list, each once: pages may shift while they are read."""
        found: dict[Any, dict[str, Any]] = {}
        async for page in self.pages(path, collection, params, priority=priority, limit=limit):
            found.update({record.get("id"): record for record in page})
        return list(found.values())

    async def _ask(self, build: Callable[[str], HttpRequest], *, priority: int) -> Any:
        await self._session.admit(priority)
        token = await self._session.access_token()
        try:
            return await self._send(build(token))
        except AuthExpired:
            token = await self._session.refused_token(token)
            await self._session.admit(priority)
            return await self._send(build(token))

    async def _send(self, request: HttpRequest) -> Any:
        reply = await self._http.send(request)
        try:
            return wire.decode(reply, is_write=request.is_write)
        except RateLimited as error:
            await self._session.punish(error.retry_after, "rate_limited")
            raise
        except Blocked:
            await self._session.punish(BLOCKED_PAUSE, "blocked")
            raise
