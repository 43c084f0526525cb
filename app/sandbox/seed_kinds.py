"""How the three kinds of client buy: the same office, different steps, different times."""

from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox import seed_words as words
from app.sandbox.seed_course import Course
from app.sandbox.seed_office import (
    CHOOSING,
    INVOICE,
    OBJECTIONS,
    QUALIFIED,
    SENT,
    TALKS,
    TENDER,
    URGENT,
)

Hours = tuple[float, float]


class GaveUp(Exception):
    """The client has fallen silent; `reason` is what the seller writes down."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of client: its share of all leads, prices in roubles, and the way it walks."""

    name: str
    share: float
    prices: tuple[int, int]
    walk: Callable[[Course], None]


def _client_does(course: Course, probability: float, hours: Hours, texts: tuple[str, ...]) -> bool:
    """The client reacts within these hours, or he does not."""
    if not course.chance(min(0.98, probability * course.seller.skill)):
        return False
    course.client_waits(*hours)
    course.client_says(texts)
    return True


def _reach(course: Course, probability: float, seconds: tuple[int, int]) -> None:
    """Call until somebody answers, three times at most. Raises GaveUp."""
    for attempt in range(3):
        course.seller_waits(0.1 if attempt == 0 else 4, course.seller.hours * (1 + 4 * attempt))
        if course.chance(probability):
            course.calls_out(course.world.rng.randint(*seconds))
            return
        course.calls_out(0)
    if course.chance(course.seller.haste):
        course.move(TALKS)
    raise GaveUp("Не дозвонились")


def _silence(course: Course, reason: str, ahead: tuple[str, ...]) -> None:
    """No word from the client. The hasty move on all the same, then give up. Raises GaveUp."""
    for stage in ahead:
        if not course.chance(course.seller.haste * 0.6):
            break
        course.seller_waits(12, 72)
        course.move(stage)
        course.note(course.world.rng.choice(words.SELLER_NOTES))
    for _ in range(course.world.rng.randint(1, 3)):
        course.seller_waits(24, 120)
        course.calls_out(0)
    course.seller_waits(48, 240)
    raise GaveUp(reason)


def _send_offer(course: Course, probability: float, hours: Hours) -> None:
    """The offer goes out; most sellers move the deal at once, the careful ones when it is opened."""
    course.seller_mails("Коммерческое предложение")
    ahead = course.chance(0.35 + course.seller.haste * 0.6)
    if ahead:
        course.move(SENT)
    if not _client_does(course, probability, hours, words.OPENED):
        if not ahead and course.chance(0.5):
            course.move(SENT)
        _silence(course, course.world.rng.choice(("Дорого", "Дорого", "Передумали")), (OBJECTIONS, INVOICE))
    if not ahead:
        course.seller_waits(0.2, 3)
        course.move(SENT)


def _pay(course: Course, probability: float, hours: Hours) -> None:
    """Invoice, the client's word about it, the money."""
    course.seller_waits(0.3, 8)
    course.seller_mails("Счёт на оплату")
    course.move(INVOICE)
    task = course.task("Проверить оплату счёта")
    if not _client_does(course, probability, (hours[0] * 0.3, hours[1] * 0.5), words.PAYS):
        _silence(course, "Нет бюджета", ())
    course.client_waits(*hours)
    course.seller_waits(0.1, 4)
    course.finish(task, "Клиент оплатил счёт")
    if course.chance(0.85):
        course.fill("paid_on", int(course.moment))
    else:
        course.tag("оплачено")
    course.move("won")


def _requirements(course: Course, needs: str) -> None:
    course.fill("needs", needs)
    if course.chance(course.seller.diligence):
        course.fill("budget", course.world.rng.randint(5, 90) * 50_000)
    if course.chance(course.seller.diligence):
        course.fill(
            "deadline", course.world.rng.choice(("до конца месяца", "2 недели", "к 1 числу", "квартал"))
        )


def _urgent(course: Course) -> None:
    """Hours: answers, names the address and the day, pays."""
    _reach(course, 0.82, (45, 220))
    course.move(TALKS)
    if not _client_does(course, 0.8, (0.1, 5), words.TASKS_OF_CLIENT):
        _silence(course, "Выбрали другого поставщика", (SENT,))
    course.seller_waits(0.1, 2)
    course.fill("address", f"ул. Заводская, {course.lead_id % 90 + 1}")
    _requirements(course, course.world.rng.choice(words.GOODS))
    course.move(QUALIFIED)
    if course.chance(0.4):
        _send_offer(course, 0.85, (0.2, 6))
    _pay(course, 0.85, (1, 14))


def _choosing(course: Course) -> None:
    """Weeks: tells the task, names requirements, opens the offer, compares, asks, agrees, pays."""
    _reach(course, 0.74, (50, 320))
    course.move(TALKS)
    course.note(course.world.rng.choice(words.SELLER_NOTES))
    if not _client_does(course, 0.74, (4, 90), words.TASKS_OF_CLIENT):
        _silence(course, "Передумали", (QUALIFIED, SENT))
    course.seller_waits(2, 30)
    course.calls_out(course.world.rng.randint(150, 900))
    _requirements(course, course.world.rng.choice(words.TASKS_OF_CLIENT))
    course.move(QUALIFIED)
    course.seller_waits(4, 60)
    _send_offer(course, 0.62, (6, 140))
    if _client_does(course, 0.7, (24, 200), words.QUESTIONS):
        course.seller_waits(0.3, 12)
        course.seller_writes("Отвечаем на ваш вопрос, подробности в приложении.")
    course.seller_waits(2, 50)
    course.move(OBJECTIONS)
    if not _client_does(course, 0.66, (24, 260), words.CONFIRMS):
        _silence(course, course.world.rng.choice(("Дорого", "Выбрали другого поставщика")), (INVOICE,))
    _pay(course, 0.8, (24, 160))


def _tender(course: Course) -> None:
    """Months: sends the brief, answers questions, takes the bid, names the winner, pays."""
    course.client_waits(0.2, 20)
    account, rng = course.world.account, course.world.rng
    account.add_mail(course.lead_id, rng.choice(words.BRIEFS), "ТЗ во вложении.", at=course.moment)
    _reach(course, 0.7, (60, 400))
    course.move(TALKS)
    if not _client_does(course, 0.75, (20, 150), words.TASKS_OF_CLIENT):
        _silence(course, "Передумали", (QUALIFIED, SENT))
    course.seller_waits(8, 60)
    _requirements(course, "По ТЗ заказчика, состав в письме")
    course.move(QUALIFIED)
    course.seller_waits(20, 120)
    _send_offer(course, 0.7, (40, 260))
    course.seller_waits(20, 160)
    course.move(OBJECTIONS)
    if not _client_does(course, 0.42, (150, 700), words.CONFIRMS):
        _silence(course, "Выбрали другого поставщика", (INVOICE,))
    _pay(course, 0.85, (100, 500))


KINDS = (
    Kind(URGENT, 0.34, (30_000, 250_000), _urgent),
    Kind(CHOOSING, 0.48, (180_000, 2_400_000), _choosing),
    Kind(TENDER, 0.18, (900_000, 9_000_000), _tender),
)
