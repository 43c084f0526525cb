"""PHP's bracket form (`leads[status][0][id]=5`) into nested dicts, bounded in every direction.

An index is a key like any other: `leads[add][999999999]` makes no list of that size.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from app.crm.errors import NotUnderstood

FIELDS, DEPTH, KEY, VALUE, INDEX_DIGITS = 2_000, 8, 256, 64 * 1024, 9
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
Form = dict[str, Any]


def parse_form(body: bytes) -> Form:
    """The form of a body. A later value replaces an earlier one; a name that is both a value and a
    branch keeps the branch. Raises NotUnderstood for what is broken or too much."""
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except (ValueError, UnicodeError):
        raise NotUnderstood("not a form") from None
    form: Form = {}
    for name, value in pairs:
        _put(form, _path(name), _checked(value))
    return form


def items(form: Any) -> list[Any]:
    """The members of an indexed branch in the order of arrival, whatever their indexes."""
    return list(form.values()) if isinstance(form, dict) else []


def _path(name: str) -> list[str]:
    if len(name) > KEY:
        raise NotUnderstood("a key is too long")
    found = NAME.fullmatch(name)
    if found is None:
        raise NotUnderstood("a key is malformed")
    path = [found[1], *(part[:-1] for part in found[2].split("[")[1:])]
    if len(path) > DEPTH:
        raise NotUnderstood("a key is too deep")
    if any(
        part.isdigit() and len(part) > INDEX_DIGITS and position < 3 for position, part in enumerate(path)
    ):
        raise NotUnderstood("an index is too large")
    return path


def _checked(value: str) -> str:
    if len(value) > VALUE or "\x00" in value:
        raise NotUnderstood("a value is too long or holds a zero character")
    return value


def _put(form: Form, path: list[str], value: str) -> None:
    branch = form
    for part in path[:-1]:
        below = branch.get(part or str(len(branch)))
        if not isinstance(below, dict):
            below = branch[part or str(len(branch))] = {}
        branch = below
    last = path[-1] or str(len(branch))
    if not isinstance(branch.get(last), dict):
        branch[last] = value
