"""What happens to requests on their way, in any simulated CRM."""

import random

import pytest

from app.sandbox.journey import Journey, arrivals


@pytest.fixture
def rng() -> random.Random:
    return random.Random(1)


def test_a_healthy_way_takes_no_time(rng: random.Random) -> None:
    assert arrivals(Journey(), rng) == [0.0]


def test_what_is_lost_has_no_copies_and_what_is_doubled_has_two(rng: random.Random) -> None:
    assert arrivals(Journey(drop_rate=1.0, duplicate_rate=1.0), rng) == []
    assert arrivals(Journey(duplicate_rate=1.0), rng) == [0.0, 0.0]


def test_each_copy_is_late_by_itself_within_the_bounds(rng: random.Random) -> None:
    way = Journey(duplicate_rate=1.0, delay_min=2.0, delay_max=5.0)
    found = [late for _ in range(100) for late in arrivals(way, rng)]
    assert 2.0 <= min(found) < max(found) <= 5.0
    assert len(set(found)) == len(found) == 200


def test_a_shortest_delay_above_the_longest_holds(rng: random.Random) -> None:
    assert arrivals(Journey(delay_min=3.0, delay_max=1.0), rng) == [3.0]


def test_a_share_comes_out_of_turn(rng: random.Random) -> None:
    way = Journey(reorder_rate=0.5, reorder_seconds=10.0)
    held = [late for _ in range(200) for late in arrivals(way, rng) if late]
    assert 50 < len(held) < 150
    assert max(held) <= 10.0
