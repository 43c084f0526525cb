"""What differs between two mappings, as a list that a program and a page can read."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.funnels.document import FunnelDocument

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_KEYS = ("key", "stage_id")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path` names segments, checkpoints and gates by key, not by position."""

    kind: str
    path: str
    before: Any = None
    after: Any = None

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        return asdict(self)


def changes_between(before: FunnelDocument, after: FunnelDocument) -> list[Change]:
    """All differences, outer ones first; empty when both say the same."""
    return list(_compare("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _compare(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before:
            yield from _compare(f"{path}.{name}".lstrip("."), before[name], after.get(name))
    elif _is_keyed(before) and _is_keyed(after):
        yield from _compare_keyed(path, _by_key(before), _by_key(after))
    else:
        yield Change(CHANGED, path, before, after)


def _compare_keyed(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in before:
        if key not in after:
            yield Change(REMOVED, f"{path}.{key}", before=before[key])
    for key in after:
        if key not in before:
            yield Change(ADDED, f"{path}.{key}", after=after[key])
        else:
            yield from _compare(f"{path}.{key}", before[key], after[key])
    stayed = [key for key in before if key in after]
    if stayed != [key for key in after if key in before]:
        yield Change(MOVED, path, list(before), list(after))


def _is_keyed(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and any(name in each for name in _KEYS) for each in value
    )


def _by_key(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {str(next(each[name] for name in _KEYS if name in each)): each for each in items}
