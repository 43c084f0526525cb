"""A believable Russian account of 180 days; the same number gives the same account."""

import random
from dataclasses import dataclass

from app.sandbox.amocrm import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Contact, Lead
from app.sandbox.amocrm.seed_office import DAY, HOUR, Office, at_work, furnish
from app.sandbox.amocrm.seed_story import HABITS, SHARES, Habit, Story

LEADS, REPEAT_LEADS, DAYS = 1_350, 150, 180
STORY_LEAD = "ООО «Лесной терем», 40 рабочих мест"
HURRIES = (0.62, 0.18, 0.45, 0.25, 0.7, 0.33)
"""How readily each manager moves a deal ahead of the client."""


def seed(account: Account, number: int, now: float) -> Lead:
    """Fill an empty account with 180 days that end at `now` (unix seconds); the lead of the demo's story."""
    rng = random.Random(number)  # noqa: S311  a believable account, not a secret
    account.rng = random.Random(number + 1)  # noqa: S311
    with account.silent():
        office = furnish(account)
        people = _People(account, rng, office)
        births = sorted(now - rng.random() ** 0.9 * DAYS * DAY for _ in range(LEADS))
        for birth in births:
            _live(account, office, rng, people, birth, now)
        for _ in range(REPEAT_LEADS):
            _repeat(account, office, rng, people, now - rng.random() * DAYS * DAY, now)
        _spoil(account, office, rng, now)
        return _story_lead(account, office, now)


@dataclass
class _People:
    account: Account
    rng: random.Random
    office: Office

    def contact(self, birth: float, manager: int) -> Contact:
        """A new client, now and then one who has been here before."""
        known = list(self.account.contacts.values())
        if known and self.rng.random() < 0.15:
            return self.rng.choice(known)
        last, first = self.rng.choice(words.LAST), self.rng.choice(words.FIRST)
        ending = "а" if first[-1] in "ая" else ""
        phone = f"+79{self.rng.randrange(10**8, 10**9)}"
        return self.account.create_contact(
            name=f"{first} {last}{ending}", by=manager, at=birth, phones=[phone], responsible_user_id=manager
        )


def _live(
    account: Account, office: Office, rng: random.Random, people: _People, birth: float, now: float
) -> None:
    habit = rng.choices(HABITS, SHARES)[0]
    turn = rng.randrange(len(office.managers))
    manager, hurry = office.managers[turn], HURRIES[turn]
    birth = at_work(rng, birth) if rng.random() < 0.8 else birth
    if birth >= now:
        return
    contact = people.contact(birth, manager)
    lead = _create(account, office, rng, habit, contact, manager, birth)
    story = Story(account, office, rng, habit, lead, manager, birth, now, hurry, _phone(account, contact))
    story.tell()


def _create(
    account: Account,
    office: Office,
    rng: random.Random,
    habit: Habit,
    contact: Contact,
    manager: int,
    birth: float,
) -> Lead:
    by_hand = rng.random() < 0.12
    price = rng.randrange(*habit.bill) * 1000
    dirty = rng.random()
    fields: dict[int, object] = {} if dirty < 0.05 else {office.fields["kind"]: habit.kind}
    return account.create_lead(
        name="" if 0.05 <= dirty < 0.06 else f"ООО «{rng.choice(words.FIRMS)}», {rng.choice(words.NEEDS)}",
        pipeline_id=office.sales.id,
        status_id=office.stages["Новая заявка"],
        price=0 if 0.06 <= dirty < 0.1 else price,
        responsible_user_id=manager,
        by=manager if by_hand else 0,
        at=birth,
        contact_ids=[contact.id],
        fields=fields,
        source_name=None if by_hand else rng.choices(words.SOURCES, (5, 4, 2, 2, 1))[0],
        origin="ui" if by_hand else "robot",
    )


