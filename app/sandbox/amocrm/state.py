"""What an account remembers, and the few operations that every change goes through."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.sandbox.amocrm import ids
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.journal import Journal
from app.sandbox.amocrm.model import (
    ENTITY_OF,
    Contact,
    CustomField,
    Event,
    Lead,
    LossReason,
    Message,
    Note,
    Notice,
    Pipeline,
    Refused,
    Status,
    Tag,
    Talk,
    Task,
    Unsorted,
    User,
    Webhook,
)

Values = list[dict[str, object]]


class AccountState:
    """The tables of an account, its clock, its log and its listeners."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.id = config.account_id
        self.name = config.name
        self.subdomain = config.subdomain
        self.clock = config.clock
        self.faults = config.faults
        self.rng: random.Random = config.rng()
        self.users: dict[int, User] = {}
        self.groups: dict[int, str] = {0: "Отдел продаж"}
        self.pipelines: dict[int, Pipeline] = {}
        self.fields: dict[int, CustomField] = {}
        self.loss_reasons: dict[int, LossReason] = {}
        self.tags: dict[int, Tag] = {}
        self.leads: dict[int, Lead] = {}
        self.contacts: dict[int, Contact] = {}  # companies too, told apart by kind
        self.phone_book: dict[str, list[int]] = {}  # last ten digits to contact ids
        self.notes: dict[int, Note] = {}
        self.notes_of: dict[tuple[str, int], list[int]] = {}
        self.tasks: dict[int, Task] = {}
        self.tasks_of: dict[tuple[str, int], list[int]] = {}
        self.messages: dict[str, Message] = {}
        self.talks: dict[int, Talk] = {}
        self.unsorted: dict[str, Unsorted] = {}
        self.sources: dict[str, int] = {}
        self.hooks: dict[int, Webhook] = {}
        self.journal = Journal()
        self.listeners: list[Callable[[Notice], None]] = []
        self._event_ids = ids.EventIds(self.rng)
        self.closing = False
        self._silent = 0
        self._batch: list[Notice] | None = None
        self.counters = {
            "user": ids.Counter(10_000_698, 4),
            "pipeline": ids.Counter(9_217_056, 4),
            "status": ids.Counter(67_548_607, 4),
            "field": ids.Counter(752_009),
            "enum": ids.Counter(718_321),
            "reason": ids.Counter(17_203_749),
            "tag": ids.Counter(80_147),
            "lead": ids.Counter(32_966_269),
            "contact": ids.Counter(37_054_081),
            "note": ids.Counter(42_743_871, 1),
            "task": ids.Counter(1_564_845),
            "talk": ids.Counter(166, 1),
            "source": ids.Counter(5_001, 1),
            "webhook": ids.Counter(839_656, 3),
        }

    def now(self) -> float:
        """The account's time, unix seconds."""
        return self.clock.now()

    def take_id(self, kind: str, wanted: int | None = None) -> int:
        """A fresh id of that kind, or the wanted one."""
        counter = self.counters[kind]
        return counter.take() if wanted is None else counter.reserve(wanted)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Inside, changes reach the log but no webhook and no page: for seeding."""
        self._silent += 1
        try:
            yield
        finally:
            self._silent -= 1

    def log(
        self,
        kind: str,
        entity: str,
        entity_id: int,
        *,
        by: int,
        at: float,
        after: Values | None = None,
        before: Values | None = None,
        talk_contact: int | None = None,
    ) -> Event:
        """Append one event. Live events become visible after the switched lag."""
        event = Event(
            id=self._event_ids.make(at),
            type=kind,
            entity=entity,
            entity_id=entity_id,
            created_by=by,
            created_at=ids.whole_milliseconds(at) // 1000,
            value_after=after or [],
            value_before=before or [],
            visible_at=self._visible_at(),
            linked_talk_contact_id=talk_contact,
        )
        self.journal.append(event)
        return event

    def _visible_at(self) -> float:
        faults = self.faults
        if self._silent or not (faults.event_log_lag or faults.event_log_jitter):
            return 0.0
        return self.now() + faults.event_log_lag + faults.event_log_jitter * self.rng.random()

    def tell(
        self,
        code: str,
        entity_ids: int | tuple[int, ...],
        *,
        by: int,
        at: float,
        origin: str = "ui",
        emit: bool = True,
        extra: dict[str, object] | None = None,
    ) -> None:
        """Let webhooks and live pages know, unless the change is a silent one."""
        if self._silent or not emit:
            return
        known = (entity_ids,) if isinstance(entity_ids, int) else entity_ids
        notice = Notice(code, known, by, at, origin, extra or {})
        if self._batch is None:
            self._hand_out(notice)
        elif not any(old.code == code and old.ids == known for old in self._batch):
            self._batch.append(notice)

    def _hand_out(self, notice: Notice) -> None:
        for listener in list(self.listeners):
            listener(notice)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Inside, several changes of one record count as one action: each hook is told once.

        A move and a creation already imply an update, so a plain update of the same record is dropped.
        """
        if self._batch is not None:
            yield
            return
        self._batch = []
        try:
            yield
        finally:
            collected, self._batch = self._batch, None
            told = {(notice.code, notice.ids) for notice in collected}
            for notice in collected:
                action, _, kind = notice.code.partition("_")
                larger = {(f"{code}_{kind}", notice.ids) for code in ("status", "add")}
                if action != "update" or not larger & told:
                    self._hand_out(notice)

    def status(self, pipeline_id: int, status_id: int) -> Status:
        """A stage. Raises Refused (NotSupportedChoice) when there is none."""
        pipeline = self.pipelines.get(pipeline_id)
        status = pipeline.statuses.get(status_id) if pipeline else None
        if status is None:
            raise Refused("NotSupportedChoice", "The value you selected is not a valid choice.", "status_id")
        return status

    def live_lead(self, lead_id: int) -> Lead:
        """A lead that is neither deleted nor merged away. Raises Refused (NotFound)."""
        lead = self.leads.get(lead_id)
        if lead is None or lead.is_deleted or lead.merged_into is not None:
            raise Refused("NotFound", "There is no such lead.", "id")
        return lead

    def holder(self, entity: str, entity_id: int) -> Lead | Contact:
        """A lead, contact or company by plural name and id. Raises Refused (NotFound)."""
        if entity == "leads":
            return self.live_lead(entity_id)
        contact = self.contacts.get(entity_id)
        if contact is None or contact.is_deleted or ENTITY_OF[contact.kind] != entity:
            raise Refused("NotFound", "There is no such entity.", "id")
        return contact

    def touch(self, holder: Lead | Contact, by: int, at: float) -> None:
        """Stamp a record as changed; its time never runs backwards."""
        holder.updated_at = max(holder.updated_at, int(at))
        holder.updated_by = by

    def remember_phones(self, contact: Contact) -> None:
        """Put a contact's phone numbers into the book that incoming calls are looked up in."""
        for field_id, values in contact.fields.items():
            if self.fields[field_id].code == "PHONE":
                for value in values:
                    known = self.phone_book.setdefault(last_ten(str(value.get("value"))), [])
                    if contact.id not in known:
                        known.append(contact.id)


def last_ten(phone: str) -> str:
    """The last ten digits of a phone number, by which the account recognises it."""
    return "".join(character for character in phone if character.isdigit())[-10:]
