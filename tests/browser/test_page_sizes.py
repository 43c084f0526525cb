"""What a page costs on the wire: gzip sizes of the built files against their budgets."""

import gzip
import json
import re
from typing import Any

import pytest

from tests.browser.front_server import WEB

KB = 1024
# All that stands on the page before anybody touches it: code and the texts of one language.
START_BUDGETS = {"card": 15, "panel": 60, "settings": 60}
# All that one person may ever load for one page, in one language; a page that it leads to is another page.
ANOTHER_PAGE = re.compile(r"(_|src/entries/)\w+_view\b")
WHOLE_BUDGETS = {"card": 40, "panel": 60, "settings": 60}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The build's own list of files."""
    found: dict[str, Any] = {}
    for path in (WEB / "manifest.pages.json", WEB / "manifest.card.json"):
        if not path.is_file():
            pytest.fail("The pages are not built. Run: make frontend", pytrace=False)
        found |= {f"{path.stem}:{key}": part for key, part in json.loads(path.read_text()).items()}
    return found


def entry(page: str, key: str) -> str:
    """A part of a page's own build."""
    return f"manifest.{'card' if page == 'card' else 'pages'}:{key}"


def with_imports(manifest: dict[str, Any], key: str, *, late: bool) -> set[str]:
    """The part and everything that it imports; with `late` also what it may load later."""
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        build = current.split(":")[0]
        parts = list(manifest[current].get("imports", []))
        later = manifest[current].get("dynamicImports", []) if late else []
        parts += [part for part in later if not ANOTHER_PAGE.match(part)]
        waiting += [f"{build}:{part}" for part in parts]
    return seen


def weight(manifest: dict[str, Any], keys: set[str]) -> int:
    """Bytes of the parts' scripts after gzip."""
    return sum(len(gzip.compress((WEB / manifest[key]["file"]).read_bytes())) for key in keys)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("view", START_BUDGETS)
def test_page_starts_with_little_code_and_few_texts(
    manifest: dict[str, Any], view: str, language: str
) -> None:
    code = with_imports(manifest, entry(view, f"{view}.html"), late=False)
    texts = with_imports(manifest, entry(view, f"src/i18n/{language}/{view}_page.ts"), late=False)
    assert weight(manifest, code | texts) <= START_BUDGETS[view] * KB


@pytest.mark.parametrize(("language", "other"), [("ru", "en"), ("en", "ru")])
@pytest.mark.parametrize("view", WHOLE_BUDGETS)
def test_whole_page_stays_within_its_budget(
    manifest: dict[str, Any], view: str, language: str, other: str
) -> None:
    found = with_imports(manifest, entry(view, f"{view}.html"), late=True)
    parts = {part for part in found if f"src/i18n/{other}/" not in part}
    assert any(f"src/i18n/{language}/" in part for part in parts)
    assert weight(manifest, parts) <= WHOLE_BUDGETS[view] * KB


def test_pages_hold_no_inline_code_and_load_only_our_own_files() -> None:
    for name in START_BUDGETS:
        shell = (WEB / f"{name}.html").read_text()
        assert "<style" not in shell
        assert "onload=" not in shell
        assert "http" not in shell
        assert all(" src=" in tag for tag in shell.split("<script")[1:])
