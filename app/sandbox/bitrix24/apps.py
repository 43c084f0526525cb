"""Applications of the portal: their keys, tokens, event handlers and placements."""

import secrets
from dataclasses import dataclass, field

from app.sandbox.bitrix24.state import PortalState

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 180 * 86_400
CODE_SECONDS = 30
LOOP_GUARD = 7
ALL_SCOPES = (
    "crm,placement,im,user_brief,user,telephony,imopenlines,task,documentgenerator,sale,bizproc,"
    "user.userfield,entity"
)


@dataclass(slots=True)
class Handler:
    """One event binding. `user_id` 0: the token belongs to whoever caused the event."""

    id: int
    event: str
    url: str
    user_id: int = 0
    offline: bool = False
    connector: str = ""
    options: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Placement:
    """One place of the portal's pages where the application shows itself."""

    code: str
    handler: str
    title: str
    titles: dict[str, str] = field(default_factory=dict)
    group: str = ""
    options: dict[str, object] = field(default_factory=dict)
    user_id: int = 0


@dataclass(slots=True)
class App:
    """An application. `kind` is local (server with pages), api (server alone) or market."""

    id: int
    client_id: str
    client_secret: str
    name: str
    kind: str
    handler_url: str
    install_url: str
    scope: list[str]
    application_token: str
    code: str = ""
    version: int = 1
    present: bool = False
    installed: bool = False
    installer_id: int = 0
    payment_expired: bool = False
    handlers: list[Handler] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    options: dict[str, object] = field(default_factory=dict)
    user_options: dict[tuple[int, str], object] = field(default_factory=dict)
    badges: dict[str, dict[str, object]] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)
    robots: dict[str, dict[str, object]] = field(default_factory=dict)
    deliveries: int = 0

    @property
    def status(self) -> str:
        """L for a local application, F for a free one of the market."""
        return "F" if self.kind == "market" else "L"

    @property
    def has_pages(self) -> bool:
        """Whether people see it, so that it finishes its installation from the browser."""
        return self.kind != "api"


@dataclass(slots=True)
class Grant:
    """A pair of tokens of one user. `hops` is the loop guard's count for tokens born in an event."""

    access: str
    refresh: str
    client_id: str
    user_id: int
    expires: float
    refresh_expires: float
    hops: int | None = None
    replaced_at: float | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, good for 30 seconds and one use."""

    client_id: str
    user_id: int
    expires: float


class OAuthRefused(Exception):
    """The authorization server's answer: an error code, its text and the HTTP status."""

    def __init__(self, error: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.error, self.text, self.status = error, text, status


class Apps:
    """All applications with their tokens."""

    def __init__(self, portal: PortalState) -> None:
        self._portal = portal
        self.by_client: dict[str, App] = {}
        self.webhooks: dict[str, App] = {}
        self.grants: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}

    def register(
        self,
        *,
        name: str = "Stepgate",
        kind: str = "local",
        handler_url: str,
        install_url: str = "",
        scope: str = ALL_SCOPES,
        client_id: str = "",
        client_secret: str = "",
        code: str = "",
    ) -> App:
        """An application that is known to the portal but not added to it yet."""
        number = self._portal.take_id("app")
        app = App(
            number,
            client_id or f"local.{self._hex(14)}.{self._digits(8)}",
            client_secret or self._hex(50),
            name,
            kind,
            handler_url,
            install_url or handler_url,
            [word for word in scope.split(",") if word],
            self._hex(32),
            code,
        )
        self.by_client[app.client_id] = app
        return app

    def add_webhook(self, user_id: int, scope: str = ALL_SCOPES) -> str:
        """An inbound webhook with the rights of its maker; the answer is its secret."""
        app = self.register(name="Входящий вебхук", kind="webhook", handler_url="", scope=scope)
        del self.by_client[app.client_id]
        app.present, app.installed, app.installer_id = True, True, user_id
        secret = self._hex(16)
        self.webhooks[secret] = app
        return secret

    def add(self, app: App, user_id: int) -> Grant:
        """Put it into the portal; one without pages is installed at once."""
        app.present = True
        app.installer_id = user_id
        app.installed = not app.has_pages
        return self.issue(app, user_id)

    def remove(self, app: App) -> None:
        """Take it out of the portal: tokens, handlers and placements go with it."""
        app.present = app.installed = False
        app.handlers.clear()
        app.placements.clear()

    def update(self, app: App, *, scope: str = "") -> None:
        """A new version: its handlers are gone, and it must be installed again."""
        app.version += 1
        app.handlers.clear()
        app.installed = not app.has_pages
        if scope:
            app.scope = [word for word in scope.split(",") if word]

    def issue(self, app: App, user_id: int, hops: int | None = None) -> Grant:
        """Fresh tokens of a user."""
        now = self._portal.now()
        grant = Grant(
            self._hex(70),
            self._hex(70),
            app.client_id,
            user_id,
            now + ACCESS_SECONDS,
            now + REFRESH_SECONDS,
            hops,
        )
        self.grants[grant.access] = grant
        self._refresh[grant.refresh] = grant
        self._forget_old(now)
        return grant

    def _forget_old(self, now: float) -> None:
        """Tokens of events pile up; those that ended long ago are dropped now and then."""
        if len(self.grants) % 4096:
            return
        for grant in list(self.grants.values()):
            if grant.expires < now - 86_400:
                self.grants.pop(grant.access)

    def grant_of(self, token: str) -> Grant | None:
        """The grant of an access token, whether still good or not."""
        return self.grants.get(token)

    def code_for(self, app: App, user_id: int) -> str:
        """A code that the authorization page hands out."""
        code = self._hex(50)
        self._codes[code] = Code(app.client_id, user_id, self._portal.now() + CODE_SECONDS)
        return code

    def exchange(self, client_id: str, client_secret: str, code: str) -> Grant:
        """Tokens for a code. Raises OAuthRefused."""
        app = self._known(client_id, client_secret)
        known = self._codes.pop(code, None)
        if known is None or known.client_id != client_id or known.expires < self._portal.now():
            raise OAuthRefused("invalid_grant", "Invalid authorization code")
        return self.issue(app, known.user_id)

    def refresh(self, client_id: str, client_secret: str, refresh_token: str) -> Grant:
        """The next pair; the one before is void, at once or after the switched grace. Raises OAuthRefused."""
        app = self._known(client_id, client_secret)
        old, now = self._refresh.get(refresh_token), self._portal.now()
        if old is None or old.client_id != client_id or old.refresh_expires < now:
            raise OAuthRefused("invalid_grant", "Invalid refresh token")
        if old.replaced_at is not None and now >= old.replaced_at + self._portal.faults.refresh_grace:
            raise OAuthRefused("invalid_grant", "Invalid refresh token")
        old.replaced_at = now if old.replaced_at is None else old.replaced_at
        return self.issue(app, old.user_id, old.hops)

    def _known(self, client_id: str, client_secret: str) -> App:
        app = self.by_client.get(client_id)
        if app is None or not secrets.compare_digest(app.client_secret, client_secret):
            raise OAuthRefused("invalid_client", "Client authentication failed")
        if not app.present:
            raise OAuthRefused("NOT_INSTALLED", "Application is not installed", 401)
        return app

    def _hex(self, length: int) -> str:
        return f"{self._portal.rng.getrandbits(length * 4):0{length}x}"

    def _digits(self, length: int) -> str:
        return str(self._portal.rng.randrange(10 ** (length - 1), 10**length))
