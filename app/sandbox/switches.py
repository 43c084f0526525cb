"""Switches of a simulated CRM: a dataclass's fields, set by name with values that fit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import ClassVar


@dataclass
class Switches:
    """A subclass's fields are its switches; one that ends in `_rate` is a share from 0 to 1.

    `choices` names the values of switches that take only a few.
    """

    choices: ClassVar[Mapping[str, tuple[object, ...]]] = {}

    def __post_init__(self) -> None:
        """What it was made with is what a reset goes back to, until `settle` says otherwise."""
        self.settle()

    def settle(self) -> None:
        """From now on a reset goes back to the present values."""
        self._settled = asdict(self)

    def settled(self) -> dict[str, object]:
        """The values that a reset goes back to."""
        return dict(self._settled)

    def reset(self) -> None:
        """Set every switch back."""
        for name, value in self._settled.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, object]:
        """All switches as plain JSON values."""
        return asdict(self)

    def update(self, changes: Mapping[str, object]) -> None:
        """Set switches by name.

        Raises ValueError with a sentence for an unknown name or a value that does not fit; nothing
        is changed then.
        """
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        checked: dict[str, object] = {}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"There is no switch called {name}.")
            checked[name] = _converted(name, value, known[name])
            if name in self.choices and checked[name] not in self.choices[name]:
                choices = ", ".join(str(choice) or '""' for choice in self.choices[name])
                raise ValueError(f"The switch {name} takes one of these: {choices}.")
        for name, value in checked.items():
            setattr(self, name, value)


def _converted(name: str, value: object, kind: type) -> object:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if name.endswith("_rate") and not 0 <= value <= 1:
            raise ValueError(f"The switch {name} takes a share from 0 to 1.")
        return float(value)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise ValueError(f"The switch {name} takes a value of type {kind.__name__}.")
