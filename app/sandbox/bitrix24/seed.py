"""A believable portal, grown from a number: the same number and the same present give the same portal."""

from app.sandbox import seed_words as words
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed_account import SeedPortal
from app.sandbox.seed_life import DAYS, LEADS, live_through
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
from app.sandbox.seed_story import NAME as STORY_DEAL

__all__ = ["DAYS", "LEADS", "STORY_DEAL", "seed"]


def seed(portal: Portal, seed_number: int, now: float, deals: int = LEADS) -> None:
    """Fill an empty portal with `deals` and 180 days of events that end at `now` (unix seconds)."""
    with portal.silent():
        sellers, admin, dismissed = _people(portal)
        fields = _fields(portal)
        main = portal.add_category("Продажи", [name for name, _ in MAIN_STAGES], is_default=True)
        repeat = portal.add_category("Повторные продажи", REPEAT_STAGES)
        told = SeedPortal(portal)
        told.fields = fields
        reasons = next(field for field in portal.user_fields.values() if field.id == fields["reason"])
        office = Office(
            sellers=sellers,
            admin_id=admin,
            dismissed_id=dismissed,
            main_id=main.id,
            repeat_id=repeat.id,
            stages=_by_name(portal, main.id),
            repeat_stages=_by_name(portal, repeat.id),
            fields=fields,
            reasons={name: number for number, name in reasons.items.items()},
        )
        live_through(told, office, seed_number, now, deals)


def _people(portal: Portal) -> tuple[tuple[Seller, ...], int, int]:
    portal.name = words.COMPANY
    admin = next(user.id for user in portal.users.values() if user.is_admin)
    sellers = []
    for number, (name, manner) in enumerate(zip(words.SELLERS, MANNERS, strict=True), start=1):
        user = portal.add_user(*name.split(" ", 1), email=f"sales{number}@opora.example")
        user.position = "Менеджер по продажам"
        sellers.append(Seller(user.id, *manner))
    head = portal.add_user(*words.HEAD.split(" ", 1), email="samsonov@opora.example")
    head.position = "Руководитель отдела продаж"
    left = portal.add_user(*words.DISMISSED.split(" ", 1), email="belov@opora.example", is_active=False)
    portal.add_role("Менеджер по продажам", *(seller.user_id for seller in sellers))
    return tuple(sellers), admin, left.id


def _by_name(portal: Portal, category_id: int) -> dict[str, int]:
    stages = portal.stages_of(DEAL, category_id)
    named = {stage.name: stage.id for stage in stages}
    won = next(stage.id for stage in stages if stage.semantics == "S")
    lost = next(stage.id for stage in stages if stage.semantics == "F")
    return named | {"won": won, "lost": lost}


def _fields(portal: Portal) -> dict[str, int]:
    return {
        "kind": portal.add_field("Тип клиента", "enumeration", choices=(URGENT, CHOOSING, TENDER)).id,
        "needs": portal.add_field("Требования", "string").id,
        "deadline": portal.add_field("Срок", "string").id,
        "address": portal.add_field("Адрес доставки", "string").id,
        "budget": portal.add_field("Бюджет", "double").id,
        "paid_on": portal.add_field("Дата оплаты", "date").id,
        "reason": portal.add_field("Причина отказа", "enumeration", choices=words.LOSS_REASONS).id,
        "marks": portal.add_field("Метки", "string", is_multiple=True).id,
    }
