"""Integrations of the account and their OAuth tokens: codes, rotation, revocation."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field

import jwt

from app.sandbox.amocrm.state import AccountState

CODE_SECONDS = 20 * 60
ACCESS_SECONDS = 86_400
REFRESH_SECONDS = 90 * 86_400
SIGNING_KEY = "the sandbox signs its own access tokens with this text"


@dataclass
class Integration:
    """One integration as the account lists it; `archive` holds the widget's files by path."""

    client_id: str
    client_secret: str
    redirect_uri: str
    name: str = "Интеграция"
    disable_hook_uri: str = ""
    installed: bool = False
    archive: dict[str, bytes] = field(default_factory=dict)
    widget_settings: dict[str, object] = field(default_factory=dict)

    @property
    def widget_code(self) -> str:
        """The code under which the widget's files are served."""
        return "w" + hashlib.sha256(self.client_id.encode()).hexdigest()[:20]

    @property
    def widget_version(self) -> str:
        """The version that the archive's manifest states, empty without an archive."""
        return str(self._manifest("widget").get("version", ""))

    @property
    def advanced_title(self) -> str:
        """The title of the widget's own settings page in the first locale, empty when it has none."""
        key = str(self._manifest("advanced").get("title", ""))
        locales = self._manifest("widget").get("locale")
        first = locales[0] if isinstance(locales, list) and locales else ""
        found: object = json.loads(self.archive.get(f"i18n/{first}.json", b"{}"))
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, str) else key

    def _manifest(self, section: str) -> dict[str, object]:
        found = json.loads(self.archive.get("manifest.json", b"{}")).get(section)
        return found if isinstance(found, dict) else {}


@dataclass
class Grant:
    """A token pair. `spent` means that the refresh token has been exchanged."""

    client_id: str
    user_id: int
    is_admin: bool
    access: str
    refresh: str | None
    access_until: float
    refresh_until: float
    spent: bool = False
    revoked: bool = False
    used: bool = False
    parent: "Grant | None" = None


class OAuthRefused(Exception):
    """The token endpoint says no, in its own shape."""

    def __init__(self, title: str, detail: str, hint: str = "", status: int = 401) -> None:
        super().__init__(detail)
        self.title, self.detail, self.hint, self.status = title, detail, hint, status


def bad_request(hint: str = "", status: int = 401) -> OAuthRefused:
    """The refusal of a spent, revoked, expired or unknown code or token."""
    detail = "В запросе отсутствует ряд параметров или параметры невалидны"
    return OAuthRefused("Некорректный запрос", detail, hint, status)


