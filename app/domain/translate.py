"""From a seller's stage name to the client step behind it, without any network.

Also tells wording that describes the seller ("Proposal sent") from wording that describes the
client ("Client opened the proposal").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.domain.stage import Stage, StageKind
from app.domain.stage_names import LOST, NO_CLIENT_STEP, RULES, SELLER_ONLY

LONGEST_NAME = 200
_JOINED = (
    (r"\bк\s?[/.]\s?п\b\.?", "кп"),
    (r"\bт\s?[/.]\s?з\b\.?", "тз"),
    (r"\bтехническ\w+ задани\w+", "тз"),
    (
        r"\b(on|closed|sign|down|site|cross|after|follow)[\s-](hold|won|up|payment|visit|sell|sales?)\b",
        r"\1\2",
    ),
    (r"\bdecision[\s-]maker", "decisionmaker"),
    (r"\bpayment received\b", "paymentreceived"),
    (r"\b(демо|demo)[\s-](доступ|access)", r"\1\2"),
)


class Meaning(StrEnum):
    """What a stage name tells of the client."""

    CLIENT_STEP = "client_step"
    """A client step stands behind it."""
    SELLER_WORK = "seller_work"
    """Only the seller works here; no client action can hold it."""
    LOST = "lost"
    """The deal ended; nothing is asked."""
    UNKNOWN = "unknown"
    """The dictionary does not know the name."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The meaning of a stage and the keys of the client steps behind it (see `steps.STEPS`)."""

    meaning: Meaning
    steps: tuple[str, ...] = ()


def translate_stage(stage: Stage) -> Translation:
    """The client step behind `stage`; its kind decides where the name says nothing."""
    if stage.kind is StageKind.LOST:
        return Translation(Meaning.LOST)
    if stage.kind is StageKind.ENTRY:
        return Translation(Meaning.SELLER_WORK)
    found = translate_name(stage.title)
    if stage.kind is StageKind.WON and found.meaning is not Meaning.CLIENT_STEP:
        return Translation(Meaning.CLIENT_STEP, ("payment",))
    return found


def translate_name(name: str) -> Translation:
    """The client step behind a stage name, Russian or English; reads at most 200 characters."""
    words = words_of(name)
    for kind, pattern in NO_CLIENT_STEP:
        if name_fits(pattern, words):
            return Translation(Meaning.LOST if kind == LOST else Meaning.SELLER_WORK)
    for steps, pattern in RULES:
        if name_fits(pattern, words):
            return Translation(Meaning.CLIENT_STEP, steps)
    return Translation(Meaning.SELLER_WORK if name_fits(SELLER_ONLY, words) else Meaning.UNKNOWN)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name in small letters, with usual abbreviations joined; numbers dropped."""
    plain = text[:LONGEST_NAME].casefold().replace("ё", "е")
    for pattern, joined in _JOINED:
        plain = re.sub(pattern, joined, plain)
    return tuple(word for word in re.findall(r"\w+", plain) if not word.isdigit())


@cache
def _groups(pattern: str) -> tuple[tuple[bool, tuple[str, ...]], ...]:
    groups = (group for group in pattern.split())
    return tuple((group.startswith("!"), tuple(group.lstrip("!").split("|"))) for group in groups)


def name_fits(pattern: str, words: Sequence[str]) -> bool:
    """True when the words (see `words_of`) fit a pattern as `stage_names` describes it."""
    return all(
        any(_same(word, stem) for word in words for stem in stems) is not unwanted
        for unwanted, stems in _groups(pattern)
    )


def _same(word: str, stem: str) -> bool:
    return word == stem[1:] if stem.startswith("=") else word.startswith(stem)
