"""The office of a seeded account: the names of its stages, and how each of its people sells."""

from dataclasses import dataclass

URGENT, CHOOSING, TENDER = "Срочно", "Выбирают", "Тендер"
NEW, TALKS, QUALIFIED = "Новая заявка", "Первичные переговоры", "Классификация"
SENT, OBJECTIONS, INVOICE = "КП отправлено", "Снятие возражений", "Счёт выставлен"
RETIRED = "Думает"
WON, LOST = "won", "lost"
MAIN_STAGES = (
    (NEW, "#99ccff"),
    (TALKS, "#ffff99"),
    (QUALIFIED, "#ffcc66"),
    (SENT, "#ffcccc"),
    (OBJECTIONS, "#c1e0ff"),
    (INVOICE, "#deff81"),
    (RETIRED, "#f9deff"),
)
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
    """Ids by the names that the seed uses; stages also by `won` and `lost`."""

    sellers: tuple[Seller, ...]
    admin_id: int
    dismissed_id: int
    main_id: int
    repeat_id: int
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
