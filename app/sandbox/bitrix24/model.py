"""The records of a portal, as plain as they can be. Times are unix seconds."""

from dataclasses import dataclass, field

LEAD, DEAL, CONTACT, COMPANY, INVOICE, DOCUMENT = 1, 2, 3, 4, 31, 36
TYPE_NAMES = {"lead": LEAD, "deal": DEAL, "contact": CONTACT, "company": COMPANY}
MEETING, CALL, TASK_ACTIVITY, EMAIL, PROVIDER = 1, 2, 3, 4, 6
INCOMING, OUTGOING = 1, 2
ROBOT = 0
CREATED, MOVED, FINISHED, CHANGED_CATEGORY = 1, 2, 3, 5

Link = tuple[int, int]
"""A record by its type and id."""


@dataclass(slots=True)
class User:
    """An employee. `sees` says whose deals he may read, `role_id` names his role, 0 for none.

    `refused_stages` are refused to him beside his role: stages that he may not move deals to, and ways
    between two: `NEW>EXECUTING`.
    """

    id: int
    name: str
    last_name: str
    email: str = ""
    is_admin: bool = False
    is_active: bool = True
    position: str = ""
    sees: str = "all"  # all | own | none
    hidden_categories: set[int] = field(default_factory=set)
    refused_stages: set[str] = field(default_factory=set)
    lang: str = "ru"
    role_id: int = 0

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.name} {self.last_name}".strip()


@dataclass(slots=True)
class Stage:
    """A stage of a funnel. `semantics` is S for won, F for lost, None while work goes on."""

    id: int
    entity_id: str
    status_id: str
    name: str
    sort: int
    color: str
    semantics: str | None
    category_id: int
    is_system: bool = False
    required: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Category:
    """A funnel."""

    id: int
    name: str
    sort: int
    entity_type_id: int = DEAL
    is_default: bool = False


@dataclass(slots=True)
class UserField:
    """A custom field; `items` are the choices of a list by their ids."""

    id: int
    entity_id: str  # CRM_DEAL, CRM_CONTACT …
    name: str  # UF_CRM_…
    kind: str  # string, enumeration, double, integer, boolean, date, datetime, money, url …
    label: str
    is_multiple: bool = False
    is_mandatory: bool = False
    sort: int = 100
    items: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Item:
    """A deal or a smart invoice."""

    entity_type_id: int
    id: int
    title: str
    category_id: int
    stage_id: str
    assigned_by_id: int
    created_by: int
    created_time: float
    updated_by: int = 0
    updated_time: float = 0.0
    moved_by: int = 0
    moved_time: float = 0.0
    last_activity_by: int = 0
    last_activity_time: float = 0.0
    previous_stage_id: str = ""
    closed: bool = False
    opportunity: float = 0.0
    is_manual_opportunity: bool = True
    currency_id: str = "RUB"
    company_id: int = 0
    contact_ids: list[int] = field(default_factory=list)
    observers: list[int] = field(default_factory=list)
    type_id: str = "SALE"
    source_id: str = ""
    source_description: str = ""
    webform_id: int = 0
    begin_date: float | None = None
    close_date: float | None = None
    comments: str = ""
    additional_info: str = ""
    originator_id: str = ""
    origin_id: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    account_number: str = ""
    opened: bool = True
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def link(self) -> Link:
        """How other records name this one."""
        return (self.entity_type_id, self.id)


@dataclass(slots=True)
class Client:
    """A contact or a company."""

    entity_type_id: int
    id: int
    name: str  # a company's title, a contact's first name
    last_name: str
    assigned_by_id: int
    created_by: int
    created_time: float
    updated_time: float
    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    company_id: int = 0
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def link(self) -> Link:
        """How other records name this one."""
        return (self.entity_type_id, self.id)

    @property
    def full_name(self) -> str:
        """What people call it."""
        return f"{self.name} {self.last_name}".strip()


