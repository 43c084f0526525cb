"""What kind of value a field holds, in words of our own: every CRM has names of its own for them."""

from enum import StrEnum

from app.domain.stage import DealField


class Family(StrEnum):
    """What kind of value a field holds."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    PERSON = "person"
    LINK = "link"
    FILE = "file"
    OTHER = "other"


_WORDS: tuple[tuple[Family, str], ...] = (
    (
        Family.CHOICE,
        "select multiselect radiobutton enumeration list category_select crm_status iblock_element",
    ),
    (Family.NUMBER, "numeric number integer double float money monetary"),
    (Family.YES_NO, "checkbox boolean bool char"),
    (Family.DATE, "date datetime date_time birthday"),
    (Family.PERSON, "employee user person"),
    (Family.LINK, "url link linked_entity crm"),
    (Family.FILE, "file disk_file"),
    (Family.TEXT, "text string textarea streetaddress smart_address address legal_entity multitext"),
)
_FAMILIES = {word: family for family, words in _WORDS for word in words.split()}
_ALIKE = frozenset({Family.TEXT, Family.LINK, Family.OTHER})


def family_of(field: DealField) -> Family:
    """The family of an account's field; a kind that nobody knows is OTHER."""
    if field.options:
        return Family.CHOICE
    return _FAMILIES.get(field.kind.casefold(), Family.OTHER)


def are_alike(one: Family, other: Family) -> bool:
    """True when a value of one family means the same in the other."""
    return one is other or {one, other} <= _ALIKE or Family.OTHER in (one, other)
