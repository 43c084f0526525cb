"""The texts of the browser pages: both languages say the same things, and every switch is explained."""

import re
from pathlib import Path

import pytest

import app.sandbox.amocrm
from app.sandbox.amocrm.faults import CHOICES, Faults

TEXTS = Path(app.sandbox.amocrm.__file__).parent / "web" / "js" / "texts"
KEY = re.compile(r"^  (\w+): (.*)$", re.MULTILINE)
SLOT = re.compile(r"\{\w+\}")


def texts(name: str) -> dict[str, str]:
    """Keys and what stands behind them, of one file."""
    return dict(KEY.findall((TEXTS / f"{name}.js").read_text("utf-8")))


@pytest.mark.parametrize(("russian", "english"), [("ru", "en"), ("faults_ru", "faults_en")])
def test_both_languages_have_the_same_texts_with_the_same_places(russian: str, english: str) -> None:
    ours, theirs = texts(russian), texts(english)
    assert list(ours) == list(theirs)
    for key in ours:
        assert set(SLOT.findall(ours[key])) == set(SLOT.findall(theirs[key])), key
    assert not re.search("[а-яё]", "".join(theirs.values()), re.IGNORECASE)


def test_every_switch_is_explained_in_one_line_and_nothing_else_is() -> None:
    explained = texts("faults_ru")
    assert set(explained) == set(Faults().as_dict())
    assert all(len(text) < 100 for text in explained.values())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_choice_of_a_switch_has_words(language: str) -> None:
    worded = {
        name: {value.strip("'") for value in re.findall(r"('[^']*'|\w+): '[^']+'", row)}
        for name, row in texts(f"choices_{language}").items()
    }
    assert worded == {name: {str(choice) for choice in choices} for name, choices in CHOICES.items()}
