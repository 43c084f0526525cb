"""The portal as the seeded story sees it: deals, stages and fields under plain numbers."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from app.sandbox.bitrix24.model import COMPANY, CONTACT, DEAL, INVOICE, Item, Stage, Task
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from app.sandbox.seed_office import INVOICE as INVOICE_STAGE

SOURCES = {
    "Сайт": "WEB",
    "Звонок": "CALL",
    "Телеграм": "1|OPENLINE",
    "Почта": "EMAIL",
    "Выставка": "TRADE_SHOW",
    "Рекомендация": "RECOMMENDATION",
}
CHANNELS = {"telegram": "telegrambot", "whatsapp": "whatsappbytwilio", "avito": "avito"}
FORM_ID = 5


@dataclass(frozen=True, slots=True)
class Person:
    """A contact or a company under a number that both share."""

    id: int
    name: str
    company_id: int | None
    client_id: int
    is_company: bool


class SeedPortal:
    """The changes that the story makes, done to a portal; see `app.sandbox.seed_account`."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.contacts: dict[int, Person] = {}
        self.fields: dict[str, int] = {}
        self._invoices: dict[int, list[Item]] = {}
        self._stages: dict[int, Stage] = {stage.id: stage for stage in portal.stages.values()}
        self._names = {field.id: field.name for field in portal.user_fields.values()}

    def silent(self) -> AbstractContextManager[None]:
        """Inside, nobody is told of changes."""
        return self.portal.silent()

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
    ) -> Person:
        """A contact with first and last name, or a company."""
        is_company = kind == "company"
        first, _, last = (name, "", "") if is_company else name.partition(" ")
        client = self.portal.create_client(
            first,
            Act(by, at),
            entity_type_id=COMPANY if is_company else CONTACT,
            last_name=last,
            assigned_by_id=responsible_user_id,
            phones=list(phones),
            emails=list(emails),
            company_id=self.contacts[company_id].client_id if company_id else 0,
        )
        person = Person(len(self.contacts) + 1, name, company_id, client.id, is_company)
        self.contacts[person.id] = person
        return person

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
    ) -> Item:
        """A deal with its client, price and source."""
        values: dict[str, object] = {
            "category_id": pipeline_id,
            "stage_id": self._stages[status_id].status_id,
            "opportunity": float(price),
            "assigned_by_id": responsible_user_id,
            "contact_ids": [self.contacts[number].client_id for number in contact_ids],
            "company_id": self.contacts[company_id].client_id if company_id else 0,
            "source_id": SOURCES.get(source_name or "", ""),
        }
        for field_id, value in (fields or {}).items():
            values[self._names[field_id]] = self._kept(field_id, value)
        marks = list(tags)
        if marks:
            values[self._names[self.fields["marks"]]] = marks
        return self.portal.make_item(name, Act(by, at), values)

    def _kept(self, field_id: int, value: object) -> object:
        """A choice by its text; everything else as it is."""
        field = self.portal.user_fields[self._names[field_id]]
        return next((number for number, text in field.items.items() if text == value), value)

    def _deal(self, lead_id: int) -> Item:
        return self.portal.items[DEAL][lead_id]

    def move_lead(
        self,
        lead_id: int,
        status_id: int,
        *,
        by: int,
        at: float | None = None,
        loss_reason_id: int | None = None,
    ) -> bool:
        """Another stage; a loss notes its reason, an invoice stage sends an invoice."""
        deal, stage, act = self._deal(lead_id), self._stages[status_id], Act(by, at)
        changes: dict[str, object] = {"stage_id": stage.status_id}
        if loss_reason_id is not None:
            changes[self._names[self.fields["reason"]]] = loss_reason_id
        if not self.portal.update_item(deal, changes, act):
            return False
        if stage.name == INVOICE_STAGE:
            self._invoice(deal, act)
        elif stage.semantics == "S":
            self._paid(deal, act)
        return True

    def _invoice(self, deal: Item, act: Act) -> None:
        sent = next(code for kind, code in self.portal.stages if kind == INVOICE and code.endswith(":S"))
        values: dict[str, object] = {
            "stage_id": sent,
            "opportunity": deal.opportunity,
            "parents": {DEAL: deal.id},
            "contact_ids": list(deal.contact_ids),
            "assigned_by_id": deal.assigned_by_id,
        }
        invoice = self.portal.make_item(f"Счёт: {deal.title.strip()}", act, values, INVOICE)
        self._invoices.setdefault(deal.id, []).append(invoice)

    def _paid(self, deal: Item, act: Act) -> None:
        paid = next(code for kind, code in self.portal.stages if kind == INVOICE and code.endswith(":P"))
        for invoice in self._invoices.get(deal.id, []):
            self.portal.update_item(invoice, {"stage_id": paid}, Act(0, act.at, "robot"))

    def delete_lead(self, lead_id: int, *, by: int, at: float | None = None) -> None:
        """A deal goes."""
        self.portal.delete_item(self._deal(lead_id), Act(by, at))

    def delete_status(self, pipeline_id: int, status_id: int, *, by: int, at: float | None = None) -> None:
        """A stage goes; who still stands in it goes to the funnel's first one."""
        code = self._stages[status_id].status_id
        first = self.portal.stages_of(DEAL, pipeline_id)[0].status_id
        for deal in self.portal.items[DEAL].values():
            if deal.stage_id == code:
                self.portal.update_item(deal, {"stage_id": first}, Act(by, at))
        self.portal.delete_stage(code)

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
        """A call with its row in the statistics."""
        del result
        incoming = direction == "inbound"
        return self.portal.add_call(self._deal(lead_id), Act(by, at), incoming=incoming, duration=duration)

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
        """A message of an open line."""
        connector = CHANNELS.get(channel, channel)
        deal = self._deal(lead_id)
        return self.portal.add_message(deal, Act(by, at), text, incoming=incoming, connector=connector)

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
        deal = self._deal(lead_id)
        return self.portal.add_mail(deal, Act(by, at), subject=subject, text=text, incoming=incoming)

    def fill_form(
        self, lead_id: int, form_name: str, answers: Mapping[int, object], *, at: float | None = None
    ) -> object:
        """A form of the site."""
        values = {self._names[number]: self._kept(number, value) for number, value in answers.items()}
        deal = self._deal(lead_id)
        return self.portal.add_form(deal, Act(0, at), form_id=FORM_ID, name=form_name, answers=values)

    def add_unsorted_form(
        self,
        *,
        name: str,
        pipeline_id: int,
        form_name: str,
        contact_id: int | None = None,
        at: float | None = None,
    ) -> object:
        """A form that nobody has looked at: here it is a deal in the first stage at once."""
        first = self.portal.stages_of(DEAL, pipeline_id)[0]
        deal = self.create_lead(
            name=name,
            pipeline_id=pipeline_id,
            status_id=first.id,
            at=at,
            contact_ids=[contact_id] if contact_id else [],
            source_name="Сайт",
        )
        return self.fill_form(deal.id, form_name, {}, at=at)

    def add_note(self, entity: str, entity_id: int, text: str, *, by: int, at: float | None = None) -> object:
        """A comment in the timeline."""
        del entity
        return self.portal.add_comment((DEAL, entity_id), Act(by, at), text)

    def set_field(
        self, entity: str, entity_id: int, field_id: int, value: object, *, by: int, at: float | None = None
    ) -> object:
        """A custom field."""
        del entity
        changes = {self._names[field_id]: self._kept(field_id, value)}
        return self.portal.update_item(self._deal(entity_id), changes, Act(by, at))

    def add_tag(self, entity: str, entity_id: int, name: str, *, by: int, at: float | None = None) -> object:
        """The portal has no tags for deals: a field with marks stands in for them."""
        del entity
        deal, field = self._deal(entity_id), self._names[self.fields["marks"]]
        before = deal.fields.get(field)
        marks = [*(before if isinstance(before, list) else []), name]
        return self.portal.update_item(deal, {field: marks}, Act(by, at))

    def add_task(
        self,
        entity: str,
        entity_id: int,
        text: str,
        *,
        complete_till: int,
        by: int,
        at: float | None = None,
    ) -> Task:
        """A task that is tied to the deal."""
        del entity
        return self.portal.add_task(
            text, Act(by, at), responsible_id=by, crm=[f"D_{entity_id}"], deadline=float(complete_till)
        )

    def complete_task(self, task_id: int, result: str = "", *, by: int, at: float | None = None) -> object:
        """A task is done."""
        del result
        self.portal.complete_task(self.portal.tasks[task_id], Act(by, at))
        return None
