"""How leads of the seeded account come into being: who asks, through which door, written down how well."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.sandbox import seed_words as words
from app.sandbox.seed_account import SeedContact, SeedLead
from app.sandbox.seed_course import World
from app.sandbox.seed_kinds import KINDS, Kind
from app.sandbox.seed_office import NEW, Seller

SOURCE_WEIGHTS = (38, 22, 15, 12, 5, 8)
WOMEN = 0.5


class Dirt(StrEnum):
    """What is wrong with a lead's record; about one lead in twelve has one of these."""

    NO_KIND = "no_kind"
    WRONG_KIND = "wrong_kind"
    NO_NAME = "no_name"
    MESSY_NAME = "messy_name"
    NO_PRICE = "no_price"
    NO_CONTACT = "no_contact"
    DISMISSED_OWNER = "dismissed_owner"
    DUPLICATE = "duplicate"
    RETIRED_STAGE = "retired_stage"
    REOPENED = "reopened"
    NO_REASON = "no_reason"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Birth:
    """One request before it is written down. `moment` is in unix seconds."""

    moment: float
    kind: Kind
    seller: Seller
    source: str
    dirt: Dirt | None


def make_birth(world: World, moment: float, dirt: Dirt | None) -> Birth:
    """A request of that moment: kind, seller and source by their shares."""
    kind = world.rng.choices(KINDS, [kind.share for kind in KINDS])[0]
    seller = world.rng.choice(world.office.sellers)
    if dirt is Dirt.DISMISSED_OWNER:
        seller = replace(seller, user_id=world.office.dismissed_id, diligence=0.2)
    source = world.rng.choices(words.SOURCES, SOURCE_WEIGHTS)[0]
    return Birth(moment, kind, seller, source, dirt)


def make_client(world: World, birth: Birth) -> SeedContact:
    """A person at a firm, with a phone and an address of his own."""
    rng, account = world.rng, world.account
    number = len(account.contacts)
    firm = f"{rng.choice(words.FIRM_FORMS)} «{rng.choice(words.FIRM_STARTS)}{rng.choice(words.FIRM_ENDS)}»"
    at, by = birth.moment, birth.seller.user_id
    company = account.create_contact(
        name=firm, kind="company", responsible_user_id=birth.seller.user_id, by=by, at=at
    )
    return account.create_contact(
        name=_person(world),
        responsible_user_id=birth.seller.user_id,
        by=by,
        at=at,
        phones=[f"+7 900 {number // 10_000:03d}-{number // 100 % 100:02d}-{number % 100:02d}"],
        emails=[f"client{number}@firm{company.id}.example"],
        company_id=company.id,
    )


def _person(world: World) -> str:
    rng = world.rng
    last = rng.choice(words.LAST_NAMES)
    if rng.random() < WOMEN:
        return f"{rng.choice(words.FIRST_NAMES_F)} {last}а"
    return f"{rng.choice(words.FIRST_NAMES_M)} {last}"


def write_down(world: World, birth: Birth, contact: SeedContact | None) -> SeedLead:
    """The lead as it appears on the board, with what the client did to get there."""
    account, office = world.account, world.office
    by_hand = birth.source in {"Звонок", "Выставка", "Рекомендация"}
    lead = account.create_lead(
        name=_name(world, birth, contact),
        pipeline_id=office.main_id,
        status_id=office.stages[NEW],
        price=0 if birth.dirt is Dirt.NO_PRICE else world.rng.randint(*birth.kind.prices) // 1000 * 1000,
        responsible_user_id=birth.seller.user_id,
        by=birth.seller.user_id if by_hand else 0,
        at=birth.moment,
        contact_ids=[contact.id] if contact else [],
        company_id=contact.company_id if contact else None,
        fields=_kind_field(world, birth),
        tags=_tags(world, birth),
        source_name=birth.source,
    )
    _first_act(world, birth, lead)
    return lead


def _name(world: World, birth: Birth, contact: SeedContact | None) -> str:
    goods = world.rng.choice(words.GOODS)
    if birth.dirt is Dirt.NO_NAME:
        return ""
    firm = (
        world.account.contacts[contact.company_id].name if contact and contact.company_id else "Без клиента"
    )
    if birth.dirt is Dirt.MESSY_NAME:
        return f"  {firm.upper()}!!! {goods} (НЕ ЗВОНИТЬ до 10)"
    return f"{firm}, {goods}"


def _kind_field(world: World, birth: Birth) -> dict[int, object]:
    if birth.dirt is Dirt.NO_KIND:
        return {}
    shown = birth.kind
    if birth.dirt is Dirt.WRONG_KIND:
        shown = world.rng.choice([kind for kind in KINDS if kind is not birth.kind])
    return {world.office.fields["kind"]: shown.name}


def _tags(world: World, birth: Birth) -> list[str]:
    tags = [birth.source.lower()] if birth.source in {"Выставка", "Рекомендация"} else []
    return [*tags, birth.kind.name.lower()] if world.rng.random() < 0.3 else tags


def _first_act(world: World, birth: Birth, lead: SeedLead) -> None:
    account, rng, at = world.account, world.rng, birth.moment + 1
    if birth.source == "Сайт":
        account.fill_form(lead.id, words.FORM, {}, at=at)
    elif birth.source == "Звонок":
        account.client_call(lead.id, duration=rng.randint(35, 260), result="Новая заявка", at=at)
    elif birth.source == "Телеграм":
        account.add_message(lead.id, rng.choice(words.TASKS_OF_CLIENT), at=at)
    elif birth.source == "Почта":
        account.add_mail(lead.id, "Запрос цены", rng.choice(words.TASKS_OF_CLIENT), at=at)
