"""What a portal remembers, and the few operations that every change goes through."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.model import (
    CONTACT,
    DEAL,
    DOCUMENT,
    INVOICE,
    Activity,
    Call,
    Category,
    Chat,
    Client,
    Comment,
    Document,
    HistoryRow,
    Item,
    Link,
    Notice,
    Notification,
    Payment,
    Refused,
    Stage,
    Task,
    User,
    UserField,
)
from app.sandbox.bitrix24.roles import Role

FIRST_IDS = {
    "item2": 9001,
    "item31": 501,
    "item36": 1,
    "client3": 3001,
    "client4": 1201,
    "history": 40_001,
    "activity": 77_001,
    "call": 6001,
    "chat": 1801,
    "session": 2301,
    "message": 86_401,
    "outsider": 900,
    "comment": 6101,
    "task": 321,
    "payment": 301,
    "document": 81,
    "notification": 11_001,
    "user": 1,
    "category": 1,
    "stage": 101,
    "field": 201,
    "choice": 41,
    "handler": 40,
    "app": 7,
    "offline": 1,
    "role": 3,
}


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes something, when and how.

    `at` is unix seconds, None for now; `origin` is ui, api or robot; `hops` and `connector` are
    explained at `Notice`.
    """

    by: int = 0
    at: float | None = None
    origin: str = "ui"
    hops: int | None = None
    connector: str = ""


@dataclass(frozen=True, slots=True)
class Robot:
    """What the portal does by itself when a deal enters a stage: `kind` is move or comment."""

    kind: str
    value: str


def _is_said_already(old: Notice, new: Notice) -> bool:
    """Whether an event would say the same in the same name: a robot's has no tokens, a person's has his."""
    speakers = [0 if notice.origin == "robot" else notice.by for notice in (old, new)]
    return (old.event, old.data) == (new.event, new.data) and speakers[0] == speakers[1]


class PortalState:
    """The tables of a portal, its clock and its listeners."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.name = config.name
        self.member_id = config.member_id
        self.clock = config.clock
        self.faults = config.faults
        self.rng: random.Random = config.rng()
        self.users: dict[int, User] = {}
        self.roles: dict[int, Role] = {}
        self.categories: dict[tuple[int, int], Category] = {}
        self.stages: dict[tuple[int, str], Stage] = {}
        self.user_fields: dict[str, UserField] = {}
        self.sources: dict[str, str] = {}
        self.items: dict[int, dict[int, Item]] = {DEAL: {}, INVOICE: {}, DOCUMENT: {}}
        self.clients: dict[int, dict[int, Client]] = {CONTACT: {}, 4: {}}
        self.history: dict[int, HistoryRow] = {}
        self.history_of: dict[Link, list[HistoryRow]] = {}
        self.activities: dict[int, Activity] = {}
        self.activities_of: dict[Link, list[int]] = {}
        self.calls: dict[int, Call] = {}
        self.call_of: dict[int, int] = {}  # activity to call
        self.chats: dict[int, Chat] = {}
        self.chats_of: dict[Link, list[int]] = {}
        self.comments: dict[int, Comment] = {}
        self.comments_of: dict[Link, list[int]] = {}
        self.tasks: dict[int, Task] = {}
        self.payments: dict[int, Payment] = {}
        self.documents: dict[int, Document] = {}
        self.notifications: dict[int, Notification] = {}
        self.robots: dict[str, list[Robot]] = {}
        self.listeners: list[Callable[[Notice], None]] = []
        self.recent: deque[Notice] = deque(maxlen=1000)
        self.closing = False
        self._silent = 0
        self._batch: list[Notice] | None = None
        self._next = dict(FIRST_IDS)

    def now(self) -> float:
        """The portal's time, unix seconds."""
        return self.clock.now()

    def moment(self, act: Act) -> float:
        """When an act happens, unix seconds."""
        return self.now() if act.at is None else act.at

    def iso(self, at: float | None) -> str:
        """A moment in the portal's zone, ISO 8601 with whole seconds; empty for none."""
        if at is None:
            return ""
        zone = timezone(timedelta(hours=self.config.utc_offset))
        return datetime.fromtimestamp(int(at), zone).isoformat()

    def take_id(self, kind: str) -> int:
        """A fresh id of that kind."""
        value = self._next[kind]
        self._next[kind] = value + 1
        return value

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Inside, changes are kept but no event and no page hears of them: for seeding."""
        self._silent += 1
        try:
            yield
        finally:
            self._silent -= 1

    def tell(self, event: str, data: dict[str, object], act: Act, link: Link | None = None) -> None:
        """Let events and live pages know, unless the change is a silent one."""
        if self._silent:
            return
        notice = Notice(event, data, act.by, self.moment(act), act.origin, link, act.hops, act.connector)
        if self._batch is None:
            self._hand_out(notice)
        elif not any(_is_said_already(old, notice) for old in self._batch):
            self._batch.append(notice)

    def _hand_out(self, notice: Notice) -> None:
        self.recent.append(notice)
        for listener in list(self.listeners):
            listener(notice)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Inside, equal events of one author are merged, as the portal does within a request of its own."""
        if self._batch is not None:
            yield
            return
        self._batch = []
        try:
            yield
        finally:
            collected, self._batch = self._batch, None
            for notice in collected:
                self._hand_out(notice)

    def item(self, entity_type_id: int, item_id: int) -> Item:
        """A deal or invoice. Raises Refused (NOT_FOUND)."""
        found = self.items.get(entity_type_id, {}).get(item_id)
        if found is None:
            raise Refused("NOT_FOUND", "Элемент не найден")
        return found

    def deal(self, deal_id: int) -> Item:
        """A deal. Raises Refused (NOT_FOUND)."""
        return self.item(DEAL, deal_id)

    def stage(self, entity_type_id: int, stage_id: str) -> Stage | None:
        """A stage by its code, None when there is none."""
        return self.stages.get((entity_type_id, stage_id))

    def stages_of(self, entity_type_id: int, category_id: int) -> list[Stage]:
        """The stages of a funnel in their order."""
        found = [
            stage
            for (kind, _), stage in self.stages.items()
            if kind == entity_type_id and stage.category_id == category_id
        ]
        return sorted(found, key=lambda stage: (stage.sort, stage.id))

    def may_read(self, user: User, item: Item) -> bool:
        """Whether the user's role lets him see a deal or invoice."""
        if user.is_admin:
            return True
        if item.entity_type_id == DEAL and item.category_id in user.hidden_categories:
            return False
        return user.sees == "all" or (user.sees == "own" and item.assigned_by_id == user.id)

    def known(self, link: Link) -> bool:
        """Whether there is such a record."""
        kind, number = link
        return number in self.items.get(kind, {}) or number in self.clients.get(kind, {})

    def touch(self, link: Link, act: Act) -> None:
        """Note that something was done about a deal or invoice; its own fields stay as they are."""
        item = self.items.get(link[0], {}).get(link[1])
        if item is not None:
            item.last_activity_by = act.by
            item.last_activity_time = max(item.last_activity_time, self.moment(act))
            if self.faults.activity_raises_update and item.entity_type_id == DEAL:
                self.tell("ONCRMDEALUPDATE", {"FIELDS": {"ID": item.id}}, act, item.link)

    def reverse_batch(self) -> None:
        """What the running batch has collected is told the other way round."""
        if self._batch is not None:
            self._batch.reverse()
