"""The archive keeps the marketplace's rules, and is the same bytes every time.

https://www.amocrm.ru/developers/content/integrations/requirements
https://www.amocrm.ru/developers/content/integrations/structure
"""

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from app.crm.adapters.amocrm.widget.build import BadPublicUrl, archive_bytes, archive_files, build_archive

URL = "https://stepgate.example"
FILES = dict(archive_files(URL))
SCRIPT = FILES["script.js"].decode()
MANIFEST: dict[str, Any] = json.loads(FILES["manifest.json"])
TEXTS: dict[str, Any] = {lang: json.loads(FILES[f"i18n/{lang}.json"]) for lang in ("ru", "en")}
LOGOS = {
    "logo.png": (130, 100),
    "logo_main.png": (400, 272),
    "logo_medium.png": (240, 84),
    "logo_min.png": (84, 84),
    "logo_small.png": (108, 108),
}
TOUR = (1188, 616)
LARGEST_IMAGE = 300 * 1024
CODE = re.sub(r"/\*.*?\*/|//[^\n]*", "", SCRIPT, flags=re.DOTALL)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def paths_of(tree: Any, path: str = "") -> set[str]:
    if not isinstance(tree, dict):
        return {path}
    return {found for key, value in tree.items() for found in paths_of(value, f"{path}.{key}".strip("."))}


def text_at(texts: Any, path: str) -> str:
    for part in path.split("."):
        texts = texts[part]
    return str(texts)


def test_archive_has_the_only_name_that_is_accepted_and_files_at_its_root(tmp_path: Path) -> None:
    path = build_archive(tmp_path / "out", URL)
    assert path == tmp_path / "out" / "widget.zip"
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert names == sorted(FILES)
    assert {"manifest.json", "script.js", "i18n/ru.json", "i18n/en.json"} <= set(names)


def test_archive_holds_nothing_that_is_not_used() -> None:
    named = {"manifest.json", "script.js"} | {f"i18n/{lang}.json" for lang in MANIFEST["widget"]["locale"]}
    named |= {f"images/{name}" for name in LOGOS}
    tours = MANIFEST["tour"]["tour_images"]
    named |= {path.lstrip("/") for paths in tours.values() for path in paths}
    assert set(FILES) == named


def test_same_sources_and_address_give_the_same_bytes(tmp_path: Path) -> None:
    first = build_archive(tmp_path / "one.zip", URL).read_bytes()
    assert first == archive_bytes(URL + "/") == archive_bytes(URL.upper().replace("HTTPS", "https"))
    assert zlib.crc32(first) != zlib.crc32(archive_bytes("https://other.example"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "stepgate.example",
        "ftp://stepgate.example",
        "https://a.example/path",
        "https://a.example?x",
        "https://a'b",
    ],
)
def test_an_address_that_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(BadPublicUrl):
        archive_bytes(url)


def test_address_is_written_in_one_place_and_no_placeholder_is_left() -> None:
    assert SCRIPT.count(URL) == 1
    assert all(b"{{" not in content for name, content in FILES.items() if not name.endswith(".png"))


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".png")])
def test_texts_are_utf8_without_a_mark_and_with_plain_line_ends(name: str) -> None:
    content = FILES[name]
    content.decode("utf-8")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content


@pytest.mark.parametrize("name", LOGOS)
def test_logos_have_the_sizes_that_are_asked_for(name: str) -> None:
    content = FILES[f"images/{name}"]
    assert size_of(content) == LOGOS[name]
    assert len(content) <= LARGEST_IMAGE


def test_tour_pictures_exist_in_every_language_and_have_their_size() -> None:
    images = MANIFEST["tour"]["tour_images"]
    assert set(images) == set(MANIFEST["widget"]["locale"])
    for paths in images.values():
        for path in paths:
            content = FILES[path.lstrip("/")]
            assert size_of(content) == TOUR
            assert len(content) <= LARGEST_IMAGE


def test_manifest_says_all_that_moderation_asks_for() -> None:
    widget = MANIFEST["widget"]
    wanted = {"name", "description", "short_description", "version", "interface_version", "locale"}
    assert wanted | {"installation", "init_once", "support"} <= set(widget)
    assert widget["interface_version"] == 2
    assert widget["init_once"] is False
    assert widget["support"]["link"].startswith("https://")
    assert MANIFEST["tour"]["is_tour"] is True
    assert isinstance(MANIFEST["settings"], dict)
    assert "secret_key" not in json.dumps(MANIFEST)
    assert "code" not in widget


