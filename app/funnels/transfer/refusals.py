"""Why an import is refused, in Russian and English."""

from app.errors import Conflict, Invalid
from app.funnels.transfer.matching import NoSuchTarget

_SENTENCES: dict[str, tuple[str, str]] = {
    "no_such_target": (
        "Для «{name}» выбрано то, чего в этом аккаунте нет. Обновите страницу и выберите снова.",
        "What was chosen for “{name}” does not exist in this account. Load the page again and choose anew.",
    ),
    "no_such_name": (
        "Имени «{name}» нет в файле.",
        "The name “{name}” is not in the file.",
    ),
    "two_on_one": (
        "В стадию «{name}» ведут сразу несколько: {names}. Разведите их или подтвердите сложение.",
        "Several lead to the stage “{name}”: {names}. Part them, or agree that their rules are put together.",
    ),
    "draft_exists": (
        "У этой воронки уже есть черновик. Подтвердите, что его можно заменить.",
        "This pipeline has a draft already. Agree that it may be replaced.",
    ),
}
_NOTHING_DONE = ("Карта не загружена.", "The map was not loaded.")


def refuse(code: str, language: str, **names: str) -> Invalid:
    """A refusal whose problem says what to do."""
    chosen = 1 if language == "en" else 0
    sentence = _SENTENCES[code][chosen].format(**names)
    problem = {"path": names.get("name", ""), "code": code, "sentence": sentence}
    return Invalid(_NOTHING_DONE[chosen], code=code, problems=[problem])


def no_such_target(error: NoSuchTarget, language: str) -> Invalid:
    """A person chose what the account does not have."""
    _, name, choice = error.key
    return refuse("no_such_target", language, name=choice or name)


def draft_exists(language: str) -> Conflict:
    """A draft is there and nobody has agreed to lose it."""
    return Conflict(_SENTENCES["draft_exists"][language == "en"], code="draft_exists")