class Integrations:
    """The store of integrations, codes and tokens of one account."""

    def __init__(self, account: AccountState) -> None:
        self._account = account
        self.by_id: dict[str, Integration] = {}
        self._codes: dict[str, tuple[str, int, float]] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def register(
        self,
        *,
        redirect_uri: str,
        client_id: str = "",
        client_secret: str = "",
        name: str = "Интеграция",
        disable_hook_uri: str = "",
    ) -> Integration:
        """A private integration of this account, not installed yet."""
        number = client_id or str(uuid.UUID(int=self._account.rng.getrandbits(128), version=4))
        secret = client_secret or f"{self._account.rng.getrandbits(256):064x}"
        created = Integration(number, secret, redirect_uri, name, disable_hook_uri)
        self.by_id[number] = created
        return created

    def by_code(self, code: str) -> Integration | None:
        """The integration whose widget has that code, or None; only with an archive."""
        owners = self.by_id.values()
        return next((item for item in owners if item.archive and item.widget_code == code), None)

    def make_code(self, integration: Integration, user_id: int) -> str:
        """A code for one exchange within 20 minutes."""
        code = f"def502{self._account.rng.getrandbits(320):080x}"
        self._codes[code] = (integration.client_id, user_id, self._account.now() + CODE_SECONDS)
        integration.installed = True
        return code

    def exchange_code(self, client_id: str, secret: str, redirect_uri: str, code: str) -> Grant:
        """A first pair for a code. Raises OAuthRefused; a code works once."""
        self._check_client(client_id, secret, redirect_uri)
        owner, user_id, until = self._codes.pop(code, ("", 0, 0.0))
        if owner != client_id or until < self._account.now():
            raise bad_request("Authorization code has expired or been revoked")
        user = self._account.users.get(user_id)
        return self._issue(client_id, user_id, is_admin=bool(user and user.is_admin))

    def refresh(self, client_id: str, secret: str, redirect_uri: str, token: str) -> Grant:
        """A new pair for a refresh token, which is void from then on. Raises OAuthRefused.

        With the grace switch the old token works again until somebody uses the new pair.
        """
        self._check_client(client_id, secret, redirect_uri)
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != client_id:
            raise bad_request("Cannot decrypt the refresh token")
        if grant.revoked or self._account.faults.tokens_revoked:
            raise bad_request("Token has been revoked")
        if grant.refresh_until < self._account.now():
            raise bad_request("Token has expired")
        if grant.spent and not (self._account.faults.refresh_grace and not self._child_used(grant)):
            raise bad_request("Token has been revoked")
        grant.spent = grant.used = True
        self._void_children(grant)
        return self._issue(client_id, grant.user_id, grant.is_admin, parent=grant)

    def _child_used(self, grant: Grant) -> bool:
        return any(child.parent is grant and child.used for child in self._refresh.values())

    def _void_children(self, grant: Grant) -> None:
        for child in self._refresh.values():
            if child.parent is grant:
                child.revoked = True

    def _issue(self, client_id: str, user_id: int, is_admin: bool, parent: Grant | None = None) -> Grant:
        now = self._account.now()
        refresh = f"def502{self._account.rng.getrandbits(512):0128x}"
        access = self._access_token(client_id, user_id, now, ACCESS_SECONDS)
        grant = Grant(
            client_id,
            user_id,
            is_admin,
            access,
            refresh,
            now + ACCESS_SECONDS,
            now + REFRESH_SECONDS,
            parent=parent,
        )
        self._access[access] = self._refresh[refresh] = grant
        return grant

    def long_lived(self, integration: Integration, user_id: int, seconds: float) -> str:
        """A token without a refresh token, from one day to five years."""
        now = self._account.now()
        access = self._access_token(integration.client_id, user_id, now, seconds)
        user = self._account.users.get(user_id)
        admin = bool(user and user.is_admin)
        integration.installed = True
        self._access[access] = Grant(integration.client_id, user_id, admin, access, None, now + seconds, 0.0)
        return access

    def _access_token(self, client_id: str, user_id: int, now: float, seconds: float) -> str:
        claims = {
            "aud": client_id,
            "jti": f"{self._account.rng.getrandbits(256):064x}",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + seconds),
            "sub": str(user_id),
            "account_id": self._account.id,
            "base_domain": self._account.config.host,
            "api_domain": self._account.config.host,
            "version": 2,
            "scopes": ["crm", "notifications"],
        }
        return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")

    def grant_of(self, access: str) -> Grant | None:
        """The living grant of an access token, or None (unknown, expired, revoked)."""
        grant = self._access.get(access)
        if grant is None or grant.revoked or self._account.faults.tokens_revoked:
            return None
        if grant.access_until < self._account.now():
            return None
        grant.used = True
        return grant

    def knows_refresh(self, token: str) -> bool:
        """Whether a refresh token may ask for the account's current address."""
        grant = self._refresh.get(token)
        return grant is not None and not grant.revoked and not grant.spent

    def _check_client(self, client_id: str, secret: str, redirect_uri: str) -> None:
        known = self.by_id.get(client_id)
        if known is None or not hmac.compare_digest(known.client_secret, secret):
            raise OAuthRefused("Некорректный клиент", "Авторизация клиента не прошла")
        if known.redirect_uri != redirect_uri:
            raise bad_request("Redirect URI does not match", 400)

    def revoke(self, integration: Integration) -> None:
        """Void every token of an integration, long-lived ones too."""
        for grant in [*self._access.values(), *self._refresh.values()]:
            if grant.client_id == integration.client_id:
                grant.revoked = True
        self._codes = {code: kept for code, kept in self._codes.items() if kept[0] != integration.client_id}
        integration.installed = False

    def disable_signature(self, integration: Integration) -> str:
        """Hex HMAC-SHA256 of "client uuid|account id" with the client secret."""
        message = f"{integration.client_id}|{self._account.id}".encode()
        return hmac.new(integration.client_secret.encode(), message, hashlib.sha256).hexdigest()
