"""Replays one history with a trace: `python -m tests.sim SEED [BROKEN PROTOCOL]`."""

import sys

from tests.sim.broken_protocols import BROKEN_PROTOCOLS, BrokenProtocol
from tests.sim.inline_database import InlineDatabase
from tests.sim.run import run_seed


def main(seed: int, name: str) -> int:
    """Print the history and what does not hold; 1 when something does not."""
    sound = BrokenProtocol("sound")
    protocol = next((each for each in BROKEN_PROTOCOLS if each.name == name), sound)
    found = run_seed(seed, InlineDatabase(), print, swaps=protocol.swaps, **protocol.options)
    sys.stdout.write("\n".join(found or ["Every invariant holds."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), " ".join(sys.argv[2:])))
