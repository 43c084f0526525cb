"""The seeded office: people, pipelines, fields, and its working hours."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.sandbox.amocrm import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Pipeline

MOSCOW = timedelta(hours=3)
OPENS, CLOSES = 9, 19
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Office:
    """Ids that the stories need. `stages` and `fields` are by name."""

    managers: tuple[int, ...]
    gone: int
    sales: Pipeline
    repeat: Pipeline
    stages: dict[str, int]
    fields: dict[str, int]
    reasons: dict[str, int]


def furnish(account: Account) -> Office:
    """Set up people, two pipelines, fields and loss reasons in an empty account."""
    account.name = "Мебель для бизнеса"
    account.add_user(words.ADMIN, is_admin=True)
    account.add_user(words.HEAD, is_admin=True)
    managers = tuple(account.add_user(name).id for name in words.MANAGERS)
    gone = account.add_user(words.GONE, is_active=False).id
    account.add_system_fields()
    sales = account.add_pipeline(
        "Продажи",
        [
            "Новая заявка",
            "Первичные переговоры",
            "Классификация",
            "КП отправлено",
            "Снятие возражений",
            "Счёт выставлен",
        ],
        is_main=True,
    )
    repeat = account.add_pipeline("Повторные продажи", ["Предложили", "Подтвердили состав", "Счёт выставлен"])
    fields = {
        "kind": account.add_field(
            "leads", "Тип клиента", "select", enums=("Срочно", "Выбирает", "Тендер")
        ).id,
        "needs": account.add_field("leads", "Требования", "textarea").id,
        "budget": account.add_field("leads", "Бюджет", "numeric").id,
        "deadline": account.add_field("leads", "Срок", "text").id,
        "address": account.add_field("leads", "Адрес", "text").id,
    }
    reasons = {name: account.add_loss_reason(name).id for name in words.LOSS_REASONS}
    stages = {stage.name: stage.id for stage in sales.statuses.values()}
    return Office(managers, gone, sales, repeat, stages, fields, reasons)


def at_work(rng: random.Random, moment: float) -> float:
    """The moment, or the next working hour when the office is closed; with a fraction of a second."""
    local = datetime.fromtimestamp(moment, UTC) + MOSCOW
    while local.weekday() > 4 or not OPENS <= local.hour < CLOSES:
        next_day = local.weekday() > 4 or local.hour >= CLOSES
        local = (local + timedelta(days=1 if next_day else 0)).replace(
            hour=OPENS, minute=rng.randrange(50), second=rng.randrange(60), microsecond=0
        )
    return (local - MOSCOW).timestamp() + rng.randrange(1000) / 1000
