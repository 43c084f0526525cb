"""A believable account, grown from a number: the same number and the same present give the same account."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.amocrm import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON, Contact
from app.sandbox.amocrm.seed_birth import Birth, Dirt, make_birth, make_client, write_down
from app.sandbox.amocrm.seed_course import Course, NotYet, World
from app.sandbox.amocrm.seed_kinds import GaveUp
from app.sandbox.amocrm.seed_office import REPEAT_STAGES, RETIRED, TALKS, open_office
from app.sandbox.amocrm.seed_story import NAME as STORY_LEAD
from app.sandbox.amocrm.seed_story import tell_story
from app.sandbox.amocrm.seed_time import DAY, HOUR, MOSCOW, awake

__all__ = ["DAYS", "LEADS", "STORY_LEAD", "seed"]

LEADS = 1_500
DAYS = 180
DIRTY = 0.08
REPEATED = 0.09
SECOND_REQUEST = 0.05
UNTOUCHED_HOURS = 14
STAGE_DELETED_AFTER = 80 * DAY
WEEK = (10, 11, 11, 10, 8, 3, 2)


@dataclass(slots=True)
class Clients:
    """Those who have bought, and those whose lead is still open at the present."""

    bought: list[Contact] = field(default_factory=list)
    waiting: list[Contact] = field(default_factory=list)


def seed(account: Account, seed_number: int, now: float, leads: int = LEADS) -> None:
    """Fill an empty account with `leads` and 180 days of events that end at `now` (unix seconds)."""
    rng = random.Random(seed_number)  # noqa: S311
    with account.silent():
        world = World(account, open_office(account), rng, now)
        clients = Clients()
        for moment in _moments(world, leads):
            _live(world, moment, clients)
        _delete_retired_stage(world)
        tell_story(world)


def _moments(world: World, leads: int) -> list[float]:
    """When requests come in: fewer at weekends, none at night, somewhat more towards the present."""
    start = world.now - DAYS * DAY
    days = [start + number * DAY for number in range(DAYS)]
    weights = [
        WEEK[datetime.fromtimestamp(day, MOSCOW).weekday()] * (1 + 0.4 * number / DAYS)
        for number, day in enumerate(days)
    ]
    picked = world.rng.choices(days, weights, k=leads - 1)
    moments = [awake(day + world.rng.uniform(0, DAY), world.rng) for day in picked]
    latest = world.now - 60
    return sorted(min(moment, latest - world.rng.uniform(0, HOUR)) for moment in moments)


def _live(world: World, moment: float, clients: Clients) -> None:
    rng = world.rng
    bought = clients.bought
    if len(bought) > 40 and rng.random() < REPEATED:
        _buy_again(world, moment, rng.choice(bought[: len(bought) // 2]))
        return
    dirt = rng.choice(list(Dirt)) if rng.random() < DIRTY else None
    birth = make_birth(world, moment, dirt)
    contact = _client_of(world, birth, clients)
    if contact and birth.source == "Сайт" and moment > world.now - UNTOUCHED_HOURS * HOUR:
        _leave_unsorted(world, birth, contact)
        return
    lead = write_down(world, birth, contact)
    _walk(Course(world, birth.seller, lead.id, moment + 2), birth)
    if contact and lead.status_id == WON:
        bought.append(contact)
    elif contact and lead.status_id != LOST:
        clients.waiting.append(contact)


def _client_of(world: World, birth: Birth, clients: Clients) -> Contact | None:
    if birth.dirt is Dirt.NO_CONTACT:
        return None
    if clients.waiting and (birth.dirt is Dirt.DUPLICATE or world.rng.random() < SECOND_REQUEST):
        return world.rng.choice(clients.waiting)
    return make_client(world, birth)


def _leave_unsorted(world: World, birth: Birth, contact: Contact) -> None:
    world.account.add_unsorted_form(
        name=f"{contact.name}: {world.rng.choice(words.GOODS)}",
        pipeline_id=world.office.main.id,
        form_name=words.FORM,
        contact_id=contact.id,
        at=birth.moment,
    )


def _walk(course: Course, birth: Birth) -> None:
    try:
        if birth.dirt is Dirt.RETIRED_STAGE and course.moment < course.world.now - DAYS * DAY / 2:
            course.move(RETIRED)
        _try(course, birth)
        _spoil(course, birth.dirt)
    except NotYet:
        _plan_next(course)


def _try(course: Course, birth: Birth) -> None:
    try:
        birth.kind.walk(course)
    except GaveUp as silent:
        course.seller_waits(1, 24)
        if birth.dirt is Dirt.NO_REASON:
            course.lose(None)
        elif course.chance(0.9):
            course.lose(silent.reason)


def _spoil(course: Course, dirt: Dirt | None) -> None:
    """What happens to the records of some leads after their end."""
    lead = course.world.account.leads[course.lead_id]
    if dirt is Dirt.DELETED:
        course.seller_waits(1, 48)
        course.world.account.delete_lead(lead.id, by=course.seller.user_id, at=course.moment)
    elif dirt is Dirt.REOPENED and lead.status_id == LOST:
        course.client_waits(100, 500)
        course.client_says(words.QUESTIONS)
        course.seller_waits(0.5, 20)
        course.move(TALKS)


def _plan_next(course: Course) -> None:
    """A lead that is still alive mostly has a task, of which some are overdue."""
    if not course.chance(course.seller.diligence):
        return
    world = course.world
    world.account.add_task(
        "leads",
        course.lead_id,
        world.rng.choice(("Перезвонить", "Уточнить решение", "Отправить документы")),
        complete_till=int(world.now + world.rng.uniform(-2, 4) * DAY),
        by=course.seller.user_id,
        at=course.moment,
    )


def _buy_again(world: World, moment: float, client: Contact) -> None:
    """A client who has bought before, in the second pipeline."""
    office, account, rng = world.office, world.account, world.rng
    seller = rng.choice(office.sellers)
    lead = account.create_lead(
        name=f"{client.name}: ещё {rng.choice(words.GOODS)}",
        price=rng.randint(20, 400) * 1000,
        pipeline_id=office.repeat.id,
        status_id=office.repeat_stages[REPEAT_STAGES[0]],
        responsible_user_id=seller.user_id,
        by=seller.user_id,
        at=moment,
        contact_ids=[client.id],
        company_id=client.company_id,
    )
    course = Course(world, seller, lead.id, moment)
    try:
        _repeat_steps(course)
    except NotYet:
        _plan_next(course)


def _repeat_steps(course: Course) -> None:
    course.seller_writes("Здравствуйте! Подобрали для вас дополнение к прошлому заказу.")
    if course.chance(0.4):
        course.seller_waits(72, 300)
        course.lose("Передумали")
        return
    course.client_waits(2, 60)
    course.client_says(words.CONFIRMS)
    course.seller_waits(1, 10)
    course.move(REPEAT_STAGES[1])
    course.seller_waits(1, 10)
    course.move(REPEAT_STAGES[2])
    course.client_waits(4, 90)
    course.fill("paid_on", int(course.moment))
    course.move("won")


def _delete_retired_stage(world: World) -> None:
    """An admin once removed a stage: old moves name a stage that is no more."""
    at = world.now - DAYS * DAY + STAGE_DELETED_AFTER
    admin = next(user.id for user in world.account.users.values() if user.is_admin)
    world.account.delete_status(world.office.main.id, world.office.stages[RETIRED], by=admin, at=at)
