"""A mapping as a file from the command line."""

import json
import re
from pathlib import Path

import pytest

from tests.commands.shell import Shell, failing

MADE_AT = re.compile(r"made_at: .*")


@pytest.fixture
def mapped(shell: Shell) -> Shell:
    """An account with a draft."""
    shell.connect()
    shell("funnel", "propose")
    return shell


def test_a_mapping_goes_into_a_file_and_comes_back(mapped: Shell, tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    before = mapped("funnel", "show", "--json").output
    assert str(file) in mapped("funnel", "export", "-o", str(file)).output
    written, printed = file.read_text("utf-8"), mapped("funnel", "export").output
    assert MADE_AT.sub("", written) == MADE_AT.sub("", printed)
    shown = mapped("funnel", "import", str(file), "--dry-run").output
    assert "Nothing was changed" in shown
    assert "same id" in shown
    assert "revision 2" in mapped("funnel", "import", str(file), "--yes").output
    assert mapped("funnel", "show", "--json").output == before


def test_a_draft_stays_without_a_yes(
    mapped: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "map.yaml"
    mapped("funnel", "export", "-o", str(file))
    assert "draft" in failing(monkeypatch, capsys, "funnel", "import", str(file))


def test_pairs_are_given_by_name_and_what_is_left_out_is_told(mapped: Shell, tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    mapped("funnel", "export", "-o", str(file))
    seen = json.loads(mapped("funnel", "import", str(file), "--dry-run", "--json").output)
    assert seen["draft"] is None
    name = seen["matching"]["stages"][0]["name"]
    told = mapped("funnel", "import", str(file), "--dry-run", "--match", f"stage:{name}=").output
    assert "left out: " in told
    last = seen["matching"]["targets"]["stages"][-1]["title"]
    told = mapped("funnel", "import", str(file), "--dry-run", "--match", f"stage:{name}={last}").output
    assert "as you said" in told


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("stage", "is no pair"),
        ("stage:Нет такой=x", "no such name"),
        ("colour:a=b", "is no pair"),
    ],
)
def test_a_pair_that_makes_no_sense_is_told(
    mapped: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pair: str,
    said: str,
) -> None:
    file = tmp_path / "map.yaml"
    mapped("funnel", "export", "-o", str(file))
    assert said in failing(monkeypatch, capsys, "funnel", "import", str(file), "--match", pair)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: [", "Line 2"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"stepgate: funnel\nformat: 2", "newer Stepgate"),
        (b"x" * 1_000_000, "900 KB"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(
    mapped: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    said: str,
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    assert said in failing(monkeypatch, capsys, "funnel", "import", str(file))
