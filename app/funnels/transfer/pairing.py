"""Pairs of what a file names and what an account has: each thing of the account once. Pure."""

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from app.funnels.transfer.likeness import CLOSE_ENOUGH, closeness

A = TypeVar("A")
B = TypeVar("B")
MOST_COMPARED = 200_000


class Sureness(StrEnum):
    """How sure a pair is."""

    CHOSEN = "chosen"
    """A person said so."""
    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"
    NONE = "none"
    """There is no pair."""


class Reason(StrEnum):
    """Why two things are taken for one."""

    CHOSEN = "chosen"
    SAME_ID = "same_id"
    SAME_NAME = "same_name"
    SAME_NAME_OTHER_KIND = "same_name_other_kind"
    SAME_KIND = "same_kind"
    SAME_MEANING = "same_meaning"
    SAME_CHOICES = "same_choices"
    LIKE_NAME = "like_name"
    SAME_PLACE = "same_place"
    SAME_NAME_TWICE = "same_name_twice"
    """Several things have that name; they are paired in order."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Pair:
    """What of the account was found, by its position, and how sure that is."""

    index: int
    sureness: Sureness
    reason: Reason


@dataclass(frozen=True, slots=True)
class Rule(Generic[A, B]):
    """Two things are one when their keys are equal and not None."""

    reason: Reason
    sureness: Sureness
    ours: Callable[[A], Hashable | None]
    theirs: Callable[[B], Hashable | None]


def pair_up(
    ours: Sequence[A], theirs: Sequence[B], rules: Sequence[Rule[A, B]], pairs: dict[int, Pair]
) -> None:
    """Add to `pairs`, by the position in `ours`; earlier rules come first.

    Where a key is not unique, things are paired in order and the pair is but a guess.
    """
    for rule in rules:
        taken = {pair.index for pair in pairs.values()}
        left = _groups(ours, rule.ours, pairs.keys())
        right = _groups(theirs, rule.theirs, taken)
        for key, members in left.items():
            others = right.get(key, [])
            is_one = len(members) == len(others) == 1
            for mine, other in zip(members, others, strict=False):
                is_name = rule.reason is Reason.SAME_NAME
                reason = rule.reason if is_one or not is_name else Reason.SAME_NAME_TWICE
                pairs[mine] = Pair(other, rule.sureness if is_one else Sureness.GUESS, reason)


def add_like_names(
    pairs: dict[int, Pair], ours: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]]
) -> None:
    """Pair what is left by the share of words in common, the closest first; all of these are guesses.

    Lists that would take too long to compare are left as they are.
    """
    if len(ours) * len(theirs) > MOST_COMPARED:
        return
    taken = {pair.index for pair in pairs.values()}
    scores = [
        (closeness(mine, other), -number, -index)
        for number, mine in enumerate(ours)
        if number not in pairs
        for index, other in enumerate(theirs)
        if index not in taken and not mine.isdisjoint(other)
    ]
    for score, number, index in sorted(scores, reverse=True):
        if score < CLOSE_ENOUGH:
            return
        if -number not in pairs and -index not in taken:
            pairs[-number] = Pair(-index, Sureness.GUESS, Reason.LIKE_NAME)
            taken.add(-index)


def add_same_places(
    pairs: dict[int, Pair], ours: Sequence[Hashable | None], theirs: Sequence[Hashable | None]
) -> None:
    """Pair what is left between the same neighbours, when as many are left there on both sides.

    The sequences hold the kinds; things of another kind are not paired, and None is never paired.
    """
    for mine, others in _gaps(pairs, len(ours), len(theirs)):
        left = [number for number in mine if ours[number] is not None]
        right = [index for index in others if theirs[index] is not None]
        if len(left) == len(right) and all(
            ours[one] == theirs[two] for one, two in zip(left, right, strict=True)
        ):
            for number, index in zip(left, right, strict=True):
                pairs[number] = Pair(index, Sureness.GUESS, Reason.SAME_PLACE)


def _gaps(pairs: dict[int, Pair], ours: int, theirs: int) -> list[tuple[range, range]]:
    """Runs without a pair between pairs that stand in the same order on both sides."""
    firm, last = [], -1
    for number in sorted(pairs):
        if pairs[number].index > last:
            last = pairs[number].index
            firm.append((number, last))
    edges = [(-1, -1), *firm, (ours, theirs)]
    gaps = [
        (range(before[0] + 1, after[0]), range(before[1] + 1, after[1])) for before, after in pairwise(edges)
    ]
    taken = {pair.index for pair in pairs.values()}
    return [
        (mine, others)
        for mine, others in gaps
        if not any(number in pairs for number in mine) and not any(index in taken for index in others)
    ]


def _groups(
    things: Sequence[A], key_of: Callable[[A], Hashable | None], done: Container[int]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)

    for index, thing in enumerate(things):
        key = key_of(thing) if index not in done else None
        if key is not None:
            groups[key].append(index)
    return groups
