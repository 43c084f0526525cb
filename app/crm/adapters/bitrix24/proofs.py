"""Whom a token belongs to: the authorisation server's word, the only one about it that can be trusted.

https://apidocs.bitrix24.com/settings/oauth/index.html
"""

from dataclasses import dataclass
from typing import Any

from app.crm.adapters.bitrix24 import wire
from app.crm.adapters.bitrix24.hosts import AUTH_HOSTS, HostList
from app.crm.adapters.bitrix24.records import id_of, is_yes
from app.crm.adapters.bitrix24.wire import Answer, Command, child
from app.crm.errors import AuthExpired, CrmError, NotFound, Unavailable, Unsupported
from app.crm.http import HttpClient, HttpReply, HttpRequest, Transport
from app.errors import BadRequest

DEFAULT_SERVERS = tuple(f"https://{host}/" for host in AUTH_HOSTS)


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """The app, portal and person of a token. `server` is the authorisation server that said so."""

    server: str
    client_id: str
    member_id: str
    host: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who a token's person is. `may_read` tells of the deal that was asked about."""

    user_id: str
    name: str
    is_admin: bool
    may_read: bool = False


@dataclass(frozen=True, slots=True)
class Prover:
    """Asks about tokens. One connection per question: they are rare."""

    hosts: HostList
    transport: Transport | None = None

    async def owner(self, server: str, access_token: str) -> TokenOwner:
        """Whose token it is, as the authorisation server says; the portal passes the allow-list too.

        Raises AuthExpired for a token that it does not know, CrmError.
        """
        request = HttpRequest(
            "POST",
            f"{server}rest/app.info",
            {"User-Agent": wire.AGENT, "Accept": "application/json"},
            form={"auth": access_token},
        )
        told = wire.decode(await self.send(request), "app.info").answer.value
        install = child(told, "install")
        member_id, endpoint = child(install, "member_id"), child(install, "client_endpoint")
        try:
            host = self.hosts.host_of(endpoint if isinstance(endpoint, str) else "")
        except BadRequest:
            raise Unavailable("the portal's address is not one of the CRM's") from None
        if not isinstance(member_id, str) or not member_id:
            raise Unavailable("the answer names no portal")
        user_id = id_of(child(told, "user_id"))
        return TokenOwner(server, str(child(told, "client_id") or ""), member_id, host, user_id)

    async def owner_anywhere(self, servers: tuple[str, ...], access_token: str) -> TokenOwner:
        """The owner, asked of each server until one knows the token. Raises AuthExpired, CrmError."""
        refusal: CrmError = AuthExpired("nobody knows the token")
        for server in servers:
            try:
                return await self.owner(server, access_token)
            except CrmError as error:
                refusal = error
        raise refusal

    async def person(self, owner: TokenOwner, access_token: str, deal_id: str = "") -> Person:
        """The token's person at his portal, and whether he may read a deal there.

        https://apidocs.bitrix24.com/api-reference/common/users/profile.html
        Raises AuthExpired for somebody who has left, Unsupported for one who may not use the app.
        """
        commands = {"profile": Command("profile")}
        if deal_id:
            commands["deal"] = Command("crm.item.get", {"entityTypeId": 2, "id": deal_id})
        request = wire.request(self.hosts.origin(owner.host), wire.batch_of(commands), access_token)
        answer = wire.decode(await self.send(request, owner.host), "batch").answer
        told, _ = wire.unpack(answer.value, commands, is_write=False)
        profile = _value(told["profile"])
        user_id = id_of(child(profile, "ID"))
        if not user_id or user_id != owner.user_id:
            raise AuthExpired("the token's person is not active")
        words = (str(child(profile, "NAME") or ""), str(child(profile, "LAST_NAME") or ""))
        name = " ".join(word for word in words if word)
        may_read = bool(deal_id) and _is_shown(told["deal"])
        return Person(user_id, name, is_yes(child(profile, "ADMIN")), may_read)

    async def send(self, request: HttpRequest, host: str = "") -> HttpReply:
        """The answer to a request that stands alone; `host` is the portal that it goes to, if any."""
        client = HttpClient(self.transport, public_only=self.hosts.is_box(host))
        try:
            return await client.send(request)
        finally:
            await client.close()


def _value(told: Answer | CrmError) -> Any:
    if isinstance(told, CrmError):
        raise told
    return told.value


def _is_shown(told: Answer | CrmError) -> bool:
    if isinstance(told, NotFound | Unsupported):
        return False
    return bool(child(_value(told), "item", "id"))
