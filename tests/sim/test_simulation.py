"""A thousand histories of the whole protocol, and protocols that must not survive them."""

import logging
import os

import pytest
import structlog

from tests.sim.broken_protocols import BROKEN_PROTOCOLS, BrokenProtocol
from tests.sim.inline_database import InlineDatabase
from tests.sim.run import run_seed

SEEDS = 1000
SHARDS = 20
PRESSED = 60
PATIENCE = 200
"""Seeds within which a broken protocol must be seen."""


@pytest.fixture(scope="module")
def inline_db() -> InlineDatabase:
    return InlineDatabase()


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """A history of failures logs what a real one would; a thousand of them are too loud."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_history_keeps_the_invariants(shard: int, inline_db: InlineDatabase) -> None:
    if chosen := os.environ.get("STEPGATE_SIM_SEED"):
        seeds = range(int(chosen), int(chosen) + 1) if shard == 0 else range(0)
    else:
        seeds = range(shard, SEEDS, SHARDS)
    broken = {seed: found for seed in seeds if (found := run_seed(seed, inline_db))}
    assert not broken, f"replay one with: python -m tests.sim {next(iter(broken))}"


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(PRESSED // 20))
def test_histories_in_which_managers_press_the_button_keep_them_too(
    shard: int, inline_db: InlineDatabase
) -> None:
    seeds, told = range(shard * 20, shard * 20 + 20), list[str]()
    broken = {s: found for s in seeds if (found := run_seed(s, inline_db, told.append, presses=True))}
    assert not broken
    assert any("asked to be moved on" in line for line in told)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", BROKEN_PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_broken_protocol_is_caught(protocol: BrokenProtocol, inline_db: InlineDatabase) -> None:
    assert any(
        run_seed(seed, inline_db, swaps=protocol.swaps, **protocol.options) for seed in range(PATIENCE)
    ), f"{protocol.name}: nobody noticed in {PATIENCE} histories"


def test_a_seed_is_one_history(inline_db: InlineDatabase) -> None:
    def history() -> list[str]:
        lines: list[str] = []
        run_seed(7, inline_db, lines.append)
        return lines

    assert history() == history()
