"""What the documentation names exists: pages in both languages, files, pictures, verbs, settings."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from app.cli import app as command_line
from app.config import Settings
from app.crm.registry import adapter_settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
LARGEST_PICTURE = 160_000
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:^|[\s`/(])stepgate ((?:--)?[a-z][^\n`#|]*)", re.MULTILINE)
QUOTED = re.compile(r"\"[^\"]*\"")
SETTING = re.compile(r"STEPGATE_[A-Z0-9_]*[A-Z0-9]")
TOP_FOLDERS = "app|docs|tests|migrations|widget_frontend"
FILE = re.compile(rf"(?<![\w./-])(?:{TOP_FOLDERS})/[\w./-]*\w")
MACHINE = re.compile(r"/(?:work|home|root|tmp|Users)/")


def matches(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Page and what was found there; the pattern's group when it has one, else all of it."""
    for page, name in zip(PAGES, NAMES, strict=True):
        yield from (
            (name, found.group(pattern.groups)) for found in pattern.finditer(page.read_text("utf-8"))
        )


def anchors(page: Path) -> set[str]:
    """The marks that links may point to: headings as the usual renderers write them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}


def unknown_in(words: Sequence[str]) -> str:
    """The first word of a call that the command line does not know; empty when it knows all."""
    command = get_command(command_line)
    for word in words:
        if word.startswith("--"):
            options = (name for each in command.params for name in (*each.opts, *each.secondary_opts))
            if word.partition("=")[0] not in {"--help", *options}:
                return word
        elif isinstance(command, TyperGroup):
            if word not in command.commands:
                return word
            command = command.commands[word]
    is_whole = not isinstance(command, TyperGroup) or command.invoke_without_command or "--help" in words
    return "" if is_whole else f"{words[-1]} what?"


@pytest.mark.parametrize(("language", "other"), [("ru", "en"), ("en", "ru")])
def test_every_page_has_its_twin_in_the_other_language(language: str, other: str) -> None:
    pages = {page.name for page in (DOCS / language).glob("*.md")}
    assert pages
    assert pages == {page.name for page in (DOCS / other).glob("*.md")}
    for name in pages:
        assert f"(../{other}/{name})" in (DOCS / language / name).read_text("utf-8")


def test_twins_have_the_same_chapters_and_the_same_pictures() -> None:
    for page in (DOCS / "ru").glob("*.md"):
        russian, english = page.read_text("utf-8"), (DOCS / "en" / page.name).read_text("utf-8")
        assert re.findall(r"^#+ ", russian, re.MULTILINE) == re.findall(r"^#+ ", english, re.MULTILINE)
        assert re.findall(r"!\[[^\]]*\]\((.+)\)", russian) == re.findall(r"!\[[^\]]*\]\((.+)\)", english)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" in target:
            continue
        path, _, mark = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if mark:
            assert mark in anchors(file), target


def test_every_page_can_be_reached_from_the_index() -> None:
    linked = {(DOCS / target).resolve() for target in LINK.findall((DOCS / "README.md").read_text("utf-8"))}
    assert {page for page in DOCS.rglob("*.md") if page.name != "README.md"} <= linked


def test_every_picture_is_used_and_small() -> None:
    used = {Path(target).name for _, target in matches(LINK) if target.endswith(".png")}
    pictures = {picture.name: picture.stat().st_size for picture in (DOCS / "images").glob("*.png")}
    assert set(pictures) == used
    assert {name: size for name, size in pictures.items() if size > LARGEST_PICTURE} == {}


def test_every_call_of_the_command_line_is_understood() -> None:
    calls = [(name, QUOTED.sub("words", call).split()) for name, call in matches(CALL)]
    assert len(calls) > 20
    wrong = [(name, " ".join(words), bad) for name, words in calls if (bad := unknown_in(words))]
    assert wrong == []


def test_every_setting_exists() -> None:
    known = {f"STEPGATE_{name}".upper() for name in Settings.model_fields}
    for vendor, settings in adapter_settings().items():
        known |= {f"STEPGATE_{vendor}_{name}".upper() for name in settings.model_fields}
    known.add("STEPGATE_INSTALL_TOKEN")
    assert {(name, setting) for name, setting in matches(SETTING) if setting not in known} == set()


def test_every_file_that_is_named_exists() -> None:
    built = "app/web/"
    named = {(name, path) for name, path in matches(FILE) if not path.startswith(built)}
    assert {(name, path) for name, path in named if not (ROOT / path).exists()} == set()


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    assert list(matches(MACHINE)) == []
