"""PHP's bracket form (`leads[status][0][id]=5`) into nested dicts, bounded in every direction.

An index is a key like any other: `leads[add][999999999]` makes no list of that size.
"""

import re
from functools import lru_cache
from sys import intern
from typing import Any
from urllib.parse import unquote_to_bytes

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
    for pair in _pairs(body):
        name, _, value = pair.partition("=")
        parents, last = _path(name)
        # Fields of one record follow each other. A nameless index counts on, so it is no place.
        if parents != place:
            branch, place = _branch(form, parents), None if "" in parents else parents
        last = last or str(len(branch))
        if last not in branch or not isinstance(branch[last], dict):
            branch[last] = value
    return form


def _pairs(body: bytes) -> list[str]:
    """The decoded `name=value` of a body."""
    if body.count(b"&") >= FIELDS:
        raise NotUnderstood("too many fields")
    if b"\0" in body or b"%00" in body:
        raise NotUnderstood("a zero character")
    try:
        # No value holds a zero character, so it can part the pairs while all of them are decoded at once.
        pairs = _decoded(body.replace(b"&", b"\0")).split("\0")
    except UnicodeError:
        raise NotUnderstood("not a form") from None
    if len(body) > VALUE and any(len(pair.partition("=")[2]) > VALUE for pair in pairs):
        raise NotUnderstood("a value is too long")
    return [pair for pair in pairs if pair]


def _decoded(text: bytes) -> str:
    # A hook is read before its sender is answered, and the standard library takes an escape at a time.
    text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text.decode()
    try:
        escaped = text.replace(b"\\", b"\\\\").replace(b"%", b"\\x")
        octets = escaped.decode("unicode_escape").encode("latin-1")
    except UnicodeDecodeError:  # a per cent sign of its own
        octets = unquote_to_bytes(text)
    return octets.decode()


def items(form: Any) -> list[Any]:
    """The members of an indexed branch in the order of arrival, whatever their indexes."""
    return list(form.values()) if isinstance(form, dict) else []


@lru_cache(maxsize=4096)
def _path(name: str) -> tuple[tuple[str, ...], str]:
    """Where a value belongs: its branch and its name there.

    Remembered, because the names of fields are few and come again with every hook.
    """
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
    return tuple(map(intern, path[:-1])), path[-1]


def _branch(form: Form, parents: tuple[str, ...]) -> Form:
    branch = form
    for part in parents:
        below = branch.get(part or str(len(branch)))
        if not isinstance(below, dict):
            below = branch[part or str(len(branch))] = {}
        branch = below
    return branch
