"""The widget archive: unzipped in memory and checked as the upload form checks it."""

import io
import json
import zipfile

LOGOS = ("logo.png", "logo_main.png", "logo_medium.png", "logo_min.png", "logo_small.png")
MOST_BYTES = 20_000_000


class BadArchive(Exception):
    """The upload form's answer to a broken archive: a sentence for people."""


def read_archive(data: bytes) -> dict[str, bytes]:
    """Files of a widget.zip by path. Raises BadArchive when amoCRM would not take it.

    Files lie at the root, text is UTF-8 without a mark, and each locale of the manifest has
    its i18n file. See https://www.amocrm.ru/developers/content/integrations/structure
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise BadArchive("Архив слишком большой.")
            files = {entry.filename: packed.read(entry) for entry in entries}
    except zipfile.BadZipFile:
        raise BadArchive("Это не ZIP-архив.") from None
    _check(files)
    return files


def _check(files: dict[str, bytes]) -> None:
    for name in ("manifest.json", "script.js"):
        if name not in files:
            raise BadArchive(f"В корне архива нет файла {name}.")
    manifest = _json(files, "manifest.json")
    widget = manifest.get("widget")
    if not isinstance(widget, dict):
        raise BadArchive("В manifest.json нет раздела widget.")
    for key in ("name", "description", "short_description", "version", "interface_version", "locale"):
        if key not in widget:
            raise BadArchive(f"В manifest.json нет widget.{key}.")
    if "locations" not in manifest:
        raise BadArchive("В manifest.json нет раздела locations.")
    for locale in widget["locale"]:
        _json(files, f"i18n/{locale}.json")
    for logo in LOGOS:
        if f"images/{logo}" not in files:
            raise BadArchive(f"В архиве нет логотипа images/{logo}.")


def _json(files: dict[str, bytes], name: str) -> dict[str, object]:
    if name not in files:
        raise BadArchive(f"В архиве нет файла {name}.")
    if files[name].startswith(b"\xef\xbb\xbf"):
        raise BadArchive(f"Файл {name} начинается с метки BOM.")
    try:
        parsed = json.loads(files[name].decode("utf-8"))
    except ValueError:
        raise BadArchive(f"Файл {name} — не JSON в кодировке UTF-8.") from None
    if not isinstance(parsed, dict):
        raise BadArchive(f"Файл {name} должен содержать объект.")
    return parsed
