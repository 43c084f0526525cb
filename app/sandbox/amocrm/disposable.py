"""One-time tokens that the account gives to a widget for talking to its own server.

https://www.amocrm.ru/developers/content/oauth/disposable-tokens
"""

import uuid
from urllib.parse import urlsplit

import jwt

from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.model import User
from app.sandbox.amocrm.state import AccountState

LIFETIME = 1800
VARIANTS = ("normal", "wrong_aud", "alg_none", "bot", "expired", "other_issuer", "wrong_key")


def disposable_token(
    account: AccountState, integration: Integration, user: User, variant: str = "normal"
) -> str:
    """The JWT of X-Auth-Token; the other variants are what a careful server must refuse."""
    now = int(account.now())
    target = urlsplit(integration.redirect_uri)
    claims: dict[str, object] = {
        "iss": account.config.origin,
        "aud": f"{target.scheme}://{target.netloc}",
        "jti": str(uuid.UUID(int=account.rng.getrandbits(128), version=4)),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "account_id": account.id,
        "user_id": user.id,
        "subdomain": account.subdomain,
        "client_uuid": integration.client_id,
    }
    if account.faults.admin_claim == "present":
        claims["is_admin"] = user.is_admin
    return _signed(claims, integration.client_secret, variant, now)


def _signed(claims: dict[str, object], secret: str, variant: str, now: int) -> str:
    algorithm = "HS256"
    if variant == "wrong_aud":
        claims["aud"] = "https://elsewhere.example.org"
    elif variant == "expired":
        claims |= {"iat": now - 7200, "nbf": now - 7200, "exp": now - 5400}
    elif variant == "other_issuer":
        claims["iss"] = "https://other.amocrm.ru"
    elif variant == "wrong_key":
        secret = "another secret, which nobody but the sandbox knows and which is long"  # noqa: S105
    elif variant == "bot":
        # Bot tokens are HS512 and carry an entity in the place of the user.
        claims |= {"entity_type": 2, "entity_id": 1, "bot_type": "salesbot"}
        algorithm = "HS512"
    if variant == "alg_none":
        return jwt.encode(claims, "", algorithm="none")
    return jwt.encode(claims, secret, algorithm=algorithm)
