"""What the seeded story asks of an account, whatever CRM it lives in."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol


class SeedLead(Protocol):
    """A deal as the story sees it."""

    @property
    def id(self) -> int:
        """Its number."""
        ...


class SeedContact(Protocol):
    """A person or a firm; `company_id` is the person's firm."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def company_id(self) -> int | None:
        """The number of the firm."""
        ...


class SeedTask(Protocol):
    """A task."""

    @property
    def id(self) -> int:
        """Its number."""
        ...


class SeedAccount(Protocol):
    """Changes of an account. `by` is the acting person (0 for nobody), `at` is in unix seconds.

    Stages, fields and loss reasons are named by whatever the account's own `Office` holds for them.
    """

    @property
    def contacts(self) -> Mapping[int, SeedContact]:
        """All persons and firms by their numbers."""
        ...

    def silent(self) -> AbstractContextManager[None]:
        """Inside, nobody is told of changes."""
        ...

    def create_contact(
        self,
        *,
        name: str,
        kind: str = "contact",
        responsible_user_id: int = 0,
        by: int = 0,
        at: float | None = None,
        phones: Iterable[str] = (),
        emails: Iterable[str] = (),
        company_id: int | None = None,
    ) -> SeedContact:
        """A new person, or a firm with kind="company"."""
        ...

    def create_lead(
        self,
        *,
        name: str,
        pipeline_id: int,
        status_id: int,
        price: int = 0,
        responsible_user_id: int = 0,
        by: int = 0,
        at: float | None = None,
        contact_ids: Sequence[int] = (),
        company_id: int | None = None,
        fields: Mapping[int, object] | None = None,
        tags: Iterable[str] = (),
        source_name: str | None = None,
    ) -> SeedLead:
        """A new deal. `price` is in roubles."""
        ...

    def move_lead(
        self,
        lead_id: int,
        status_id: int,
        *,
        by: int,
        at: float | None = None,
        loss_reason_id: int | None = None,
    ) -> bool:
        """A deal goes to another stage of its pipeline."""
        ...

    def delete_lead(self, lead_id: int, *, by: int, at: float | None = None) -> None:
        """A deal goes."""
        ...

    def delete_status(self, pipeline_id: int, status_id: int, *, by: int, at: float | None = None) -> None:
        """A stage goes."""
        ...

    def client_call(
        self,
        lead_id: int,
        *,
        direction: str = "inbound",
        duration: int = 60,
        result: str = "",
        by: int = 0,
        at: float | None = None,
    ) -> object:
        """A call, inbound or outbound. `duration` is in seconds, 0 when nobody answered."""
        ...

    def add_message(
        self,
        lead_id: int,
        text: str,
        *,
        incoming: bool = True,
        by: int = 0,
        at: float | None = None,
        channel: str = "telegram",
    ) -> object:
        """A chat message."""
        ...

    def add_mail(
        self,
        lead_id: int,
        subject: str,
        text: str = "",
        *,
        incoming: bool = True,
        by: int = 0,
        at: float | None = None,
    ) -> object:
        """A letter."""
        ...

    def fill_form(
        self, lead_id: int, form_name: str, answers: Mapping[int, object], *, at: float | None = None
    ) -> object:
        """The client sends a form of the site."""
        ...

    def add_unsorted_form(
        self,
        *,
        name: str,
        pipeline_id: int,
        form_name: str,
        contact_id: int | None = None,
        at: float | None = None,
    ) -> object:
        """A form that nobody has accepted yet."""
        ...

    def add_note(self, entity: str, entity_id: int, text: str, *, by: int, at: float | None = None) -> object:
        """A note of the seller."""
        ...

    def set_field(
        self, entity: str, entity_id: int, field_id: int, value: object, *, by: int, at: float | None = None
    ) -> object:
        """A custom field gets a value; a list is given by its choice's text, a date in unix seconds."""
        ...

    def add_tag(self, entity: str, entity_id: int, name: str, *, by: int, at: float | None = None) -> object:
        """A tag is hung."""
        ...

    def add_task(
        self,
        entity: str,
        entity_id: int,
        text: str,
        *,
        complete_till: int,
        by: int,
        at: float | None = None,
    ) -> SeedTask:
        """A task with its deadline."""
        ...

    def complete_task(self, task_id: int, result: str = "", *, by: int, at: float | None = None) -> object:
        """A task is done."""
        ...
