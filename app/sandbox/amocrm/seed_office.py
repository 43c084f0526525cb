"""The office of the seeded account: people, pipelines, fields, reasons for a loss."""

from dataclasses import dataclass

from app.sandbox.amocrm import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON, Pipeline

URGENT, CHOOSING, TENDER = "Срочно", "Выбирают", "Тендер"
NEW, TALKS, QUALIFIED = "Новая заявка", "Первичные переговоры", "Классификация"
SENT, OBJECTIONS, INVOICE = "КП отправлено", "Снятие возражений", "Счёт выставлен"
RETIRED = "Думает"
REPEAT_STAGES = ("Отклик на предложение", "Состав заказа подтверждён", "Счёт выставлен")


@dataclass(frozen=True, slots=True)
class Seller:
    """How one person sells. `hours` until the first call, chances from 0 to 1.

    `haste` is how often a deal is moved on although the client has done nothing, `diligence` how often
    fields and notes are kept, `skill` multiplies the chance that the client takes the next step.
    """

    user_id: int
    hours: float
    haste: float
    diligence: float
    skill: float


@dataclass(frozen=True, slots=True)
class Office:
    """Ids by the names that the seed uses."""

    sellers: tuple[Seller, ...]
    dismissed_id: int
    main: Pipeline
    repeat: Pipeline
    stages: dict[str, int]
    repeat_stages: dict[str, int]
    fields: dict[str, int]
    reasons: dict[str, int]


MANNERS = (
    (1.0, 0.25, 0.95, 1.20),
    (2.5, 0.55, 0.75, 1.00),
    (1.5, 0.35, 0.90, 1.10),
    (6.0, 0.80, 0.45, 0.75),
    (3.0, 0.45, 0.80, 1.00),
    (9.0, 0.90, 0.35, 0.65),
)


def open_office(account: Account) -> Office:
    """Arrange an empty account for work."""
    account.name = words.COMPANY
    sellers = _sellers(account)
    account.add_user(words.HEAD, email="samsonov@opora.example")
    dismissed = account.add_user(words.DISMISSED, email="belov@opora.example", is_active=False)
    main, repeat = _pipelines(account)
    return Office(
        sellers=sellers,
        dismissed_id=dismissed.id,
        main=main,
        repeat=repeat,
        stages=_by_name(main),
        repeat_stages=_by_name(repeat),
        fields=_fields(account),
        reasons={name: account.add_loss_reason(name).id for name in words.LOSS_REASONS},
    )


def _sellers(account: Account) -> tuple[Seller, ...]:
    made = []
    for number, (name, manner) in enumerate(zip(words.SELLERS, MANNERS, strict=True), start=1):
        user = account.add_user(name, email=f"sales{number}@opora.example")
        made.append(Seller(user.id, *manner))
    return tuple(made)


def _pipelines(account: Account) -> tuple[Pipeline, Pipeline]:
    main = account.add_pipeline(
        "Продажи",
        [
            (NEW, "#99ccff"),
            (TALKS, "#ffff99"),
            (QUALIFIED, "#ffcc66"),
            (SENT, "#ffcccc"),
            (OBJECTIONS, "#c1e0ff"),
            (INVOICE, "#deff81"),
            (RETIRED, "#f9deff"),
        ],
        is_main=True,
    )
    repeat = account.add_pipeline("Повторные продажи", REPEAT_STAGES)
    return main, repeat


def _by_name(pipeline: Pipeline) -> dict[str, int]:
    named = {status.name: status.id for status in pipeline.statuses.values()}
    return named | {"won": WON, "lost": LOST}


def _fields(account: Account) -> dict[str, int]:
    kinds = account.add_field("leads", "Тип клиента", "select", enums=(URGENT, CHOOSING, TENDER))
    texts = {"needs": ("Требования", "textarea"), "deadline": ("Срок", "text"), "address": ("Адрес", "text")}
    made = {key: account.add_field("leads", name, kind).id for key, (name, kind) in texts.items()}
    made["budget"] = account.add_field("leads", "Бюджет", "numeric").id
    made["paid_on"] = account.add_field("leads", "Дата оплаты", "date").id
    return made | {"kind": kinds.id}
