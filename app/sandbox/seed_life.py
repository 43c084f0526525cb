"""Half a year of requests, sales and losses: the same number and the same present give the same account."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox import seed_words as words
from app.sandbox.seed_account import SeedAccount, SeedContact
from app.sandbox.seed_birth import Birth, Dirt, make_birth, make_client, write_down
from app.sandbox.seed_course import Course, NotYet, World
from app.sandbox.seed_kinds import GaveUp
from app.sandbox.seed_office import LOST, REPEAT_STAGES, RETIRED, TALKS, WON, Office
from app.sandbox.seed_story import tell_story
from app.sandbox.seed_time import DAY, HOUR, MOSCOW, awake

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

    bought: list[SeedContact] = field(default_factory=list)
    waiting: list[SeedContact] = field(default_factory=list)


def live_through(account: SeedAccount, office: Office, seed_number: int, now: float, leads: int) -> None:
    """Fill an account with `leads` and 180 days of events that end at `now` (unix seconds)."""
    world = World(account, office, random.Random(seed_number), now)  # noqa: S311
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
    course = Course(world, birth.seller, lead.id, moment + 2)
    _walk(course, birth)
    if contact and course.stage == WON:
        bought.append(contact)
    elif contact and course.stage != LOST:
        clients.waiting.append(contact)


def _client_of(world: World, birth: Birth, clients: Clients) -> SeedContact | None:
    if birth.dirt is Dirt.NO_CONTACT:
        return None
    if clients.waiting and (birth.dirt is Dirt.DUPLICATE or world.rng.random() < SECOND_REQUEST):
        return world.rng.choice(clients.waiting)
    return make_client(world, birth)


def _leave_unsorted(world: World, birth: Birth, contact: SeedContact) -> None:
    world.account.add_unsorted_form(
        name=f"{contact.name}: {world.rng.choice(words.GOODS)}",
        pipeline_id=world.office.main_id,
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
    if dirt is Dirt.DELETED:
        course.seller_waits(1, 48)
        course.world.account.delete_lead(course.lead_id, by=course.seller.user_id, at=course.moment)
    elif dirt is Dirt.REOPENED and course.stage == LOST:
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


def _buy_again(world: World, moment: float, client: SeedContact) -> None:
    """A client who has bought before, in the second pipeline."""
    office, account, rng = world.office, world.account, world.rng
    seller = rng.choice(office.sellers)
    lead = account.create_lead(
        name=f"{client.name}: ещё {rng.choice(words.GOODS)}",
        price=rng.randint(20, 400) * 1000,
        pipeline_id=office.repeat_id,
        status_id=office.repeat_stages[REPEAT_STAGES[0]],
        responsible_user_id=seller.user_id,
        by=seller.user_id,
        at=moment,
        contact_ids=[client.id],
        company_id=client.company_id,
    )
    course = Course(world, seller, lead.id, moment, is_repeat=True)
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
    office = world.office
    world.account.delete_status(office.main_id, office.stages[RETIRED], by=office.admin_id, at=at)
