"""Who looks at our page: amoCRM's disposable token, checked step by step.

https://www.amocrm.ru/developers/content/oauth/disposable-tokens
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.port import Viewer
from app.errors import BadRequest, Unauthorized

LEEWAY = timedelta(seconds=10)
LONGEST_LIFE = timedelta(minutes=30)
REQUIRED = ["exp", "iat", "nbf", "iss", "aud", "jti", "account_id", "user_id", "client_uuid"]
TOKEN_LIMIT = 4096


class AmocrmWidgetAuth:
    """Checks tokens that the integration's secret signed for our own address."""

    def __init__(self, settings: AmocrmSettings, hosts: HostList, public_url: str) -> None:
        self._settings, self._hosts, self._audience = settings, hosts, public_url

    async def verify(self, token: str, now: datetime, deal_id: str = "") -> Viewer:
        """The viewer. Raises Unauthorized whose code names the failed check.

        Whether `host` is the one that we know of the account is for the caller to compare.
        """
        claims = self._signed(token)
        if claims["client_uuid"] != self._settings.client_id:
            raise Unauthorized(code="token_integration")
        expires_at = _check_times(claims, now)
        try:
            host = self._hosts.host_of(str(claims["iss"]))
        except BadRequest:
            raise Unauthorized(code="token_issuer") from None
        return Viewer(
            external_id=_number(claims["account_id"]),
            host=host,
            user_id=_number(claims["user_id"]),
            token_id=str(claims["jti"])[:128],
            expires_at=expires_at,
        )

    def embed_origins(self, host: str) -> Sequence[str]:
        """The account's own origin; nobody else may frame our pages."""
        return [self._hosts.origin(host)]

    def _signed(self, token: str) -> dict[str, Any]:
        if not self._settings.is_configured:
            raise Unauthorized(code="crm_not_configured")
        try:
            if len(token) > TOKEN_LIMIT or jwt.get_unverified_header(token).get("alg") != "HS256":
                raise Unauthorized(code="token_algorithm")
            options: Any = {
                "require": REQUIRED,
                "strict_aud": True,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            }
            key = self._settings.client_secret.get_secret_value()
            return jwt.decode(token, key, algorithms=["HS256"], audience=self._audience, options=options)
        except jwt.InvalidAudienceError:
            raise Unauthorized(code="token_audience") from None
        except jwt.MissingRequiredClaimError:
            raise Unauthorized(code="token_incomplete") from None
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthorized(code="token_signature") from None


def _check_times(claims: dict[str, Any], now: datetime) -> datetime:
    issued_at, starts_at, expires_at = (_moment(claims[name]) for name in ("iat", "nbf", "exp"))
    if now >= expires_at + LEEWAY:
        raise Unauthorized(code="token_expired")
    if now < starts_at - LEEWAY or now < issued_at - LEEWAY:
        raise Unauthorized(code="token_too_early")
    if expires_at - issued_at > LONGEST_LIFE:
        raise Unauthorized(code="token_lives_too_long")
    return expires_at


def _moment(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**33:
        raise Unauthorized(code="token_incomplete")
    return datetime.fromtimestamp(value, UTC)


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise Unauthorized(code="token_incomplete")
    return str(value)
