"""The built package brings along what the program reads from its own folders."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("app", "migrations")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def _is_shipped(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.suffix != ".pyc"


@pytest.mark.slow
def test_pages_templates_and_migrations_are_in_the_wheel(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    for part in PARTS:
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-c", BUILD, str(out)]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    [wheel] = out.iterdir()
    expected = {
        str(path.relative_to(source))
        for part in PARTS
        for path in (source / part).rglob("*")
        if _is_shipped(path)
    }
    assert expected <= set(ZipFile(wheel).namelist())
    assert {"migrations/env.py", "app/sandbox/amocrm/web/index.html"} <= expected
