"""Switches of a simulated CRM: what they take, and what a reset goes back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from app.sandbox.switches import Switches


@dataclass
class Few(Switches):
    """Three switches."""

    choices: ClassVar[Mapping[str, tuple[object, ...]]] = {"down": ("", "503"), "status": (200, 201)}

    down: str = ""
    status: int = 200
    drop_rate: float = 0.0


def test_a_reset_goes_back_to_what_was_settled() -> None:
    switches = Few(drop_rate=0.5)
    switches.update({"drop_rate": 1, "down": "503"})
    switches.reset()
    assert (switches.drop_rate, switches.down) == (0.5, "")
    switches.status = 201
    switches.settle()
    switches.update({"status": 200})
    switches.reset()
    assert switches.settled() == switches.as_dict() == {"down": "", "status": 201, "drop_rate": 0.5}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"down": "404"}, 'takes one of these: "", 503'),
        ({"status": 500}, "takes one of these: 200, 201"),
        ({"status": "200"}, "takes a value of type int"),
        ({"drop_rate": 2}, "takes a share from 0 to 1"),
        ({"drop": 1}, "There is no switch called drop"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(wrong: dict[str, object], sentence: str) -> None:
    switches = Few()
    with pytest.raises(ValueError, match=sentence):
        switches.update({"down": "503", **wrong} if "down" not in wrong else wrong)
    assert switches == Few()
