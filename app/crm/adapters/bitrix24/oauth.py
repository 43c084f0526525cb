"""Consent and tokens. The app's secret goes to the vendor's two authorisation servers, nowhere else.

https://apidocs.bitrix24.com/settings/oauth/index.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.clock import Clock
from app.crm.adapters.bitrix24 import wire
from app.crm.adapters.bitrix24.hosts import AUTH_HOSTS, HostList
from app.crm.adapters.bitrix24.languages import language_of
from app.crm.adapters.bitrix24.proofs import Prover, TokenOwner
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.adapters.bitrix24.wire import child
from app.crm.errors import AuthExpired, NotFromCrm, Rejected, Unknown, Unsupported
from app.crm.http import HttpRequest
from app.crm.port import Grant, TokenPair
from app.errors import BadRequest

LIMIT = 2048
INSTALL_EVENTS = ("ONAPPINSTALL", "ONAPPUPDATE")
KEEP_ALIVE = timedelta(days=150)
"""A refresh token lives 180 days; one that nobody has used for so long is renewed before it ends."""

LONGEST_LIFE = timedelta(days=1)
SEPARATOR = "|"
INCOMPLETE = "The link back from the CRM is incomplete."


class Bitrix24OAuth:
    """Calls of the authorisation server and what goes with it."""

    def __init__(self, settings: Bitrix24Settings, hosts: HostList, prover: Prover, clock: Clock) -> None:
        self._settings, self._hosts, self._prover, self._clock = settings, hosts, prover, clock

    def authorize_url(self, state: str) -> str:
        """The consent page of the operator's own portal. Raises BadRequest where none is set: an app of
        the Market is installed inside Bitrix24.
        """
        if not self._settings.portal:
            message = "Open Stepgate inside the CRM and install it there."
            raise BadRequest(message, code="install_in_crm")
        query = urlencode({"client_id": self._settings.client_id, "state": state})
        return f"{self._hosts.origin(self._settings.portal)}/oauth/authorize/?{query}"

    async def grant(self, params: Mapping[str, str]) -> Grant:
        """The code of a redirect, the post of an install page, or an ONAPPINSTALL or ONAPPUPDATE.

        None of them is trusted: the authorisation server says whose token it is, the portal whether
        its person is an administrator. Raises BadRequest, CrmError.
        """
        if not self._settings.is_configured:
            raise BadRequest("The keys of this CRM are not set up.", code="crm_not_configured")
        if params.get("error"):
            raise BadRequest("Access was not granted in the CRM.", code="consent_refused")
        if params.get("code"):
            return await self._by_code(params)
        if params.get("AUTH_ID"):
            return await self._by_post(params, _POSTED)
        if params.get("event", "").upper() in INSTALL_EVENTS:
            return await self._by_post(params, _TOLD)
        raise BadRequest(INCOMPLETE, code="bad_code")

    async def adopt(self, host: str, token: str) -> Grant:
        """There are no long-lived tokens that could subscribe to events. Raises BadRequest."""
        raise BadRequest("This CRM is connected by installing the app in it.", code="token_unsupported")

    async def refresh(self, host: str, tokens: TokenPair) -> TokenPair:
        """Exchange the refresh token at the server that gave it; it is replaced.

        Raises AuthExpired when it was used up or the app was removed, Unknown when the answer was lost.
        """
        server, _, token = tokens.refresh_token.rpartition(SEPARATOR)
        if not token or not server:
            raise AuthExpired("there is no refresh token")
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        try:
            return self._pair(await self._exchange(self._server(server), fields))
        except (Rejected, Unsupported):
            raise AuthExpired("the refresh token is not accepted") from None

    async def find_host(self, host: str, tokens: TokenPair) -> str:
        """Where the portal of the access token lives now. Raises AuthExpired, CrmError."""
        server, _, _ = tokens.refresh_token.rpartition(SEPARATOR)
        if not server:
            raise AuthExpired("without its server nobody tells where the portal went")
        return (await self._prover.owner(self._server(server), tokens.access_token)).host

    def should_refresh(self, tokens: TokenPair, now: datetime) -> bool:
        """Only when the refresh token grows old: a token is renewed when it is refused, by the vendor's wish.

        https://apidocs.bitrix24.com/settings/oauth/auto-renewal.html
        """
        return bool(tokens.refresh_token) and now - tokens.issued_at >= KEEP_ALIVE

    def verify_removal(self, params: Mapping[str, str]) -> str:
        """A removal comes as an event with the portal's secret, never like this. Raises NotFromCrm."""
        raise NotFromCrm

    async def _by_code(self, params: Mapping[str, str]) -> Grant:
        code, domain = params["code"], params.get("server_domain") or AUTH_HOSTS[0]
        if len(code) > LIMIT:
            raise BadRequest(INCOMPLETE, code="bad_code")
        server = self._server_of(domain)
        try:
            answer = await self._exchange(server, {"grant_type": "authorization_code", "code": code})
        except (AuthExpired, Rejected, Unsupported):
            message = "The CRM did not accept the code. Connect once more: a code works once, for 30 seconds."
            raise BadRequest(message, code="bad_code") from None
        tokens = self._pair(answer)
        owner = await self._prover.owner(server, tokens.access_token)
        return await self._granted(owner, tokens, params.get("member_id", ""))

    async def _by_post(self, params: Mapping[str, str], names: Mapping[str, str]) -> Grant:
        given = {meaning: params.get(name, "") for meaning, name in names.items()}
        access, refresh = given["access"], given["refresh"]
        if not refresh or not given["member_id"] or max(len(access), len(refresh)) > LIMIT:
            raise BadRequest(INCOMPLETE, code="bad_code")
        server = self._hosts.auth_server(given["server"])
        try:
            owner = await self._prover.owner(server, access)
        except AuthExpired:
            raise BadRequest("The CRM does not know this token.", code="bad_token") from None
        seconds = given["seconds"]
        life = timedelta(seconds=int(seconds) if seconds.isdigit() and len(seconds) < 9 else 3600)
        now = self._clock.now()
        tokens = TokenPair(access, server + SEPARATOR + refresh, now, now + min(life, LONGEST_LIFE))
        language = language_of(params.get("LANG") or params.get("data[LANGUAGE_ID]", ""))
        return await self._granted(owner, tokens, given["member_id"], given["secret"], language)

    async def _granted(
        self, owner: TokenOwner, tokens: TokenPair, member_id: str, secret: str = "", language: str = ""
    ) -> Grant:
        if owner.client_id != self._settings.client_id or (member_id and owner.member_id != member_id):
            raise BadRequest("This token belongs to another app or account.", code="bad_token")
        person = await self._prover.person(owner, tokens.access_token)
        if not person.is_admin:
            message = "Stepgate is connected by an administrator of the CRM."
            raise BadRequest(message, code="admin_needed")
        return Grant(
            owner.member_id,
            owner.host,
            owner.host,
            person.user_id,
            tokens,
            is_admin=True,
            hook_secret=secret,
            language=language,
        )

    async def _exchange(self, server: str, fields: Mapping[str, str]) -> Any:
        form = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
            **fields,
        }
        headers = {"User-Agent": wire.AGENT, "Accept": "application/json"}
        request = HttpRequest("POST", f"{server}oauth/token/", headers, form=form, is_write=True)
        return wire.token_answer(await self._prover.send(request))

    def _pair(self, answer: Any) -> TokenPair:
        """A pair from an answer, with the server that is to be asked next. Unknown for anything else:
        the old pair may be void by now.
        """
        access, refresh = child(answer, "access_token"), child(answer, "refresh_token")
        seconds, endpoint = child(answer, "expires_in"), child(answer, "server_endpoint")
        if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
            raise Unknown("the answer holds no tokens")
        life = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else timedelta(hours=1)
        try:
            server = self._hosts.auth_server(endpoint if isinstance(endpoint, str) else "")
        except BadRequest:
            raise Unknown("the answer names a server that is not the CRM's") from None
        now = self._clock.now()
        return TokenPair(access, server + SEPARATOR + refresh, now, now + min(life, LONGEST_LIFE))

    def _server(self, base: str) -> str:
        try:
            return self._hosts.auth_server(f"{base}rest/")
        except BadRequest:
            raise AuthExpired("the server of the tokens is not allowed any more") from None

    def _server_of(self, domain: str) -> str:
        """A server by its host; a trusted origin has it under a path of its own."""
        if domain in AUTH_HOSTS:
            return f"https://{domain}/"
        return self._hosts.trusted_server(urlsplit(f"//{domain}").netloc)


_POSTED = {
    "access": "AUTH_ID", "refresh": "REFRESH_ID", "seconds": "AUTH_EXPIRES", "server": "SERVER_ENDPOINT",
    "member_id": "member_id", "secret": "APPLICATION_TOKEN",
}  # fmt: skip
_TOLD = {
    "access": "auth[access_token]", "refresh": "auth[refresh_token]", "seconds": "auth[expires_in]",
    "server": "auth[server_endpoint]", "member_id": "auth[member_id]", "secret": "auth[application_token]",
}  # fmt: skip
