"""Our own short session tokens: who looks, in which account, with which rights."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from app.db.types import EPOCH
from app.errors import Unauthorized
from app.installations.vault import Vault

PURPOSE = "session"
ISSUER = "stepgate"
ALGORITHM = "HS256"
REQUIRED = ["iss", "exp", "iat", "jti", "sub", "inst", "adm", "lang"]


@dataclass(frozen=True, slots=True)
class SessionViewer:
    """Who looks at a page, as proven by the CRM when the session began."""

    installation_id: int
    user_id: str
    is_admin: bool
    language: str
    deal_id: str = ""
    """The deal that the CRM showed to this person when the session began, empty for none."""


def issue_session(vault: Vault, viewer: SessionViewer, now: datetime, lifetime: timedelta) -> str:
    """A signed token that is good until `now + lifetime`."""
    claims = {
        "iss": ISSUER,
        "iat": _seconds(now),
        "exp": _seconds(now + lifetime),
        "jti": secrets.token_hex(8),
        "sub": viewer.user_id,
        "inst": viewer.installation_id,
        "adm": viewer.is_admin,
        "lang": viewer.language,
        **({"deal": viewer.deal_id} if viewer.deal_id else {}),
    }
    return jwt.encode(claims, vault.derived_keys(PURPOSE)[0], algorithm=ALGORITHM)


def read_session(vault: Vault, token: str, now: datetime) -> SessionViewer:
    """Who the token speaks of. Raises Unauthorized with a code that says why not."""
    claims = _verified(vault, token)
    if claims["exp"] <= _seconds(now):
        raise Unauthorized("This page was open for long. Reload it.", code="session_expired")
    return SessionViewer(
        installation_id=int(claims["inst"]),
        user_id=str(claims["sub"]),
        is_admin=claims["adm"] is True,
        language=str(claims["lang"]),
        deal_id=str(claims.get("deal", "")),
    )


def _verified(vault: Vault, token: str) -> dict[str, Any]:
    for key in vault.derived_keys(PURPOSE):
        try:
            # Time is checked by the caller against the product's own clock.
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            continue
    raise Unauthorized(code="session_invalid")


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)
