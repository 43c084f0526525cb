"""A problem of a mapping: where, what, and whether it stands in the way of publishing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from app.funnels.problem_words import sentence

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is a dotted path into the document, `code` stable, `severity` `error` or `warning`."""

    path: str
    code: str
    sentence: str
    severity: str = ERROR

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Collects problems in one language."""

    language: str
    found: list[Problem]

    def error(self, path: str, code: str, **names: str) -> None:
        """Something that must be put right before publishing."""
        self.found.append(Problem(path, code, sentence(code, self.language, **names)))

    def warn(self, path: str, code: str, wording: str = "", **names: str) -> None:
        """Something to think about; `wording` picks another sentence for the same code."""
        words = sentence(wording or code, self.language, **names)
        self.found.append(Problem(path, code, words, WARNING))


def errors_among(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stand in the way of publishing."""
    return [problem for problem in problems if problem.severity == ERROR]
