"""Nested forms (`data[FIELDS][ID]=5`) as dicts, bounded in every direction, and without their secrets.

https://apidocs.bitrix24.com/api-reference/events/index.html
"""

import re
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from app.crm.errors import NotUnderstood

FIELDS, DEPTH, KEY, VALUE, BODY = 2_000, 8, 256, 64 * 1024, 1024 * 1024
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
SECRET = re.compile(r"token|auth_id|refresh_id|auth\]?\[?sid", re.IGNORECASE)
HIDDEN = "hidden"
Form = dict[str, Any]


def parse_form(body: bytes) -> Form:
    """The form of a body. Raises NotUnderstood for what is broken or too much.

    A later value replaces an earlier one; a name that is both a value and a branch keeps the branch.
    """
    form: Form = {}
    for name, value in pairs_of(body):
        path = _path(name)
        branch = form
        for part in path[:-1]:
            below = branch.get(part or str(len(branch)))
            if not isinstance(below, dict):
                below = branch[part or str(len(branch))] = {}
            branch = below
        last = path[-1] or str(len(branch))
        if not isinstance(branch.get(last), dict):
            branch[last] = value
    return form


def redact(body: bytes) -> bytes:
    """The same form with every token hidden. Raises NotUnderstood."""
    kept = [(name, HIDDEN if SECRET.search(name) and value else value) for name, value in pairs_of(body)]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in kept).encode()


def pairs_of(body: bytes) -> list[tuple[str, str]]:
    """Names and values in the order of arrival. Raises NotUnderstood."""
    if len(body) > BODY or body.count(b"&") >= FIELDS:
        raise NotUnderstood("too much of a form")
    try:
        text = body.decode("utf-8")
        split = (pair.partition("=") for pair in text.split("&") if pair)
        pairs = [(_plain(name), _plain(value)) for name, _, value in split]
    except UnicodeError:
        raise NotUnderstood("not a form") from None
    if any(len(name) > KEY or len(value) > VALUE or "\0" in name + value for name, value in pairs):
        raise NotUnderstood("a part of the form is too long")
    return pairs


def child(value: Any, *path: str) -> Any:
    """What stands under the names of `path`, whatever their case; None where one is missing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        found = value.get(name)
        if found is None:
            wanted = name.lower()
            found = next((below for key, below in value.items() if key.lower() == wanted), None)
        value = found
    return value


def text_at(value: Any, *path: str) -> str:
    """The text under `path`; empty where there is none."""
    found = child(value, *path)
    return found if isinstance(found, str) else ""


def _plain(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def _path(name: str) -> tuple[str, ...]:
    found = NAME.fullmatch(name)
    if found is None:
        raise NotUnderstood("a name is malformed")
    path = (found[1], *(part[:-1] for part in found[2].split("[")[1:]))
    if len(path) > DEPTH:
        raise NotUnderstood("a name is too deep")
    return path
