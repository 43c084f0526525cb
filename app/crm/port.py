"""The port: all that Stepgate asks of a CRM. One adapter per folder of `crm/adapters/`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar, runtime_checkable

from app.crm.events import InboundEvent
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence, EvidenceKind
from app.domain.stage import Catalog, StageRef
from app.domain.writeback import Command

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request as received; header names in lower case."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Who an installation is in the CRM. `host` is where its API lives, with a port if any.

    `hook_secret` is what the CRM puts into its hooks to prove itself; only the door fills it in.
    """

    installation_id: int
    external_id: str
    host: str
    hook_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the CRM's OAuth server gave. A long-lived token has no refresh token."""

    access_token: str
    refresh_token: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A successful consent: the account, who gave it, and the first tokens.

    `is_admin` is set by a CRM that says so at once. `hook_secret` is what the account's hooks will
    prove themselves with, empty where hooks carry no secret. `language` is the account's own, `ru` or
    `en`, empty where the CRM does not tell.
    """

    external_id: str
    host: str
    title: str
    user_id: str
    tokens: TokenPair
    is_admin: bool = False
    hook_secret: str = field(default="", repr=False)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page inside the CRM, as proven by the CRM.

    `is_admin` and `name` come with the proof where no list of users tells them (None: look there).
    `deal_id` is the deal that the CRM has just shown to this very person, empty for none.
    """

    external_id: str
    host: str
    user_id: str
    token_id: str
    expires_at: datetime
    name: str = ""
    is_admin: bool | None = None
    deal_id: str = ""


@dataclass(frozen=True, slots=True)
class FrameOpening:
    """What a CRM posts into a frame when it opens a page of ours there; nothing of it is proven yet.

    `proof` is for `WidgetAuth.verify`. `host` is where the page says that it is. `install` are
    parameters for `OAuth.grant`, which an administrator's proof is good for as well; empty where the
    post holds none.
    """

    proof: str
    host: str
    deal_id: str
    language: str
    install: Mapping[str, str] = field(default_factory=dict)
    hook_secret: str = field(default="", repr=False)


class Capability(StrEnum):
    """What a CRM can do beyond the least; a missing one is declared, never faked."""

    EVENT_LOG = "event_log"
    MOVE_AUTHOR = "move_author"
    BACK_TO_ENTRY = "back_to_entry"
    NATIVE_LOCK = "native_lock"
    RIGHTS_IN_PROOF = "rights_in_proof"
    """Only a person's own proof tells what he may: it is asked for again and again, no list replaces it."""


class Webhooks(Protocol):
    """Pure reading of deliveries."""

    def authenticate(self, delivery: Delivery, account: Account) -> None:
        """Raises NotFromCrm or WrongAccount."""

    def redact(self, delivery: Delivery) -> bytes:
        """The body without secrets, as it may be kept."""

    def parse(self, delivery: Delivery) -> Sequence[InboundEvent]:
        """What the delivery tells. Raises NotUnderstood; bounded in time and memory."""


class OAuth(Protocol):
    """Consent and tokens. Secrets go only to hosts of the allow-list."""

    def authorize_url(self, state: str) -> str:
        """Where an admin gives consent."""

    async def grant(self, params: Mapping[str, str]) -> Grant:
        """Exchange the code of the redirect. Raises BadRequest, Unauthorized, CrmError."""

    async def adopt(self, host: str, token: str) -> Grant:
        """Take a long-lived token into use. Raises BadRequest, AuthExpired, CrmError."""

    async def refresh(self, host: str, tokens: TokenPair) -> TokenPair:
        """Exchange the refresh token, once. Raises AuthExpired, Unknown, CrmError."""

    async def find_host(self, host: str, tokens: TokenPair) -> str:
        """Where a renamed account lives now. Raises AuthExpired, CrmError."""

    def should_refresh(self, tokens: TokenPair, now: datetime) -> bool:
        """True when a refresh is due."""

    def verify_removal(self, params: Mapping[str, str]) -> str:
        """The account id of a genuine uninstall call. Raises NotFromCrm."""


