"""In words: when what proves a step counts at all, beside what proves it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.domain.checkpoint import Checkpoint
from app.domain.plural import english, russian
from app.domain.trigger import Combine, Proof
from app.domain.trigger_words import RUSSIAN, quote

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def describe_conditions(checkpoint: Checkpoint, titles: Mapping[str, str], language: str) -> list[str]:
    """Phrases without a capital, such as «только после шага «Открыл КП»»; none when nothing restricts.

    `titles` are the titles of the funnel's steps by key; a step that it lacks is not mentioned.
    `language` is `ru` or `en`; anything else reads as English.
    """
    proof = checkpoint.proof
    after = [titles[proof.after]] if proof.after in titles else []
    before = [titles[key] for key in checkpoint.before if key in titles and key != proof.after]
    return [*_after(after, language), *_before(before, language), *_within(proof, language)]


def _after(titles: Sequence[str], language: str) -> list[str]:
    pattern = "только после шага {}" if language == RUSSIAN else "only after {}"
    return [pattern.format(quote(title, language)) for title in titles]


def _before(titles: Sequence[str], language: str) -> list[str]:
    if not titles:
        return []
    quoted = [quote(title, language) for title in titles]
    if language == RUSSIAN:
        noun = "шага" if len(titles) == 1 else "шагов"
        return [f"не раньше {noun} {_joined(quoted, 'и')}"]
    return [f"not before {_joined(quoted, 'and')}"]


def _within(proof: Proof, language: str) -> list[str]:
    counts_together = proof.combine is Combine.ALL or (proof.combine is Combine.AT_LEAST and proof.least > 1)
    if proof.within is None or not counts_together:
        return []
    is_days = proof.within >= 2 * DAY and proof.within % DAY == timedelta(0)
    count = proof.within // (DAY if is_days else HOUR)
    if language == RUSSIAN:
        genitive = ("дня", "дней", "дней") if is_days else ("часа", "часов", "часов")
        return [f"всё в пределах {russian(count, *genitive)}"]
    return [f"all within {english(count, *(('day', 'days') if is_days else ('hour', 'hours')))}"]


def _joined(phrases: Sequence[str], word: str) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"
