"""Fields of a file and fields of the account, and the choices of lists. Pure."""

from collections.abc import Hashable, Iterable, Sequence

from app.domain.stage import DealField, FieldKind
from app.funnels.transfer.file import FileField, FileItem
from app.funnels.transfer.likeness import choice_meaning, field_meaning, plain, stems
from app.funnels.transfer.pairing import (
    Pair,
    Reason,
    Rule,
    Sureness,
    add_like_names,
    add_same_places,
    pair_up,
)
from app.funnels.transfer.target import Target

_Rule = Rule[FileField, DealField]
_Choice = tuple[str, str]
FEWEST_CHOICES = 3
_WRITTEN = {FieldKind.TEXT, FieldKind.NUMBER}


def pair_fields(ours: Sequence[FileField], pairs: dict[int, Pair], *, target: Target) -> None:
    """Fields by id, name, meaning, choices and likeness; a field of another kind is only a guess."""
    theirs = target.catalog.fields
    before = set(pairs)
    rules: list[_Rule] = [
        Rule(
            Reason.SAME_NAME,
            Sureness.SURE,
            lambda one: plain(one.shown) or None,
            lambda two: plain(two.title) or None,
        ),
        Rule(Reason.SAME_CHOICES, Sureness.LIKELY, _said, _offered),
        Rule(
            Reason.SAME_MEANING,
            Sureness.LIKELY,
            lambda one: field_meaning(one.shown),
            lambda two: field_meaning(two.title),
        ),
    ]
    if target.is_same:
        rules.insert(0, Rule(Reason.SAME_ID, Sureness.SURE, lambda one: one.id or None, lambda two: two.id))
    pair_up(ours, theirs, rules, pairs)
    add_like_names(pairs, [stems(each.shown) for each in ours], [stems(each.title) for each in theirs])
    for index in pairs.keys() - before:
        pairs[index] = _doubted(pairs[index], ours[index], theirs[pairs[index].index])


def pair_choices(
    ours: Sequence[FileItem], pairs: dict[int, Pair], *, theirs: Sequence[_Choice], is_same_field: bool
) -> None:
    """Choices of two fields that mean the same; `theirs` are (id, label)."""
    rules: list[Rule[FileItem, _Choice]] = [
        Rule(
            Reason.SAME_NAME,
            Sureness.SURE,
            lambda one: plain(one.shown) or None,
            lambda two: plain(two[1]) or None,
        ),
        Rule(
            Reason.SAME_MEANING,
            Sureness.LIKELY,
            lambda one: choice_meaning(one.shown),
            lambda two: choice_meaning(two[1]),
        ),
    ]
    if is_same_field:
        rules.insert(0, Rule(Reason.SAME_ID, Sureness.SURE, lambda one: one.id or None, lambda two: two[0]))
    pair_up(ours, theirs, rules, pairs)
    add_like_names(pairs, [stems(each.shown) for each in ours], [stems(label) for _, label in theirs])
    add_same_places(pairs, [True for _ in ours], [True for _ in theirs])


def _doubted(pair: Pair, one: FileField, two: DealField) -> Pair:
    if one.type.is_like(two.kind) or pair.reason is Reason.SAME_ID:
        return pair
    if {one.type, two.kind} == _WRITTEN and pair.sureness is not Sureness.GUESS:
        return Pair(pair.index, Sureness.LIKELY, pair.reason)
    reason = Reason.SAME_NAME_OTHER_KIND if pair.reason is Reason.SAME_NAME else pair.reason
    return Pair(pair.index, Sureness.GUESS, reason)


def _said(one: FileField) -> Hashable | None:
    return _telling(plain(each.shown) for each in one.choices)


def _offered(two: DealField) -> Hashable | None:
    return _telling(plain(label) for _, label in two.options)


def _telling(labels: Iterable[str]) -> Hashable | None:
    """Two answers, such as yes and no, tell nothing of the question."""
    found = frozenset(labels)
    return found if len(found) >= FEWEST_CHOICES else None