def _repeat(
    account: Account, office: Office, rng: random.Random, people: _People, birth: float, now: float
) -> None:
    turn = rng.randrange(len(office.managers))
    manager, birth = office.managers[turn], at_work(rng, birth)
    stages = [
        stage
        for stage in sorted(office.repeat.statuses.values(), key=lambda stage: stage.sort)
        if stage.type == 0
    ]
    if birth >= now:
        return
    lead = account.create_lead(
        name=f"Повтор: {rng.choice(words.NEEDS)}",
        pipeline_id=office.repeat.id,
        status_id=stages[0].id,
        price=rng.randrange(20, 400) * 1000,
        responsible_user_id=manager,
        by=manager,
        at=birth,
        contact_ids=[people.contact(birth, manager).id],
    )
    at = birth
    for stage in stages[1:4]:
        at = at_work(rng, at + rng.uniform(4, 80) * HOUR)
        if at >= now or rng.random() < 0.25:
            return
        if rng.random() < 0.7:
            account.add_message(lead.id, rng.choice(words.QUESTIONS), at=at - 30)
        account.move_lead(lead.id, stage.id, office.repeat.id, by=manager, at=at)


def _spoil(account: Account, office: Office, rng: random.Random, now: float) -> None:
    """What every real account has: people who left, deals that came back, went or were doubled."""
    moved = [lead for lead in account.leads.values() if lead.updated_at < now - 2 * DAY]
    for lead in rng.sample(moved, 30):
        lead.responsible_user_id = office.gone
    lost = [lead for lead in moved if lead.status_id == 143]
    for lead in rng.sample(lost, min(20, len(lost))):
        at = at_work(rng, lead.updated_at + rng.uniform(20, 200) * HOUR)
        if at < now:
            account.move_lead(
                lead.id, office.stages["Классификация"], office.sales.id, by=office.managers[0], at=at
            )
    for lead in rng.sample(moved, 12):
        account.delete_lead(lead.id, by=office.managers[1], at=now - DAY)


def _story_lead(account: Account, office: Office, now: float) -> Lead:
    """A deal that is ready for a proposal which the client never got."""
    manager, start = office.managers[0], at_work(random.Random(7), now - 6 * DAY)  # noqa: S311
    start = min(start, now - 3 * DAY)
    contact = account.create_contact(
        name="Вера Лесная", by=manager, at=start, phones=["+79161234567"], responsible_user_id=manager
    )
    lead = account.create_lead(
        name=STORY_LEAD,
        pipeline_id=office.sales.id,
        status_id=office.stages["Новая заявка"],
        price=640_000,
        responsible_user_id=manager,
        by=0,
        at=start,
        contact_ids=[contact.id],
        fields={office.fields["kind"]: "Выбирает"},
        source_name="Сайт",
        origin="robot",
    )
    phone = "+79161234567"
    account.add_call(
        "leads",
        lead.id,
        direction="outbound",
        duration=312,
        phone=phone,
        by=manager,
        at=start + HOUR,
        responsible_user_id=manager,
    )
    account.move_lead(
        lead.id, office.stages["Первичные переговоры"], office.sales.id, by=manager, at=start + 1.2 * HOUR
    )
    written = start + 26 * HOUR
    for name, value in (
        ("needs", "40 рабочих мест до марта, светлый дуб, сборка на объекте"),
        ("budget", 640_000),
        ("deadline", "до марта"),
    ):
        account.set_field("leads", lead.id, office.fields[name], value, by=manager, at=written)
    account.add_message(lead.id, "Здравствуйте! Нужно 40 мест до марта, светлый дуб.", at=written - 120)
    account.move_lead(lead.id, office.stages["Классификация"], office.sales.id, by=manager, at=written + 300)
    return lead


def _phone(account: Account, contact: Contact) -> str:
    known = account.field_by_code("contacts", "PHONE")
    values = contact.fields.get(known.id, []) if known else []
    return str(values[0]["value"]) if values else ""
