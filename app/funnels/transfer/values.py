"""What a value of a field becomes in another field. Pure."""

from dataclasses import dataclass

from app.domain.stage import DealField, FieldKind
from app.funnels.transfer.file import FileField, TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.target import Listed

LONGEST_VALUE = 160


@dataclass(frozen=True, slots=True)
class Carried:
    """The value here. `is_missing`: the field has no such choice; `is_odd`: the field is of another kind."""

    value: str
    is_missing: bool = False
    is_odd: bool = False


def carry_value(
    file: TransferFile, entry: FileField, found: DealField, value: str, matching: Matching
) -> Carried:
    """`value` of the file's field `entry` as the account's field `found` holds it."""
    if not value:
        return Carried(value)
    choice = entry.choice_of(value)
    if choice and found.options:
        label = matching.of(Listed.CHOICE, entry.name, choice).target
        return Carried(label[:LONGEST_VALUE]) if label else Carried(value, is_missing=True)
    if found.options and value.casefold() not in {label.casefold() for _, label in found.options}:
        return Carried(value, is_missing=True)
    if entry.type is found.kind is FieldKind.PERSON:
        return _person(file, value, matching)
    return Carried(value, is_odd=not entry.type.is_like(found.kind))


def _person(file: TransferFile, value: str, matching: Matching) -> Carried:
    person = next((each for each in file.people if each.id == value), None)
    user_id = matching.of(Listed.PERSON, person.name).target if person else ""
    return Carried(user_id) if user_id else Carried(value, is_missing=True)
