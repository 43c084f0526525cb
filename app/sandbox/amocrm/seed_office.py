"""The office of the seeded account: people, pipelines, fields, reasons for a loss."""

from app.sandbox import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON, Pipeline
from app.sandbox.seed_office import (
    CHOOSING,
    MAIN_STAGES,
    MANNERS,
    REPEAT_STAGES,
    TENDER,
    URGENT,
    Office,
    Seller,
)


def open_office(account: Account) -> Office:
    """Arrange an empty account for work."""
    account.name = words.COMPANY
    admin = next(user.id for user in account.users.values() if user.is_admin)
    sellers = _sellers(account)
    account.add_user(words.HEAD, email="samsonov@opora.example")
    dismissed = account.add_user(words.DISMISSED, email="belov@opora.example", is_active=False)
    main = account.add_pipeline("Продажи", list(MAIN_STAGES), is_main=True)
    repeat = account.add_pipeline("Повторные продажи", REPEAT_STAGES)
    return Office(
        sellers=sellers,
        admin_id=admin,
        dismissed_id=dismissed.id,
        main_id=main.id,
        repeat_id=repeat.id,
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
