"""The lead of the demonstration: its client has asked and told, but never received an offer."""

from app.sandbox import seed_words as words
from app.sandbox.seed_account import SeedLead
from app.sandbox.seed_course import World
from app.sandbox.seed_office import CHOOSING, NEW, QUALIFIED, TALKS
from app.sandbox.seed_time import DAY, HOUR

NAME = "ООО «Северный причал», 40 рабочих мест"
CLIENT = "Марина Ветрова"
PHONE = "+7 900 555-14-40"
MINUTE = 60.0


def tell_story(world: World) -> SeedLead:
    """One lead in the stage before the offer; whoever opens the account finds it first in its column.

    Its contact has no other lead, so a call of the client's lands on this one. Nothing of his was
    recorded since the requirements were written down: the offer has reached nobody yet.
    """
    account, office, now = world.account, world.office, world.now
    seller = office.sellers[0].user_id
    company = account.create_contact(
        name="ООО «Северный причал»", kind="company", responsible_user_id=seller, at=now - 3 * DAY
    )
    client = account.create_contact(
        name=CLIENT,
        responsible_user_id=seller,
        at=now - 3 * DAY,
        phones=[PHONE],
        emails=["vetrova@prichal.example"],
        company_id=company.id,
    )
    lead = account.create_lead(
        name=NAME,
        price=1_840_000,
        pipeline_id=office.main_id,
        status_id=office.stages[NEW],
        responsible_user_id=seller,
        at=now - 3 * DAY,
        contact_ids=[client.id],
        company_id=company.id,
        fields={office.fields["kind"]: CHOOSING},
        source_name="Сайт",
    )
    _until_requirements(world, lead, seller)
    return lead


def _until_requirements(world: World, lead: SeedLead, seller: int) -> None:
    account, office, now = world.account, world.office, world.now
    account.fill_form(lead.id, words.FORM, {}, at=now - 3 * DAY + 1)
    account.client_call(
        lead.id,
        direction="outbound",
        duration=212,
        result="Обсудили задачу",
        by=seller,
        at=now - 2.9 * DAY,
    )
    account.move_lead(lead.id, office.stages[TALKS], by=seller, at=now - 2.8 * DAY)
    account.add_note(
        "leads",
        lead.id,
        "Переезжают в бизнес-центр у порта, 40 мест, решает Марина.",
        by=seller,
        at=now - 2.7 * DAY,
    )
    answers = {
        "needs": "40 столов с подъёмом, кресла, две переговорные; сборка в выходные",
        "budget": 1_900_000,
        "deadline": "до 25 числа",
    }
    for number, (field, value) in enumerate(answers.items()):
        account.set_field(
            "leads", lead.id, office.fields[field], value, by=seller, at=now - 14 * MINUTE + 60 * number
        )
    account.move_lead(lead.id, office.stages[QUALIFIED], by=seller, at=now - 6 * MINUTE)
    account.add_task(
        "leads",
        lead.id,
        "Подготовить и отправить КП",
        complete_till=int(now + 4 * HOUR),
        by=seller,
        at=now - 5 * MINUTE,
    )
