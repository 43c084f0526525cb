"""PHP's bracket form (`leads[status][0][id]=5`) into nested dicts, bounded in every direction.

An index is a key like any other: `leads[add][999999999]` makes no list of that size.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from app.crm.errors import NotUnderstood

FIELDS, DEPTH, KEY, VALUE, INDEX_DIGITS = 2_000, 12, 256, 64 * 1024, 9
"""The deepest hook of the documentation, a request with a contact's fields, has eleven levels."""

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
Form = dict[str, Any]


@lru_cache(maxsize=1)
def parse_form(body: bytes) -> Form:
    """The form of a body, for reading only: the same body asked for again gives the same form.

    A later value replaces an earlier one; a name that is both a value and a branch keeps the branch.
    Raises NotUnderstood for what is broken or too much.
    """
    form: Form = {}
    branch, place = form, None
    try:
        text = body.decode("utf-8")
        if text.count("&") >= FIELDS:
            raise NotUnderstood("too many fields")
        for pair in text.split("&"):
            if not pair:
                continue
            name, _, value = pair.partition("=")
            parents, last = _path(name)
            # Fields of one record follow each other. A nameless index counts on, so it is no place.
            if parents != place:
                branch, place = _branch(form, parents), None if "" in parents else parents
            _put(branch, last, _checked(_unquoted(value)))
    except UnicodeError:
        raise NotUnderstood("not a form") from None
    return form


def items(form: Any) -> list[Any]:
    """The members of an indexed branch in the order of arrival, whatever their indexes."""
    return list(form.values()) if isinstance(form, dict) else []


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


@lru_cache(maxsize=4096)
def _path(raw_name: str) -> tuple[tuple[str, ...], str]:
    """Where a value belongs: its branch and its name there.

    Remembered, because the names of fields are few and come again with every hook.
    """
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
    return path[:-1], path[-1]


def _checked(value: str) -> str:
    if len(value) > VALUE or "\x00" in value:
        raise NotUnderstood("a value is too long or holds a zero character")
    return value


def _branch(form: Form, parents: tuple[str, ...]) -> Form:
    branch = form
    for part in parents:
        below = branch.get(part or str(len(branch)))
        if not isinstance(below, dict):
            below = branch[part or str(len(branch))] = {}
        branch = below
    return branch


def _put(branch: Form, name: str, value: str) -> None:
    last = name or str(len(branch))
    if not isinstance(branch.get(last), dict):
        branch[last] = value
