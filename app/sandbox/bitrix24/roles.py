"""Roles: from which stage of a funnel a person may move a deal to which.

A role keeps for each stage a list: stages, or one of three words. A stage without a list inherits the
funnel's, and a funnel without one lets everybody through. Administrators are bound by no role.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.sandbox.bitrix24.model import Stage

ANY, INHERIT, BLOCKED = "ANY", "INHERIT", "BLOCKED"
WORDS = (ANY, INHERIT, BLOCKED)


@dataclass(slots=True)
class Role:
    """A role by its name; `moves` holds lists of allowed stages by stage, and by funnel as `funnel_key`."""

    id: int
    name: str
    moves: dict[str, list[str]] = field(default_factory=dict)

    def set_moves(self, key: str, allowed: Iterable[str]) -> None:
        """Say where deals may go from there: stages, or one of the three words alone."""
        told = list(dict.fromkeys(allowed))
        word = next((each for each in told if each in WORDS), None)
        self.moves[key] = [word] if word else told

    def allowed(self, key: str) -> list[str]:
        """What is set for a stage or a funnel, the default where nothing is."""
        return self.moves.get(key, [ANY if key.startswith("#") else INHERIT])

    def lets(self, start: Stage, target: Stage) -> bool:
        """Whether a person of this role may move a deal so. A list that holds nothing lets nobody through."""
        told = self.allowed(start.status_id)
        if INHERIT in told:
            told = self.allowed(funnel_key(start.category_id))
        return ANY in told or target.status_id in told


def funnel_key(category_id: int) -> str:
    """How `Role.moves` names a whole funnel."""
    return f"#{category_id}"
