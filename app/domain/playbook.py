"""The words of a client step: what he did, what he owes, what to say and how to answer doubts."""

from dataclasses import dataclass
from functools import cache

from app.domain import playbook_en, playbook_ru
from app.domain.checkpoint import Objection
from app.domain.playbook_step import Wording


@dataclass(frozen=True, slots=True)
class Playbook:
    """All texts of one language, keyed by step and by objection."""

    language: str
    steps: dict[str, Wording]
    objections: dict[str, Objection]
    segments: dict[str, str]

    def wording(self, step_key: str) -> Wording:
        """The words of a step. Raises KeyError for a step that does not exist."""
        return self.steps[step_key]

    def answers(self, step_key: str) -> tuple[Objection, ...]:
        """What clients say at that step and what helps."""
        return tuple(self.objections[key] for key in self.steps[step_key].objections)


@cache
def playbook(language: str) -> Playbook:
    """The texts of `language` (`ru` or `en`); Russian for any other."""
    source = playbook_en if language == "en" else playbook_ru
    return Playbook(
        "en" if language == "en" else "ru",
        source.STEPS,
        {key: Objection(says, answer) for key, (says, answer) in source.OBJECTIONS.items()},
        source.SEGMENTS,
    )
