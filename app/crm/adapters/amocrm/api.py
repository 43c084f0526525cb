"""Calls of the REST API on behalf of one installation: token, rate, one repetition after a 401."""

from collections.abc import Callable
from typing import Any

from app.crm.adapters.amocrm import wire
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.errors import AuthExpired, Blocked, NotFound, RateLimited, Unavailable, Unsupported
from app.crm.http import HttpClient, HttpReply, HttpRequest, Transport
from app.crm.port import Session

WRITE_BACK, HOOK, PAGE, POLL, BACKFILL = range(5)
"""Priorities, as `Session.admit` takes them."""

BLOCKED_PAUSE = 60.0
"""Seconds without any call after a ban; then the account is tried, ever less often."""

MOST_PAGES = 500
Build = Callable[[str, str], HttpRequest]
Params = list[tuple[str, str]]


class AmocrmApi:
    """Reads and writes under `/api/v4`."""

    def __init__(self, session: Session, hosts: HostList, transport: Transport | None = None) -> None:
        self._session, self._hosts = session, hosts
        self._http = HttpClient(transport)

    async def get(self, path: str, priority: int, params: Params | None = None) -> Any:
        """The answer to a read, None for 204. Raises CrmError."""
        try:
            return await self._call(
                lambda origin, token: wire.get(origin, path, token, params or ()), priority
            )
        except NotFound:
            await self._check_address(priority)
            raise

    async def get_as(self, user_id: str, path: str, priority: int) -> Any:
        """A read with another user's rights; None when he may not, or does not exist.

        https://www.amocrm.ru/developers/content/oauth/scopes
        A refused user looks like a refused token, so the token is tried alone first.
        """
        await self.get("account", priority)
        token = await self._session.access_token()
        await self._session.admit(priority)
        origin = self._hosts.origin(self._session.account.host)
        reply = await self._http.send(wire.get(origin, path, token, user_id=user_id))
        try:
            return await self._decoded(reply)
        except (AuthExpired, Unsupported, NotFound):
            return None

    async def write(self, method: str, path: str, body: Any, priority: int = WRITE_BACK) -> Any:
        """The answer to a write. Raises CrmError; Unknown when it may have happened."""
        return await self._call(
            lambda origin, token: wire.write(origin, method, path, token, body), priority, is_write=True
        )

    async def page(
        self, path: str, collection: str, number: int, limit: int, priority: int, params: Params | None = None
    ) -> tuple[list[dict[str, Any]], bool]:
        """The records of one page, and whether there is another."""
        numbered = [*(params or []), ("page", str(number)), ("limit", str(limit))]
        value = await self.get(path, priority, numbered)
        return wire.embedded(value, collection), wire.has_next(value)

    async def every(
        self,
        path: str,
        collection: str,
        limit: int,
        priority: int,
        params: Params | None = None,
        *,
        most_pages: int = MOST_PAGES,
    ) -> list[dict[str, Any]]:
        """The records of all pages. Raises Unavailable when they do not end."""
        found: list[dict[str, Any]] = []
        for number in range(1, most_pages + 1):
            records, more = await self.page(path, collection, number, limit, priority, params)
            found.extend(records)
            if not more:
                return found
        raise Unavailable(f"the list of {collection} does not end")

    async def close(self) -> None:
        """Give up the connections."""
        await self._http.close()

    async def _call(self, build: Build, priority: int, *, is_write: bool = False) -> Any:
        token = await self._session.access_token()
        try:
            return await self._send(build, token, priority, is_write=is_write)
        except AuthExpired:
            token = await self._session.refused_token(token)
        try:
            return await self._send(build, token, priority, is_write=is_write)
        except AuthExpired:
            # The new token is good: the account has moved, and the next client knows where to.
            raise Unavailable("a fresh token is refused at this address") from None

    async def _send(self, build: Build, token: str, priority: int, *, is_write: bool) -> Any:
        await self._session.admit(priority)
        origin = self._hosts.origin(self._session.account.host)
        return await self._decoded(await self._http.send(build(origin, token)), is_write=is_write)

    async def _decoded(self, reply: HttpReply, *, is_write: bool = False) -> Any:
        try:
            return wire.decode(reply, is_write=is_write)
        except RateLimited as error:
            await self._session.punish(error.retry_after, "rate_limited")
            raise
        except Blocked:
            await self._session.punish(BLOCKED_PAUSE, "blocked")
            raise

    async def _check_address(self, priority: int) -> None:
        """A 404 may mean that the account has moved: an unknown record is answered with 204."""
        try:
            await self._call(lambda origin, token: wire.get(origin, "account", token), priority)
        except NotFound:
            await self._session.refused_token(await self._session.access_token())
            raise Unavailable("the account is not at this address any more") from None
