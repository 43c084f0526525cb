"""PHP's bracket notation: nested data as flat key/value pairs, both ways."""

from collections.abc import Iterable
from urllib.parse import urlencode

Tree = dict[str, object]


def encode(data: object) -> bytes:
    """Nested maps and lists as a form body: `leads[add][0][id]=1`, percent-encoded, all strings."""
    return urlencode(list(_flat("", data))).encode("ascii")


def _flat(prefix: str, data: object) -> Iterable[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _flat(f"{prefix}[{key}]" if prefix else str(key), value)
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _flat(f"{prefix}[{index}]", value)
    else:
        yield prefix, _text(data)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def parse(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Pairs such as `filter[type][]=x` as nested maps; `[]` numbers its items from 0."""
    tree: Tree = {}
    for key, value in pairs:
        head, _, rest = key.partition("[")
        parts = [head, *rest.rstrip("]").split("][")] if rest else [head]
        _put(tree, parts, value)
    return tree


def _put(tree: Tree, parts: list[str], value: str) -> None:
    node = tree
    for part in parts[:-1]:
        below = node.setdefault(part or str(len(node)), {})
        if not isinstance(below, dict):
            return
        node = below
    node[parts[-1] or str(len(node))] = value


def values(node: object) -> list[str]:
    """Scalars below a node: of a map, of one text, or of a comma-separated text."""
    if isinstance(node, dict):
        return [str(value) for value in node.values() if not isinstance(value, dict)]
    if node is None or node == "":
        return []
    return str(node).split(",")


def numbers(node: object) -> list[int]:
    """The same as whole numbers; what is no number is left out."""
    found = [number(value) for value in values(node)]
    return [value for value in found if value is not None]


def number(node: object) -> int | None:
    """The whole number that a node is, None for anything else."""
    text = str(node)
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else None


def child(node: object, *keys: str) -> object:
    """The node below, or None."""
    for key in keys:
        if not isinstance(node, dict):
            return None
        node = node.get(key)
    return node