class WidgetAuth(Protocol):
    """Proof of who looks at our page."""

    async def verify(self, token: str, now: datetime, deal_id: str = "") -> Viewer:
        """Who brings that proof, and whether he may read the deal where only his proof can tell.

        Raises Unauthorized with a code that says which check failed, CrmError when the CRM has to be
        asked and does not answer.
        """

    def embed_origins(self, host: str) -> Sequence[str]:
        """The origins that may frame our pages for that account."""


class Frames(Protocol):
    """Reading of what a CRM posts into a frame. Pure."""

    def read(self, query: Mapping[str, str], form: Mapping[str, str]) -> FrameOpening:
        """What the post says. Raises BadRequest for an incomplete one."""


@dataclass(frozen=True, slots=True)
class DealLog:
    """What the CRM's log says of one deal after a cursor, oldest first, and the deal itself.

    `deal` is None when the CRM no longer has it. `cursor` is where to go on; entries are keyed by
    the CRM's own ids, so reading some of them twice is harmless.
    """

    deal: Deal | None
    moves: tuple[StageMove, ...]
    evidence: tuple[Evidence, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a long read; `cursor` is empty on the last one. `done`/`total` feed progress bars."""

    items: tuple[T, ...]
    cursor: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """A write that happened; `ref` is the CRM's id of what was made, if any."""

    ref: str


class StageMismatch(Exception):
    """The deal stands elsewhere than a command expects: it is not carried out."""

    def __init__(self, found: StageRef) -> None:
        super().__init__("the deal has moved on")
        self.found = found


class CrmClient(Protocol):
    """Calls on behalf of one installation. Every method may raise CrmError."""

    async def get_deal(self, deal_id: str) -> Deal:
        """The deal as it stands now. Raises NotFound."""

    async def get_catalog(self) -> Catalog:
        """Pipelines, fields, users, loss reasons."""

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """The deal and what its log says after `cursor` (an empty one means from the beginning)."""

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Ids of the open deals of a contact."""

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Ids of deals whose log has entries after `since`; duplicates are possible.

        Asking with a page's cursor says that its deals were kept: a CRM that forgets what was read may
        forget them then.
        """

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """All deals with their whole logs, for a backfill; resumable by cursor."""

    async def apply(self, command: Command, key: str) -> Applied:
        """Carry out a write. `key` is a marker such as `#ref:1f3a9c07` that is unique to it, so that
        `find_effect` can recognise it; the text of a note or a task already ends with it.

        Raises StageMismatch when a move finds the deal elsewhere, Unknown when the answer was
        lost, Rejected when the CRM refused, for a move FieldRequired or NoRight where it says why.
        """

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """The reference of the effect of an earlier `apply`, or None when the CRM shows none.

        For a move it is the log id of the move from `expected` to `target` at or after `since`,
        by our own user where the CRM tells authors apart; for a note or a task the id of the one
        whose text holds `key`.
        """

    async def ensure_hooks(self, url: str) -> bool:
        """Subscribe `url` to all that we need; True when something had to be changed."""

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Whether that person may see that deal."""

    async def close(self) -> None:
        """Give up the connections; no call after it. It may be said twice."""


@runtime_checkable
class FindsDeals(Protocol):
    """A client of a CRM whose hooks name a record instead of its deal (`events.RecordTouched`)."""

    async def deals_of_record(self, record_id: str) -> Sequence[str]:
        """Ids of the deals that the record hangs on; none when it is gone. Raises CrmError."""


@dataclass(frozen=True, slots=True)
class RolesPlan:
    """Whether the account's plan lets roles refuse anything; None where the CRM does not tell."""

    is_enough: bool | None
    title: str


class TriedMove(StrEnum):
    """What became of a move that a person tried with his own rights."""

    MOVED = "moved"
    NO_RIGHT = "no_right"
    FIELD_REQUIRED = "field_required"
    REFUSED = "refused"
    STAYED = "stayed"
    """The CRM said yes and left the deal where it was."""


@runtime_checkable
class LocksStages(Protocol):
    """A client of a CRM that can refuse moves by roles (`Capability.NATIVE_LOCK`). Roles are set by people;
    whether they hold is found out with a deal that is made for it. Every method may raise CrmError.
    """

    async def roles_plan(self) -> RolesPlan:
        """What the account's plan can do."""

    async def make_trial(self, title: str, stage: StageRef, responsible_id: str, key: str) -> str:
        """Make a deal for a trial and give its id; `find_trial` knows it by `key`. Raises Unknown."""

    async def find_trial(self, key: str) -> str | None:
        """The id of the deal that `make_trial` made with that key, or None."""

    async def place_trial(self, deal_id: str, stage: StageRef) -> None:
        """Put a trial's deal into that stage with our own rights. Raises Rejected, NotFound."""

    async def remove_trial(self, deal_id: str) -> None:
        """Delete a trial's deal; one that is gone is fine."""

    async def may_edit(self, proof: str, deal_id: str) -> bool:
        """Whether whoever brings `proof` (see `WidgetAuth.verify`), who has been verified, may change a text
        of the deal: where he may not, no refusal of a move says anything about stages. Nothing of the proof
        is kept, here and below. Raises AuthExpired for a proof that has ended."""

    async def try_move(self, proof: str, deal_id: str, target: StageRef) -> TriedMove:
        """Move the deal with that person's rights; where it then stands counts. Raises AuthExpired."""


@dataclass(frozen=True, slots=True)
class CrmAdapter:
    """One CRM behind the port. `hook_reply` is the status that its hooks are answered with;
    `calls_per_second` is how fast one account may be called. `deal_url` gives the address of a
    deal's page in the CRM out of the account's host and the deal's id. `saved_calls` is how many calls
    a quiet account may save up, 0 for the usual. `frames` reads the pages that the CRM opens by a post.
    `roles_url` gives the page of the CRM's roles out of the account's host, None without a native lock.
    `unseen` are the kinds of evidence that no deal of this CRM can have."""

    name: str
    title: str
    webhooks: Webhooks
    oauth: OAuth
    widget: WidgetAuth
    open_client: "ClientFactory"
    deal_url: Callable[[str, str], str]
    capabilities: frozenset[Capability] = field(default_factory=frozenset)
    hook_reply: int = 204
    calls_per_second: float = 5.0
    saved_calls: float = 0.0
    frames: Frames | None = None
    roles_url: Callable[[str], str] | None = None
    unseen: frozenset[EvidenceKind] = field(default_factory=frozenset)


class Session(Protocol):
    """What a client needs of the installation: a live token and leave to make a call."""

    @property
    def account(self) -> Account:
        """The account as known when the client was opened."""

    async def access_token(self) -> str:
        """A token that is good now; refreshed when due. Raises AuthExpired."""

    async def refused_token(self, token: str) -> str:
        """Another token after `token` was refused; raises AuthExpired when there is none."""

    async def admit(self, priority: int) -> None:
        """Wait until the account's rate allows a call. 0 write-back, 1 hook, 2 page, 3 poll, 4 backfill."""

    async def punish(self, seconds: float, reason: str) -> None:
        """Stop all calls of the account for that long: the CRM said so."""

    async def moved(self, host: str) -> None:
        """The CRM says that the account lives at another host, which has passed the allow-list."""

    def pace(self, per_second: float, saved_calls: float) -> None:
        """The account's plan allows calls at another rate than the adapter's usual one."""


class ClientFactory(Protocol):
    """Makes a client for an installation."""

    def __call__(self, session: Session) -> CrmClient:
        """A client that uses the session's tokens and rate."""
