"""A vendor's name stands in its own folders only: whoever adds a third CRM changes no other file."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "app" / "crm" / "adapters"
VENDORS = sorted({path.name for path in ADAPTERS.iterdir() if (path / "__init__.py").exists()})
# Brands of the same platforms, and the CRM that is planned next.
NAMES = re.compile("|".join([*VENDORS, "kommo", "bitrix"]), re.IGNORECASE)
OWN_FOLDERS = (ADAPTERS, ROOT / "app" / "sandbox", ROOT / "app" / "decisions", ROOT / "app" / "web")
TEXTS = {".py", ".md", ".yaml", ".toml", ".html", ".css", ".js", ".json", ".ts", ".tsx"}


def texts_of(folder: Path, without: tuple[Path, ...]) -> list[Path]:
    """Text files below a folder but not below the excluded ones."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in TEXTS and path.is_file() and not any(path.is_relative_to(own) for own in without)
    ]


def named_in(paths: list[Path]) -> list[str]:
    """Lines that name a vendor."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if NAMES.search(line)
    ]


def test_there_is_something_to_look_for() -> None:
    assert VENDORS
    assert named_in(texts_of(ADAPTERS, ()))


def test_no_vendor_is_named_outside_its_own_folders() -> None:
    paths = texts_of(ROOT / "app", OWN_FOLDERS)
    assert len(paths) > 100
    assert named_in(paths) == []


def test_no_vendor_is_named_in_file_names_either() -> None:
    paths = texts_of(ROOT / "app", OWN_FOLDERS)
    assert [path for path in paths if NAMES.search(str(path.relative_to(ROOT)))] == []


def test_the_front_end_names_vendors_only_where_it_meets_them() -> None:
    source = ROOT / "widget_frontend" / "src"
    paths = texts_of(source, (source / "host",))
    assert paths
    assert named_in(paths) == []


def test_every_adapter_s_names_differ_from_the_product_s_words() -> None:
    assert all(re.fullmatch(r"[a-z][a-z0-9]+", vendor) for vendor in VENDORS)
