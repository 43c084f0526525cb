"""Consent and tokens of amoCRM. https://www.amocrm.ru/developers/content/oauth/step-by-step"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from app.clock import Clock
from app.crm.adapters.amocrm import wire
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.errors import AuthExpired, Blocked, NotFound, NotFromCrm, Rejected, Unavailable
from app.crm.http import HttpClient, HttpReply, HttpRequest
from app.crm.port import Grant, TokenPair
from app.errors import BadRequest, Unauthorized

REFRESH_AT = 0.75
"""The share of a token's life after which it is refreshed: a lost answer then leaves six hours."""

LONG_LIVED_DEFAULT = timedelta(days=365)


class AmocrmOAuth:
    """Exchanges codes and refresh tokens. The secret goes to hosts of the list only."""

    def __init__(
        self, settings: AmocrmSettings, hosts: HostList, http: HttpClient, public_url: str, clock: Clock
    ) -> None:
        self._settings, self._hosts, self._http, self._clock = settings, hosts, http, clock
        self._redirect_uri = f"{public_url}/oauth/amocrm/callback"

    def authorize_url(self, state: str) -> str:
        """The consent page. Raises BadRequest when the integration's keys are not set."""
        self._require_keys()
        query = urlencode({"client_id": self._settings.client_id, "state": state, "mode": "popup"})
        return f"{self._settings.authorize_url}?{query}"

    async def grant(self, params: Mapping[str, str]) -> Grant:
        """Exchange the code that the redirect brought (20 minutes, once).

        A widget's installation comes from amoCRM's own server with `from_widget` and without
        `state`; whether a state was due is for the caller to check. Raises BadRequest,
        Unauthorized, CrmError.
        """
        self._require_keys()
        if params.get("error"):
            raise Unauthorized("The administrator did not give consent.", code="consent_refused")
        code, referer = params.get("code", ""), params.get("referer", "")
        if not code or not referer:
            raise BadRequest("The CRM sent no code.", code="code_missing")
        if params.get("client_id", self._settings.client_id) != self._settings.client_id:
            raise BadRequest("The code is for another integration.", code="client_unknown")
        host = self._hosts.check(referer)
        try:
            tokens = await self._exchange(host, {"grant_type": "authorization_code", "code": code})
        except AuthExpired:
            raise Unauthorized("The code was used already or is too old.", code="code_refused") from None
        return await self._grant(host, tokens)

    async def adopt(self, host: str, token: str) -> Grant:
        """Take a long-lived token into use; its own end is read from it, else a year is assumed."""
        now = self._clock.now()
        expires_at = _claimed_end(token) or now + LONG_LIVED_DEFAULT
        return await self._grant(self._hosts.check(host), TokenPair(token, "", now, expires_at))

    async def refresh(self, host: str, tokens: TokenPair) -> TokenPair:
        """Exchange the refresh token, once: the old pair is void afterwards."""
        if not tokens.refresh_token:
            raise AuthExpired("a long-lived token cannot be refreshed")
        body = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return await self._exchange(self._hosts.check(host), body)

    async def find_host(self, host: str, tokens: TokenPair) -> str:
        """The account's host after a renaming, asked by the refresh token.

        https://www.amocrm.ru/developers/content/oauth/account-subdomain-info
        """
        api_host = self._api_host(tokens.access_token) or host
        url = f"{self._hosts.origin(api_host)}/oauth2/account/current/subdomain"
        reply = await self._http.send(HttpRequest("GET", url, {"X-Refresh-Token": tokens.refresh_token}))
        found = wire.child(wire.decode(reply), "domain")
        if not isinstance(found, str):
            raise Unavailable("the answer names no domain")
        return self._check_found(found)

    def should_refresh(self, tokens: TokenPair, now: datetime) -> bool:
        """True after three quarters of the token's life; never for a long-lived one."""
        life = tokens.expires_at - tokens.issued_at
        return bool(tokens.refresh_token) and now >= tokens.issued_at + life * REFRESH_AT

    def verify_removal(self, params: Mapping[str, str]) -> str:
        """The account of a genuine disable hook: HMAC-SHA256 of "client uuid|account id".

        Documentation names the first parameter both ways, so both are read.
        """
        account_id = params.get("account_id", "")
        uuid = params.get("client_uuid") or params.get("client_id") or ""
        key = self._settings.client_secret.get_secret_value()
        expected = hmac.new(key.encode(), f"{uuid}|{account_id}".encode(), hashlib.sha256).hexdigest()
        given = params.get("signature", "").lower()
        is_ours = bool(key) and uuid == self._settings.client_id and account_id.isdigit()
        if not hmac.compare_digest(expected.encode(), given.encode()) or not is_ours:
            raise NotFromCrm
        return account_id

    async def _exchange(self, host: str, body: Mapping[str, str]) -> TokenPair:
        secret = self._settings.client_secret.get_secret_value()
        ours = {
            "client_id": self._settings.client_id,
            "client_secret": secret,
            "redirect_uri": self._redirect_uri,
        }
        url = f"{self._hosts.origin(host)}/oauth2/access_token"
        request = HttpRequest(
            "POST", url, {"Accept": "application/json"}, json=ours | dict(body), is_write=True
        )
        return _tokens(_decode_token(await self._http.send(request)), self._clock.now())

    async def _grant(self, host: str, tokens: TokenPair) -> Grant:
        request = wire.get(self._hosts.origin(host), "account", tokens.access_token)
        account = wire.decode(await self._http.send(request))
        account_id, user_id = wire.child(account, "id"), wire.child(account, "current_user_id")
        if not isinstance(account_id, int):
            raise Unavailable("the account has no id")
        title = str(wire.child(account, "name") or wire.child(account, "subdomain") or host)[:255]
        return Grant(str(account_id), host, title, str(user_id or ""), tokens)

    def _api_host(self, access_token: str) -> str:
        """The unverified claim is only a hint: it passes the same list as any host."""
        claims = _unverified(access_token)
        try:
            return self._hosts.check(str(claims.get("api_domain", "")))
        except BadRequest:
            return ""

    def _check_found(self, host: str) -> str:
        try:
            return self._hosts.check(host)
        except BadRequest:
            raise Unavailable("the account moved to a host that we do not call") from None

    def _require_keys(self) -> None:
        if not self._settings.is_configured:
            raise BadRequest("The integration's keys are not set.", code="crm_not_configured")


def _decode_token(reply: HttpReply) -> dict[str, Any]:
    """Refused exchanges come as 400 or 401, in a shape of their own."""
    try:
        value = wire.decode(reply, is_write=True)
    except (Rejected, NotFound):
        raise AuthExpired("the exchange was refused") from None
    except Blocked:
        raise
    if not isinstance(value, dict):
        raise Unavailable("the token answer is not an object")
    return value


def _tokens(value: Mapping[str, Any], now: datetime) -> TokenPair:
    access, refresh, seconds = (value.get(name) for name in ("access_token", "refresh_token", "expires_in"))
    if not (
        isinstance(access, str) and isinstance(refresh, str) and isinstance(seconds, int) and seconds > 0
    ):
        raise Unavailable("the token answer lacks a token")
    return TokenPair(access, refresh, now, now + timedelta(seconds=seconds))


def _claimed_end(token: str) -> datetime | None:
    end = _unverified(token).get("exp")
    return datetime.fromtimestamp(end, UTC) if isinstance(end, int) and 0 < end < 2**33 else None


def _unverified(token: str) -> dict[str, Any]:
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, json.JSONDecodeError, ValueError):
        return {}