def test_every_location_is_used_by_the_script() -> None:
    callbacks = {"settings": "settings", "advanced_settings": "advancedSettings"}
    for location in MANIFEST["locations"]:
        area = location.split("-")[0]
        assert callbacks.get(area, f"'{area}'") in CODE
    assert set(MANIFEST["locations"]) == {"lcard-1", "settings", "advanced_settings"}
    assert "advanced" in MANIFEST


def test_languages_have_the_same_structure_and_hold_every_key_of_the_manifest() -> None:
    assert paths_of(TEXTS["ru"]) == paths_of(TEXTS["en"])
    widget = MANIFEST["widget"]
    keys = [widget["name"], widget["description"], widget["short_description"]]
    keys += [MANIFEST["tour"]["tour_description"], MANIFEST["advanced"]["title"]]
    for key in keys:
        for texts in TEXTS.values():
            assert text_at(texts, key)


def test_every_text_is_used() -> None:
    used = CODE + json.dumps(MANIFEST)
    assert [path for path in sorted(paths_of(TEXTS["ru"])) if path not in used] == []


def test_english_has_no_russian_words_and_no_russian_links() -> None:
    english = json.dumps(TEXTS["en"], ensure_ascii=False)
    assert not re.search(r"[а-яё]", english, re.IGNORECASE)
    assert not re.search(r"\.ru\b", english)


def test_names_carry_no_brand_and_keep_their_lengths() -> None:
    for texts in TEXTS.values():
        widget = texts["widget"]
        assert not re.search(r"amo\s*crm|kommo", json.dumps(texts), re.IGNORECASE)
        assert len(widget["name"]) <= 30
        assert len(widget["short_description"]) <= 50
        assert len(widget["description"]) <= 400


def test_description_says_that_webhooks_depend_on_the_plan() -> None:
    assert "вебхуки" in TEXTS["ru"]["widget"]["description"]
    assert "webhooks" in TEXTS["en"]["widget"]["description"]


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\beval\b",
        r"\bnew Function\b",
        r"\balert\s*\(",
        r"\bconfirm\s*\(",
        r"\bprompt\s*\(",
        r"\bdebugger\b",
        r"console\.(?!debug\b)",
        r"document\.write",
        r"createElement\(\s*['\"]script",
        r"<script",
        r"\bgetScript\b",
        r"\basync\s*:\s*false",
        r"\b(AMOCRM|APP)\b[\w.]*\s*=[^=]",
        r"\bAMOCRM\b",
        r"\bsetInterval\b",
        r"localStorage|sessionStorage|document\.cookie",
        r"postMessage\([^)]*['\"]\*['\"]",
        r"\.trigger\(\s*['\"]click",
    ],
)
def test_script_does_nothing_that_is_forbidden(forbidden: str) -> None:
    assert not re.search(forbidden, CODE)


def test_script_is_readable_and_small() -> None:
    lines = SCRIPT.splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) >= len(SCRIPT) / 80
    assert len(SCRIPT) < 12_000
    assert "sourceMappingURL" not in SCRIPT


def test_script_is_one_anonymous_module_whose_dependencies_come_from_the_system() -> None:
    assert re.findall(r"\bdefine\((\[[^\]]*\])", CODE) == ["['jquery']"]
    assert not re.findall(r"https?://(?!stepgate\.example)", CODE)


def test_script_has_every_callback_that_must_exist() -> None:
    callbacks = re.findall(r"^ {6}(\w+): function", SCRIPT, re.MULTILINE)
    assert {"render", "init", "bind_actions", "settings", "advancedSettings", "onSave", "destroy"} == set(
        callbacks
    )


def test_messages_are_heard_from_our_own_frame_and_address_only() -> None:
    assert "event.origin !== BASE || event.source !== this.element.contentWindow" in CODE
    assert re.findall(r"postMessage\(([^)]*)\)", CODE) == ["message, BASE"]


def test_script_asks_for_tokens_outside_loops() -> None:
    assert CODE.count("$authorizedAjax") == 1
    assert not re.search(r"\b(for|while)\s*\(", CODE)


def test_no_style_reaches_beyond_our_own_elements() -> None:
    assert not any(name.endswith(".css") for name in FILES)
    assert not re.search(r"\$\(\s*['\"](body|html|document|div|a|button)\b", CODE)
