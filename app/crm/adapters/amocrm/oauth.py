"""Consent and tokens. The client's secret goes to account hosts of the allow-list, nowhere else.

https://www.amocrm.ru/developers/content/oauth/step-by-step
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from app.clock import Clock
from app.crm.adapters.amocrm import wire
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.errors import AuthExpired, NotFound, NotFromCrm, Rejected, Unavailable, Unknown
from app.crm.http import HttpClient, HttpReply, HttpRequest, Transport
from app.crm.port import Grant, TokenPair
from app.errors import BadRequest

CALLBACK = "/oauth/amocrm/callback"
CODE_LIMIT, TOKEN_LIMIT = 2048, 8192
REFRESH_AT = 0.75
"""Early enough that a lost answer leaves hours with the old access token."""

LONGEST_LIFE = timedelta(days=5 * 366)
"""A long-lived token lives from a day to five years."""


class AmocrmOAuth:
    """Calls of the token endpoint and what goes with it. One connection per call: they are rare."""

    def __init__(
        self,
        settings: AmocrmSettings,
        hosts: HostList,
        public_url: str,
        clock: Clock,
        transport: Transport | None = None,
    ) -> None:
        self._settings, self._hosts, self._clock = settings, hosts, clock
        self._redirect_uri, self._transport = public_url + CALLBACK, transport

    def authorize_url(self, state: str) -> str:
        """The consent page; there are no scopes and no redirect address to pass."""
        query = urlencode({"client_id": self._settings.client_id, "state": state, "mode": "popup"})
        return f"{self._hosts.consent_page(self._settings.authorize_url)}?{query}"

    async def grant(self, params: Mapping[str, str]) -> Grant:
        """Exchange the code of the redirect, whether a browser or amoCRM's server brought it.

        `referer` is an unauthenticated parameter: it has to pass the allow-list before our secret is
        sent there. Raises BadRequest, CrmError.
        """
        if params.get("error"):
            raise BadRequest("Access was not granted in the CRM.", code="consent_refused")
        code, host = params.get("code", ""), self._hosts.check(params.get("referer", ""))
        named = params.get("client_id") or self._settings.client_id
        if not 0 < len(code) <= CODE_LIMIT or named != self._settings.client_id:
            raise BadRequest("The link back from the CRM is incomplete.", code="bad_code")
        try:
            tokens = await self._exchange(host, {"grant_type": "authorization_code", "code": code})
        except (AuthExpired, Rejected, NotFound):
            message = "The CRM did not accept the code. Connect once more: a code works once, for 20 minutes."
            raise BadRequest(message, code="bad_code") from None
        return await self._grant(host, tokens)

    async def adopt(self, host: str, token: str) -> Grant:
        """Take a long-lived token into use. Raises BadRequest, AuthExpired, CrmError."""
        host = self._hosts.check(host)
        if not 0 < len(token) <= TOKEN_LIMIT or not token.isascii() or not token.isprintable():
            raise BadRequest("This is not a token.", code="bad_token")
        now = self._clock.now()
        return await self._grant(host, TokenPair(token, "", now, _end_of(token, now)))

    async def refresh(self, host: str, tokens: TokenPair) -> TokenPair:
        """Exchange the refresh token, which is void from then on.

        Raises AuthExpired when it was exchanged or revoked (do not match on texts: they differ),
        NotFound when the account is not at that host any more, Unknown when the answer was lost.
        """
        if not tokens.refresh_token:
            raise AuthExpired("a long-lived token cannot be refreshed")
        try:
            return await self._exchange(
                self._hosts.check(host),
                {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token},
            )
        except Rejected:
            raise AuthExpired("the refresh token is not accepted") from None

    async def find_host(self, host: str, tokens: TokenPair) -> str:
        """Where a renamed account lives, asked at the API's own domain with the refresh token.

        https://www.amocrm.ru/developers/content/oauth/account-subdomain-info
        The domain comes from an unverified claim, so it has to pass the allow-list too. Raises
        AuthExpired, CrmError.
        """
        if not tokens.refresh_token:
            raise AuthExpired("without a refresh token nobody tells where the account went")
        asked = self._allowed(_claims(tokens.access_token).get("api_domain")) or self._hosts.check(host)
        request = HttpRequest(
            "GET",
            f"{self._hosts.origin(asked)}/oauth2/account/current/subdomain",
            {"X-Refresh-Token": tokens.refresh_token, "Accept": "application/json"},
        )
        found = self._allowed(wire.child(wire.decode(await self._send(request)), "domain"))
        if found is None:
            raise Unavailable("the account's address is not one of the CRM's")
        return found

    def should_refresh(self, tokens: TokenPair, now: datetime) -> bool:
        """True after three quarters of the token's life; a long-lived one is never refreshed."""
        life = tokens.expires_at - tokens.issued_at
        return bool(tokens.refresh_token) and now >= tokens.issued_at + life * REFRESH_AT

    def verify_removal(self, params: Mapping[str, str]) -> str:
        """The account that switched us off: HMAC over "client|account" with our secret.

        The page names the first parameter `client_uuid` in one place and `client_id` in another.
        Raises NotFromCrm.
        """
        client = params.get("client_uuid") or params.get("client_id") or ""
        account = params.get("account_id", "")
        if not self._settings.is_configured or client != self._settings.client_id:
            raise NotFromCrm
        key = self._settings.client_secret.get_secret_value().encode()
        wanted = hmac.new(key, f"{client}|{account}".encode(), hashlib.sha256).hexdigest()
        if not account or not hmac.compare_digest(wanted.encode(), params.get("signature", "").encode()):
            raise NotFromCrm
        return account

    async def _exchange(self, host: str, fields: Mapping[str, str]) -> TokenPair:
        if not self._settings.is_configured:
            raise BadRequest("The keys of this CRM are not set up.", code="crm_not_configured")
        body = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
            "redirect_uri": self._redirect_uri,
            **fields,
        }
        url = f"{self._hosts.origin(host)}/oauth2/access_token"
        reply = await self._send(HttpRequest("POST", url, json=body, is_write=True))
        return _tokens(wire.decode(reply, is_write=True), self._clock.now())

    async def _grant(self, host: str, tokens: TokenPair) -> Grant:
        origin = self._hosts.origin(host)
        account = wire.decode(await self._send(wire.get(origin, "account", tokens.access_token)))
        external_id, user_id = wire.child(account, "id"), wire.child(account, "current_user_id")
        if not isinstance(external_id, int):
            raise Unavailable("the answer names no account")
        title = str(wire.child(account, "name") or host)[:255]
        return Grant(str(external_id), host, title, str(user_id or ""), tokens)

    async def _send(self, request: HttpRequest) -> HttpReply:
        client = HttpClient(self._transport)
        try:
            return await client.send(request)
        finally:
            await client.close()

    def _allowed(self, host: Any) -> str | None:
        try:
            return self._hosts.check(host) if isinstance(host, str) else None
        except BadRequest:
            return None


def _tokens(value: Any, now: datetime) -> TokenPair:
    """A pair from an answer. Unknown for anything else: the old pair may be void by now."""
    access, refresh = wire.child(value, "access_token"), wire.child(value, "refresh_token")
    seconds = wire.child(value, "expires_in")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise Unknown("the answer holds no tokens")
    if not isinstance(seconds, int) or seconds <= 0:
        raise Unknown("the answer does not tell how long the tokens live")
    return TokenPair(access, refresh, now, now + min(timedelta(seconds=seconds), LONGEST_LIFE))


def _end_of(token: str, now: datetime) -> datetime:
    """When a long-lived token ends, as it says itself; used for warnings only."""
    end = _claims(token).get("exp")
    latest = now + LONGEST_LIFE
    if isinstance(end, bool) or not isinstance(end, int) or not 0 < end < latest.timestamp():
        return latest
    return datetime.fromtimestamp(end, UTC)


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token that we cannot verify: hints, never proof."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}
