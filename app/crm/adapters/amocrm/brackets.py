"""PHP's bracket form (`leads[status][0][id]=5`) into nested dicts, bounded in every direction.

An index is a key like any other: `leads[add][999999999]` makes no list of that size.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from app.crm.errors import NotUnderstood

FIELDS, DEPTH, KEY, VALUE, INDEX_DIGITS = 2_000, 8, 256, 64 * 1024, 9
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
Form = dict[str, Any]


@lru_cache(maxsize=1)
def parse_form(body: bytes) -> Form:
    """The form of a body, for reading only: the same body asked for again gives the same form.

    A later value replaces an earlier one; a name that is both a value and a branch keeps the branch.
    Raises NotUnderstood for what is broken or too much.
    """
    form: Form = {}
    try:
        text = body.decode("utf-8")
        if text.count("&") >= FIELDS:
            raise NotUnderstood("too many fields")
        for pair in text.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                _put(form, _path(name), _checked(_unquoted(value)))
    except UnicodeError:
        raise NotUnderstood("not a form") from None
    return form


def items(form: Any) -> list[Any]:
    """The members of an indexed branch in the order of arrival, whatever their indexes."""
    return list(form.values()) if isinstance(form, dict) else []


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


@lru_cache(maxsize=4096)
def _path(raw_name: str) -> tuple[str, ...]:
    """The names of a CRM's fields are few and come again with every hook."""
    if len(raw_name) > 12 * KEY:
        raise NotUnderstood("a key is too long")
    name = _unquoted(raw_name)
    if len(name) > KEY:
        raise NotUnderstood("a key is too long")
    found = NAME.fullmatch(name)
    if found is None:
        raise NotUnderstood("a key is malformed")
    path = (found[1], *(part[:-1] for part in found[2].split("[")[1:]))
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


def _put(form: Form, path: tuple[str, ...], value: str) -> None:
    branch = form
    for part in path[:-1]:
        below = branch.get(part or str(len(branch)))
        if not isinstance(below, dict):
            below = branch[part or str(len(branch))] = {}
        branch = below
    last = path[-1] or str(len(branch))
    if not isinstance(branch.get(last), dict):
        branch[last] = value
