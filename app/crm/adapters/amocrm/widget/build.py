"""The widget archive: our files with the server's address written into them, zipped the same way every time.

https://www.amocrm.ru/developers/content/integrations/structure
"""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SOURCES = Path(__file__).parent
NAME = "widget.zip"
PLACEHOLDER = "{{ public_url }}"
TEXTS = {".js", ".json"}
EPOCH = (1980, 1, 1, 0, 0, 0)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


class BadPublicUrl(ValueError):
    """The public address is not a plain origin, so browsers could not tell our frame from others."""


def build_archive(out: Path, public_url: str) -> Path:
    """Write the archive and return where it is.

    `out` is a folder, which then holds `widget.zip` (the only name that the CRM accepts), or a path that
    ends with `.zip`. `public_url` is where the CRM's users reach Stepgate: scheme, host and port, no path.
    The same sources and address give the same bytes. Raises BadPublicUrl.
    """
    path = out if out.suffix == ".zip" else out / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive_bytes(public_url))
    return path


def archive_bytes(public_url: str) -> bytes:
    """The archive itself. Raises BadPublicUrl."""
    origin = public_url.rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise BadPublicUrl(
            f"the public address must be like https://stepgate.example, without a path: {public_url}"
        )
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in archive_files(origin):
            entry = ZipInfo(name, EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            # Told explicitly, else the zip would say on what system it was made.
            entry.create_system = 3
            archive.writestr(entry, content)
    return buffer.getvalue()


def archive_files(origin: str) -> list[tuple[str, bytes]]:
    """Name and content of every file of the archive, in the order of names."""
    found = [path for path in SOURCES.rglob("*") if path.is_file() and _belongs(path)]
    named = [(path.relative_to(SOURCES).as_posix(), path) for path in found]
    return [(name, _content(path, origin)) for name, path in sorted(named)]


def _belongs(path: Path) -> bool:
    return path.suffix in TEXTS | {".png"}


def _content(path: Path, origin: str) -> bytes:
    if path.suffix not in TEXTS:
        return path.read_bytes()
    return path.read_text(encoding="utf-8").replace(PLACEHOLDER, origin.lower()).encode()
