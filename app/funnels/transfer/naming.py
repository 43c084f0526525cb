"""Names for a file's lists: the CRM's own where they are unique, else with a number behind them."""

from collections.abc import Sequence

from app.funnels.transfer.file import LONGEST_NAME


class Namer:
    """Gives every thing of a list a name that no other has."""

    def __init__(self, nameless: str) -> None:
        self._taken = set[str]()
        self._nameless = nameless

    def name(self, title: str) -> tuple[str, str]:
        """A name that is not taken yet, and the title when it differs from the name."""
        plain = _fitting(title)
        base = plain or self._nameless
        name, number = base, 1
        while name in self._taken:
            number += 1
            ending = f" ({number})"
            name = base[: LONGEST_NAME - len(ending)].rstrip() + ending
        self._taken.add(name)
        return name, plain if name != plain else ""


def distinct(titles: Sequence[str]) -> list[str]:
    """What of these fits into a list of names, once each, in order."""
    return list(dict.fromkeys(plain for title in titles if (plain := _fitting(title))))


def _fitting(title: str) -> str:
    """As the file's own shape takes it: no zero character, no blanks around, not too long."""
    return title.replace("\x00", "").strip()[:LONGEST_NAME].strip()
