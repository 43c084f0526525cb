"""Running seeds, sound or with a protocol broken on purpose."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.sim.inline_database import InlineDatabase
from tests.sim.invariants import broken_invariants
from tests.sim.simulation import Simulation

Swap = tuple[Any, str, Any]


@contextmanager
def swapped(swaps: Iterable[Swap]) -> Iterator[None]:
    """Put other values in place of names of modules or classes, for a while."""
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
    try:
        for owner, name, value in swaps:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def run_seed(
    seed: int,
    db: InlineDatabase,
    trace: Callable[[str], None] = lambda _: None,
    swaps: Iterable[Swap] = (),
    **options: Any,
) -> list[str]:
    """Run one seed to its rest; returns what does not hold."""
    db.after_commit = None
    sim = Simulation(seed, db, lambda text: trace(f"{sim.time.monotonic():8.2f} {text}"), **options)
    with swapped(swaps):
        sim.run()
    db.after_commit = None
    return broken_invariants(sim)
