"""Calls of a portal on behalf of one installation: token, rate, time, address, batches, pages."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.clock import Clock
from app.crm.adapters.bitrix24 import wire
from app.crm.adapters.bitrix24.hosts import HostList
from app.crm.adapters.bitrix24.operating import OperatingTime
from app.crm.adapters.bitrix24.wire import Answer, Command, Moved, Params
from app.crm.errors import AuthExpired, Blocked, CrmError, RateLimited, Unavailable
from app.crm.http import HttpClient, Transport
from app.crm.port import Session
from app.errors import BadRequest

WRITE_BACK, HOOK, PAGE, POLL, BACKFILL = range(5)
"""Priorities, as `Session.admit` takes them."""

BLOCKED_PAUSE = 60.0
MOST_PAGES = 400
CRM = "crm."
REFERENCE = re.compile(r"\$result\[([^\]]+)\]")
Rows = Callable[[Any], list[dict[str, Any]]]


class Bitrix24Api:
    """Reads and writes under `/rest/`."""

    def __init__(
        self, session: Session, hosts: HostList, clock: Clock, transport: Transport | None = None
    ) -> None:
        self._session, self._hosts = session, hosts
        self._host = session.account.host
        self._operating = OperatingTime(clock)
        self._http = HttpClient(transport, public_only=hosts.is_box(self._host))

    async def call(self, method: str, params: Params, priority: int, *, is_write: bool = False) -> Any:
        """The result of one method. Raises CrmError; Unknown when a write may have happened."""
        return (await self._call(Command(method, params), priority, is_write=is_write)).value

    async def call_as(self, token: str, method: str, params: Params, priority: int) -> Any:
        """The result of a write with the rights of whoever's `token` it is, which is tried once.

        Raises CrmError; AuthExpired says nothing about our own token.
        """
        return (await self._send(Command(method, params), token, priority, is_write=True)).value

    async def page(self, method: str, params: Params, priority: int) -> Answer:
        """The result of one method with where its next page begins. Raises CrmError."""
        return await self._call(Command(method, params), priority, is_write=False)

    async def batch(
        self, commands: Mapping[str, Command], priority: int, *, is_write: bool = False
    ) -> dict[str, Answer | CrmError]:
        """What each command gave; any number of them, fifty at a time. Raises CrmError for the whole.

        Commands that found their token expired are made once more, as long as that helps some of them:
        it may end between two. So is what they refer to, which therefore has to be a read.
        """
        found: dict[str, Answer | CrmError] = {}
        names = list(commands)
        for start in range(0, len(names), wire.BATCH):
            part = {name: commands[name] for name in names[start : start + wire.BATCH]}
            told = await self._batch(part, priority, is_write=is_write)
            stale, before = _stale(told, part), len(part) + 1
            while stale and len(stale) < before:
                await self._session.refused_token(await self._session.access_token())
                told |= await self._batch(_with_sources(stale, part), priority, is_write=is_write)
                before, stale = len(stale), _stale(told, part)
            found |= told
        return found

    async def keyset(
        self, method: str, params: Params, priority: int, rows: Rows, key: str = "ID", after: int = 0
    ) -> list[dict[str, Any]]:
        """All records of a list in the order of their ids, without counting them.

        https://apidocs.bitrix24.com/settings/performance/huge-data.html
        Raises CrmError, Unavailable when the list does not end.
        """
        found: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            narrowed = {**params.get("filter", {}), f">{key}": after}
            asked = {**params, "filter": narrowed, "order": {key: "ASC"}, "start": -1}
            some = rows(await self.call(method, asked, priority))
            found.extend(some)
            if len(some) < wire.PAGE:
                return found
            after = int(some[-1][key])
        raise Unavailable(f"the list of {method} does not end")

    def pace(self, per_second: float, saved_calls: float) -> None:
        """The portal's plan allows calls at another rate."""
        self._session.pace(per_second, saved_calls)

    async def close(self) -> None:
        """Give up the connections."""
        await self._http.close()

    async def _batch(
        self, commands: Mapping[str, Command], priority: int, *, is_write: bool
    ) -> dict[str, Answer | CrmError]:
        if is_write:
            commands = {name: _from_us(each) for name, each in commands.items()}
        self._operating.check(each.method for each in commands.values())
        answer = await self._call(wire.batch_of(commands), priority, is_write=is_write)
        told, timings = wire.unpack(answer.value, commands, is_write=is_write)
        self._operating.note(timings)
        tired = {name for name, each in told.items() if isinstance(each, wire.OperatingLimit)}
        if tired:
            error = self._operating.refuse({commands[name].method for name in tired})
            told |= dict.fromkeys(tired, error)
        return told

    async def _call(self, command: Command, priority: int, *, is_write: bool) -> Answer:
        command = _from_us(command) if is_write else command
        self._operating.check([command.method])
        token = await self._session.access_token()
        try:
            return await self._send(command, token, priority, is_write=is_write)
        except AuthExpired:
            token = await self._session.refused_token(token)
        return await self._send(command, token, priority, is_write=is_write)

    async def _send(self, command: Command, token: str, priority: int, *, is_write: bool) -> Answer:
        try:
            return await self._once(command, token, priority, is_write=is_write)
        except Moved as moved:
            await self._follow(moved.location)
        try:
            return await self._once(command, token, priority, is_write=is_write)
        except Moved:
            raise Unavailable("the portal sends us from address to address") from None

    async def _once(self, command: Command, token: str, priority: int, *, is_write: bool) -> Answer:
        await self._session.admit(priority)
        request = wire.request(self._hosts.origin(self._host), command, token, is_write=is_write)
        reply = await self._http.send(request)
        try:
            decoded = wire.decode(reply, command.method, is_write=is_write)
        except wire.OperatingLimit:
            raise self._operating.refuse([command.method]) from None
        except RateLimited as error:
            await self._session.punish(error.retry_after, "rate_limited")
            raise
        except Blocked:
            await self._session.punish(BLOCKED_PAUSE, "blocked")
            raise
        self._operating.note(decoded.timings)
        return decoded.answer

    async def _follow(self, location: str) -> None:
        """A renamed portal answers 302; nothing was done at the old address.

        https://apidocs.bitrix24.com/api-reference/how-to-call-rest-api/change-domen.html
        """
        try:
            self._host = self._hosts.host_of(location)
        except BadRequest:
            raise Unavailable("the portal sends us to an address that is not allowed") from None
        await self._session.moved(self._host)


def _from_us(command: Command) -> Command:
    """A write to the CRM says that it is ours; a subscription would be bound to the name."""
    if not command.method.startswith(CRM):
        return command
    return Command(command.method, {**command.params, "auth_connector": wire.SOURCE_KEY})


def _stale(told: Mapping[str, Answer | CrmError], part: Mapping[str, Command]) -> dict[str, Command]:
    """The commands whose token was not accepted."""
    return {name: part[name] for name, each in told.items() if isinstance(each, AuthExpired)}


def _with_sources(stale: Mapping[str, Command], part: Mapping[str, Command]) -> dict[str, Command]:
    """These commands and those whose results they take: a request knows only its own."""
    needed = {name for each in stale.values() for name in REFERENCE.findall(str(each.params))}
    return {name: each for name, each in part.items() if name in stale or name in needed}
