"""Files from outside: refused before they cost anything, with the line and a sentence."""

from typing import Any

import pytest

from app.errors import Invalid
from app.funnels.transfer.read import MOST_PROBLEMS, read_file
from app.funnels.transfer.tree import MOST_BYTES

HEAD = "stepgate: funnel\nformat: 1\n"
GATE = "segments:\n- key: all\n  title: Все\n  gates:\n  - stage: Счёт\n"


def problems(text: str, language: str = "ru") -> list[dict[str, Any]]:
    """What is said about a file that cannot be read."""
    with pytest.raises(Invalid) as refused:
        read_file(text, language)
    assert refused.value.code == "file_unreadable"
    assert refused.value.problems
    return refused.value.problems


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 0),
        ("# only words\n", "empty", 0),
        ("a: b", "not_ours", 0),
        ("- a\n- b", "not_ours", 0),
        ("stepgate: panel\nformat: 1", "not_ours", 0),
        ("a: [", "not_yaml", 2),
        (HEAD + "  stages: 1", "not_yaml", 3),
        ("a: \x07", "bad_character", 1),
        (HEAD + "tags: &a [x]", "anchor", 3),
        (HEAD + "tags: *a", "anchor", 3),
        (HEAD + "tags: !!python/object/apply:os.system [ls]", "tag", 3),
        (HEAD + "tags: !!binary aGk=", "tag", 3),
        (HEAD + "<<: {a: 1}", "bad_key", 3),
        (HEAD + "? [a]\n: 1", "bad_key", 3),
        (HEAD + "format: 1", "twice", 3),
        (HEAD + "---\na: 1", "several_documents", 3),
        (HEAD + "tags: " + "[" * 40 + "]" * 40, "too_deep", 3),
        (HEAD + "stage: []", "unknown_name", 3),
        (HEAD + "segments:\n- key: a", "missing", 4),
        (HEAD + "segments:\n- key: А\n  title: x", "bad_form", 4),
        (HEAD + "segments:\n- key: a\n  title: " + "x" * 200, "too_long", 5),
        (HEAD + "stages:\n- name: ''", "too_short", 4),
        (HEAD + "stages:\n- name: a\n  kind: odd", "one_of", 5),
        (HEAD + "stages:\n- name: [a]", "want_text", 4),
        (HEAD + "stages:\n- a", "want_group", 4),
        (HEAD + "stages: a", "want_list", 3),
        (HEAD + "people:\n- name: a\n  sees_all: perhaps", "want_truth", 5),
        (HEAD + "stages:\n- name: a\n- name: a", "name_twice", 5),
        (HEAD + GATE, "stage_not_listed", 7),
        ("stepgate: funnel\nformat: 9", "newer", 2),
        ("stepgate: funnel\nformat: 0", "out_of_range", 2),
        ("stepgate: funnel\nformat: one", "want_number", 2),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(text: str, code: str, line: int) -> None:
    for language, said in (("ru", f"Строка {line}: "), ("en", f"Line {line}: ")):
        first = problems(text, language)[0]
        assert (first["code"], first["line"]) == (code, line), first
        assert first["sentence"].startswith(said) is bool(line)
        assert "{" not in first["sentence"]


def test_aliases_that_would_multiply_are_refused_at_the_first_anchor() -> None:
    bomb = HEAD + "a: &a [x, x]\n" + "".join(f"{letter}: &{letter} [*a, *a]\n" for letter in "bcdefghij")
    assert [each["code"] for each in problems(bomb)] == ["anchor"]


def test_a_large_file_is_refused_unread() -> None:
    assert problems(HEAD + "tags: '" + "x" * MOST_BYTES + "'")[0]["code"] == "too_large"
    assert problems("я" * (MOST_BYTES // 2 + 1))[0]["code"] == "too_large"


def test_a_file_of_very_many_values_is_refused() -> None:
    assert problems(HEAD + "tags: [" + "a," * 120_000 + "]")[0]["code"] == "too_many_values"


def test_a_very_deep_file_is_refused() -> None:
    assert problems("[" * 400_000)[0]["code"] == "too_deep"


def test_no_more_problems_are_told_than_a_person_reads() -> None:
    many = HEAD + "stages:\n" + "- nam: a\n" * 100
    assert len(problems(many)) == MOST_PROBLEMS


def test_half_a_pair_of_characters_is_refused() -> None:
    assert problems(HEAD + "tags: ['\ud800']")[0]["code"] == "bad_character"
    assert problems('{"stepgate": "\\ud800"}')


def test_a_file_written_by_hand_without_ids_and_as_json_is_read() -> None:
    file = read_file(HEAD + "stages:\n- name: 2024\n" + GATE.replace("Счёт", "2024"), "ru")
    assert [gate.stage for gate in file.segments[0].gates] == ["2024"]
    assert read_file('\ufeff{"stepgate": "funnel", "format": 1, "tags": ["да"]}', "ru").tags == ["да"]


def test_a_field_and_a_stage_that_the_lists_lack_are_named() -> None:
    text = HEAD + (
        "segments:\n- key: all\n  title: Все\n  conditions:\n  - field: Город\n    operator: filled\n"
        "  checkpoints:\n  - key: a\n    title: А\n    proof:\n      triggers:\n      - kind: field\n"
        "        field: Район\n      - kind: stage\n        stage: Иная\n"
    )
    assert [(each["code"], each["line"]) for each in problems(text)] == [
        ("field_not_listed", 7),
        ("field_not_listed", 15),
        ("stage_not_listed", 17),
    ]
