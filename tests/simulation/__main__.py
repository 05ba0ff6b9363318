"""``make simulate``: plays so many worlds and says which of them break a law.

python -m tests.simulation 1000            seeds 0 to 999
python -m tests.simulation 5000..6000      these
python -m tests.simulation --seed 4711     one, every line of it aloud
"""

import argparse
import os
import sys
import time
from typing import Final

from tests.simulation.chance import Fault
from tests.simulation.runs import hush, needed, play, play_many

TOLD_EVERY_S: Final = 10.0
FAILURES_MAX: Final = 10
"""Then it is enough: most will have the same reason."""


def main() -> int:
    """The exit status: 0 where all laws held."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seeds", nargs="?", default="1000", type=seeds_of, help="a number, or A..B")
    parser.add_argument("--seed", type=int, help="one world, line by line")
    parser.add_argument("--without", nargs="*", default=[], type=Fault, choices=list(Fault))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    hush()
    if options.seed is not None:
        return _one(options.seed, options.without)
    return _many(options.seeds, options.processes, options.without)


def seeds_of(said: str) -> range:
    """``100`` is 0 to 99, ``100..200`` is 100 to 200. Raises ValueError."""
    first, dots, last = said.partition("..")
    return range(int(first), int(last) + 1) if dots else range(int(said))


def _one(seed: int, without: list[Fault]) -> int:
    failure = play(seed, without=without, aloud=True)
    print(f"seed {seed} breaks no law" if failure is None else failure.words())
    return int(failure is not None)


def _many(seeds: range, processes: int, without: list[Fault]) -> int:
    told_s = time.monotonic()

    def tell(played: int, seconds: float) -> None:
        nonlocal told_s
        if time.monotonic() - told_s > TOLD_EVERY_S or played == len(seeds):
            told_s = time.monotonic()
            rate = f"{played / seconds:.1f} seeds/s on {processes} cores"
            print(f"{played} of {len(seeds)} seeds, {rate}", flush=True)

    failed = 0
    for failure in play_many(seeds, processes=processes, tell=tell, without=without):
        failed += 1
        print(failure.words(needs=needed(failure)), flush=True)
        if failed == FAILURES_MAX:
            print(f"{failed} seeds failed; the others were not played")
            return 1
    print(f"{failed} failed" if failed else f"all laws held in {len(seeds)} worlds")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
