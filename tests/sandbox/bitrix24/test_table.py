"""Filters of the simulated portal's lists by many values at once."""

from dataclasses import dataclass

import pytest

from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import Call
from tests.sandbox.bitrix24.world import World

ZONE = 3
MORNING = 1_790_000_000


@dataclass
class Row:
    """A record of one value that counts how often it is looked at."""

    value: object
    looks: int = 0

    def look(self) -> object:
        """The value."""
        self.looks += 1
        return self.value


def kept(world: World, rows: list[Row], kind: str, key: str, wanted: object) -> list[object]:
    """The values that pass a list's filter."""
    table: Table[Row] = Table({"X": Column("X", kind, Row.look)}, "ID", offset=ZONE)
    portal = world.portal
    call = Call(portal, "test", {"filter": {key: wanted}}, portal.users[world.admin], world.registered, None)
    return [row.value for row in table.matching(rows, call)]


def test_a_record_is_looked_at_once_however_many_values_are_asked_for(world: World) -> None:
    rows = [Row(number) for number in range(20)]
    assert kept(world, rows, "integer", "@X", [str(each) for each in range(10, 500)]) == [*range(10, 20)]
    assert {row.looks for row in rows} == {1}


@pytest.mark.parametrize(
    ("kind", "value", "wanted", "is_kept"),
    [
        ("integer", 7, ["5", "7"], True),
        ("integer", 7, ["5", ""], False),
        ("integer", 0, ["5", ""], True),
        ("integer", None, [""], True),
        ("integer", None, ["0"], False),
        ("double", 2.5, ["2.50"], True),
        ("string", "NEW", ["new", "NEW"], True),
        ("string", "NEW", ["new"], False),
        ("boolean", True, ["Y"], True),
        ("boolean", False, ["Y"], False),
        ("list", [4, 9], ["9"], True),
        ("list", [4, 9], ["5"], False),
        ("date", MORNING, ["2026-09-21"], True),
        ("date", MORNING, ["2026-09-20"], False),
    ],
)
def test_one_of_several_values_means_that_one_is_equal(
    world: World, kind: str, value: object, wanted: list[str], *, is_kept: bool
) -> None:
    assert kept(world, [Row(value)], kind, "@X", wanted) == ([value] if is_kept else [])
    assert kept(world, [Row(value)], kind, "!@X", wanted) == ([] if is_kept else [value])
    assert bool([one for one in wanted if kept(world, [Row(value)], kind, "X", one)]) == is_kept