@dataclass(slots=True)
class HistoryRow:
    """A stage that was entered; who did it is not kept."""

    id: int
    type_id: int
    entity_type_id: int
    owner_id: int
    created_time: float
    category_id: int
    stage_id: str
    semantics: str  # P | S | F


@dataclass(slots=True)
class Activity:
    """Anything that happened or is planned: a call, a letter, a chat session, a form, a to-do."""

    id: int
    type_id: int
    provider_id: str
    provider_type_id: str
    subject: str
    bindings: list[Link]
    direction: int
    completed: bool
    created: float
    last_updated: float
    responsible_id: int
    author_id: int
    description: str = ""
    start: float | None = None
    end: float | None = None
    deadline: float | None = None
    associated_id: int = 0
    origin_id: str = ""
    originator_id: str = ""
    is_incoming: bool = False
    settings: dict[str, object] = field(default_factory=dict)
    provider_params: dict[str, object] = field(default_factory=dict)
    communications: list[dict[str, object]] = field(default_factory=list)
    layout: dict[str, object] = field(default_factory=dict)
    badge_code: str = ""
    app_id: str = ""

    @property
    def owner(self) -> Link:
        """The first record it is bound to."""
        return self.bindings[0]


@dataclass(slots=True)
class Call:
    """A row of the call statistics. `kind`: 1 out, 2 in, 3 redirected, 4 callback, 5 info."""

    id: int
    call_id: str
    kind: int
    user_id: int
    phone: str
    portal_number: str
    duration: int
    failed_code: str
    failed_reason: str
    started: float
    activity_id: int
    crm_type: str = ""  # CONTACT | COMPANY | LEAD, never DEAL
    crm_id: int = 0
    transcript: str = ""
    rest_app_id: str = ""


@dataclass(slots=True)
class ChatMessage:
    """A message of an open line; sender 0 is the system."""

    id: int
    sender_id: int
    text: str
    at: float


@dataclass(slots=True)
class Chat:
    """An open-line dialogue: one chat, one session, one activity."""

    id: int
    session_id: int
    activity_id: int
    connector_id: str
    connector_title: str
    client_user_id: int
    client_name: str
    line_id: int
    bindings: list[Link]
    started: float
    messages: list[ChatMessage] = field(default_factory=list)


@dataclass(slots=True)
class Comment:
    """A timeline comment, or a log message when it has a title."""

    id: int
    owner: Link
    text: str
    author_id: int
    created: float
    title: str = ""
    icon: str = ""


@dataclass(slots=True)
class Task:
    """A task with the records that it is tied to, such as `D_10`."""

    id: int
    title: str
    responsible_id: int
    created_by: int
    created: float
    changed: float
    description: str = ""
    deadline: float | None = None
    closed: float | None = None
    status: int = 2  # 2 waiting, 3 in progress, 5 completed
    crm: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Payment:
    """A payment of a deal."""

    id: int
    owner: Link
    amount: float
    currency: str
    created: float
    is_paid: bool = False
    paid_at: float | None = None


@dataclass(slots=True)
class Document:
    """A generated document."""

    id: int
    owner: Link
    title: str
    number: str
    created: float
    created_by: int


@dataclass(slots=True)
class Notification:
    """A notice in a person's bell."""

    id: int
    user_id: int
    author_id: int
    text: str
    tag: str
    at: float


@dataclass(frozen=True, slots=True)
class Notice:
    """Something just changed: what events and live pages are told.

    `event` is the event's name, `data` its body, `by` the acting user (0 for a robot), `link` the
    record whose card looks different, `origin` ui, api or robot. `hops` is what is left of the loop
    guard's count when the change was made with a token that an event had carried. `connector` is the
    source key that a writing application gave.
    """

    event: str
    data: dict[str, object]
    by: int
    at: float
    origin: str
    link: Link | None = None
    hops: int | None = None
    connector: str = ""


class Refused(Exception):
    """The portal does not accept a change. `code` is for programs, the text for people."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status
