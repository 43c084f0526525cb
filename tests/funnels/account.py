"""A seller's account as it is usually found: a pipeline in Russian and a few fields of the deal form."""

from app.domain.stage import Catalog, DealField, FieldKind, Pipeline, Stage, StageKind, StageRef, User

PIPELINE = "10"
NEW, TALKS, NEEDS, OFFER, DOUBTS, BILL, WON, LOST = "2", "3", "4", "5", "6", "7", "142", "143"
_STAGES = (
    ("1", "Неразобранное", StageKind.ENTRY),
    (NEW, "Новая заявка", StageKind.OPEN),
    (TALKS, "Первичные переговоры", StageKind.OPEN),
    (NEEDS, "Классификация", StageKind.OPEN),
    (OFFER, "КП отправлено", StageKind.OPEN),
    (DOUBTS, "Снятие возражений", StageKind.OPEN),
    (BILL, "Счёт выставлен", StageKind.OPEN),
    (WON, "Успешно реализовано", StageKind.WON),
    (LOST, "Закрыто и не реализовано", StageKind.LOST),
)
KIND = DealField("81", "Тип клиента", FieldKind.CHOICE, (("1", "Срочно"), ("2", "Выбирают"), ("3", "Тендер")))
REQUIREMENTS = DealField("82", "Требования")
BUDGET = DealField("83", "Бюджет")
ADMIN = User("1", "Мария Ильина", is_admin=True)
MANAGER = User("2", "Иван Петров")


def pipeline(*titles: str) -> Pipeline:
    """The usual pipeline, or one whose open stages have these titles."""
    stages = (
        tuple((str(number), title, StageKind.OPEN) for number, title in enumerate(titles, start=2))
        if titles
        else _STAGES
    )
    return Pipeline(
        PIPELINE,
        "Продажи",
        tuple(
            Stage(StageRef(PIPELINE, stage_id), title, kind, position)
            for position, (stage_id, title, kind) in enumerate(stages)
        ),
        is_main=True,
    )


def catalog(*fields: DealField, of: Pipeline | None = None) -> Catalog:
    """An account with that pipeline and these fields."""
    return Catalog((of or pipeline(),), (ADMIN, MANAGER), fields)
