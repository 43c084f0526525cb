"""The texts of the portal's pages: both languages have the same keys, and every switch has words."""

import re
from dataclasses import fields
from pathlib import Path

from app.sandbox.bitrix24.faults import CHOICES, Faults

JS = Path(__file__).parents[3] / "app" / "sandbox" / "bitrix24" / "web" / "js"


def keys(name: str) -> list[str]:
    text = (JS / name).read_text(encoding="utf-8")
    return re.findall(r"(?:^|[ ,{])([a-z_]+): ['\u2019]", text)


def test_both_languages_have_the_same_texts() -> None:
    russian, english = keys("texts_ru.js"), keys("texts_en.js")
    assert len(russian) > 90
    assert sorted(russian) == sorted(english)
    assert len(set(russian)) == len(russian)


def test_every_text_that_pages_ask_for_is_there() -> None:
    known = set(keys("texts_ru.js"))
    asked = {
        key
        for path in JS.glob("*.js")
        for key in re.findall(r"\bt\('([a-z_]+)'", path.read_text(encoding="utf-8"))
    }
    assert asked - known == set()


def test_every_switch_has_words_and_no_word_lacks_its_switch() -> None:
    text = (JS / "switch_texts.js").read_text(encoding="utf-8")
    named = re.findall(r"\['([a-z_]+)', '", text)
    assert sorted(named) == sorted(field.name for field in fields(Faults))
    assert set(CHOICES) <= set(named)


def test_every_choice_of_a_switch_has_words_in_both_languages() -> None:
    text = (JS / "choice_texts.js").read_text(encoding="utf-8")
    rows = re.findall(r"^  ([a-z_]+): \{ (.*) \},$", text, re.MULTILINE)
    worded = {
        name: {value.strip("'") for value in re.findall(r"('[^']*'|\w+): \['[^']+', '[^']+'\]", row)}
        for name, row in rows
    }
    assert worded == {name: {str(choice) for choice in choices} for name, choices in CHOICES.items()}
