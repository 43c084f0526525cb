"""Strict reading of YAML: plain values only, bounded before anything is built, every value with its line.

Anchors, aliases, tags and merged keys are refused: a mapping needs none of them, and with them a small
file may grow without end or make objects. Only `true`, `false`, `null` and whole numbers are more than
text, so that no name of a stage turns into a truth value or a date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_BYTES = 900_000
MOST_VALUES = 100_000
DEEPEST = 16
Path = tuple[str | int, ...]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_START = (yaml.StreamStartEvent, yaml.DocumentStartEvent)


class TreeFault(Exception):
    """The text cannot be read; `code` is a key of `file_words`, `line` counts from 1."""

    def __init__(self, code: str, line: int = 1, **names: str) -> None:
        super().__init__(code)
        self.code, self.line, self.names = code, line, names


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain values of dicts, lists, texts, numbers, truth values and None, and the line of each."""

    value: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_tree(text: str) -> Tree:
    """The values of one YAML document (JSON is one as well). Raises TreeFault."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TreeFault("too_large")
    builder = _Builder(_events(text))
    return Tree(builder.document(), builder.lines)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TreeFault("not_yaml", mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, UnicodeError):
        # A character that YAML forbids: its place is not told as a line.
        raise TreeFault("bad_character", _line_of_bad(text)) from None


def _line_of_bad(text: str) -> int:
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


@dataclass(slots=True)
class _Builder:
    """Turns events into values, counting them."""

    events: Iterator[yaml.Event]
    lines: dict[Path, int] = field(default_factory=dict)

    def document(self) -> Any:
        event = next(self.events, None)
        while isinstance(event, _START):
            event = next(self.events, None)
        if event is None or isinstance(event, yaml.StreamEndEvent):
            raise TreeFault("empty")
        value = self._value(event, ())
        next(self.events)  # the document's end
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise TreeFault("several_documents", _line(after))
        return value

    def _value(self, event: yaml.Event, path: Path) -> Any:
        line = _line(event)
        self.lines[path] = line
        if len(self.lines) > MOST_VALUES:
            raise TreeFault("too_many_values", line)
        if len(path) > DEEPEST:
            raise TreeFault("too_deep", line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise TreeFault("anchor", line)
        if getattr(event, "tag", None):
            raise TreeFault("tag", line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, line)
        return self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._dict(path)

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _dict(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in found:
                raise TreeFault("twice", _line(event), name=key)
            found[key] = self._value(next(self.events), (*path, key))
        return found

    def _key(self, event: yaml.Event) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag or event.value == "<<":
            raise TreeFault("bad_key", _line(event))
        return str(event.value)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent, line: int) -> Any:
    text = str(event.value)
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise TreeFault("bad_character", line)
    if event.style is not None and event.style != "":
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.fullmatch(text) else text
