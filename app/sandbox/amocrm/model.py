"""The things an account holds. Plain records: all rules live in the modules that change them."""

from dataclasses import dataclass, field

WON = 142
LOST = 143

ENTITY_OF = {"lead": "leads", "contact": "contacts", "company": "companies", "task": "tasks"}
SINGULAR_OF = {plural: single for single, plural in ENTITY_OF.items()}

FieldValue = dict[str, object]


@dataclass(slots=True)
class User:
    """A person of the account; `rights` overrides single values of the default rights."""

    id: int
    name: str
    email: str
    is_admin: bool = False
    is_active: bool = True
    is_free: bool = False
    group_id: int = 0
    role_id: int | None = None
    lang: str = "ru"
    rights: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Status:
    """One stage. Unique only together with its pipeline: 142 and 143 repeat in each."""

    id: int
    pipeline_id: int
    name: str
    sort: int
    color: str
    type: int = 0  # 1 is the unsorted stage
    is_editable: bool = True


@dataclass(slots=True)
class Pipeline:
    """A pipeline with its stages keyed by status id, in board order."""

    id: int
    name: str
    sort: int
    is_main: bool = False
    is_unsorted_on: bool = True
    is_archive: bool = False
    statuses: dict[int, Status] = field(default_factory=dict)


@dataclass(slots=True)
class FieldEnum:
    """One choice of a select-like field."""

    id: int
    value: str
    sort: int
    code: str | None = None


@dataclass(slots=True)
class CustomField:
    """A custom field of leads, contacts or companies."""

    id: int
    entity: str  # leads | contacts | companies
    name: str
    type: str
    code: str | None = None
    sort: int = 500
    enums: list[FieldEnum] = field(default_factory=list)
    is_api_only: bool = False
    is_predefined: bool = False
    required_statuses: list[tuple[int, int]] = field(default_factory=list)  # (pipeline, status)


@dataclass(slots=True)
class LossReason:
    """Why a deal is lost, as the account words it."""

    id: int
    name: str
    sort: int
    created_at: int


@dataclass(slots=True)
class Tag:
    """A tag of one entity kind."""

    id: int
    entity: str
    name: str
    color: str | None = None


@dataclass(slots=True)
class Contact:
    """A person or a company of the address book (`kind`: contact or company)."""

    id: int
    kind: str
    name: str
    responsible_user_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    fields: dict[int, list[FieldValue]] = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    company_id: int | None = None
    lead_ids: list[int] = field(default_factory=list)
    is_deleted: bool = False
    old_responsible_user_id: int | None = None


@dataclass(slots=True)
class Lead:
    """A deal. The `old_*` values stay after the change that set them: hooks repeat them for ever."""

    id: int
    name: str
    price: int
    pipeline_id: int
    status_id: int
    responsible_user_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    closed_at: int | None = None
    loss_reason_id: int | None = None
    source_id: int | None = None
    source_name: str | None = None
    contact_ids: list[int] = field(default_factory=list)  # the first one is the main contact
    company_id: int | None = None
    fields: dict[int, list[FieldValue]] = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    is_deleted: bool = False
    merged_into: int | None = None
    old_status_id: int | None = None
    old_pipeline_id: int | None = None
    old_responsible_user_id: int | None = None
    stage_since: float = 0.0


@dataclass(slots=True)
class Note:
    """A line in the feed of an entity (`entity`: leads, contacts, companies)."""

    id: int
    entity: str
    entity_id: int
    note_type: str
    params: dict[str, object]
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    responsible_user_id: int


@dataclass(slots=True)
class Task:
    """Something to do about an entity."""

    id: int
    entity: str | None
    entity_id: int | None
    text: str
    task_type_id: int
    complete_till: int
    responsible_user_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    is_completed: bool = False
    result: str | None = None
    duration: int = 0
    old_text: str | None = None
    old_responsible_user_id: int | None = None


@dataclass(slots=True)
class Message:
    """A chat message; the events log only shows its id."""

    id: str
    contact_id: int | None
    lead_id: int | None
    text: str
    incoming: bool
    origin: str
    created_at: int
    author: str
    talk_id: int


@dataclass(slots=True)
class Talk:
    """A conversation in a messenger."""

    id: int
    chat_id: str
    contact_id: int | None
    lead_id: int | None
    origin: str
    created_at: int
    updated_at: int
    is_in_work: bool = True
    is_read: bool = False


@dataclass(slots=True)
class Unsorted:
    """A request that nobody has accepted yet; its lead stands in the unsorted stage."""

    uid: str
    category: str  # forms | sip | mail | chats
    source_name: str
    pipeline_id: int
    lead_id: int
    contact_id: int | None
    created_at: int
    metadata: dict[str, object]
    outcome: str | None = None  # accept | decline


@dataclass(slots=True)
class Event:
    """One line of the events log."""

    id: str
    type: str
    entity: str  # lead | contact | company | task
    entity_id: int
    created_by: int
    created_at: int
    value_after: list[dict[str, object]]
    value_before: list[dict[str, object]]
    visible_at: float = 0.0
    linked_talk_contact_id: int | None = None


@dataclass(slots=True)
class Webhook:
    """A subscription of the account."""

    id: int
    destination: str
    settings: list[str]
    created_by: int
    created_at: int
    updated_at: int
    sort: int = 1
    disabled: bool = False
    dp_stage: tuple[int, int] | None = None  # (pipeline, status) of a Digital Pipeline trigger


@dataclass(frozen=True, slots=True)
class Notice:
    """Something just changed: what webhooks and live pages are told.

    `code` is the subscription code (`status_lead`), `origin` is ui, api or robot.
    """

    code: str
    ids: tuple[int, ...]
    by: int
    at: float
    origin: str
    extra: dict[str, object] = field(default_factory=dict)


class Refused(Exception):
    """The account does not accept a change. `code` is for programs, the text for people."""

    def __init__(self, code: str, detail: str, path: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.path = path
