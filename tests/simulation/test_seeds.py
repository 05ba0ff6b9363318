"""Worlds in which everything may fail: new ones each time, and those that once broke a law."""

import os
import subprocess
import sys
import time

import pytest

from tests.simulation.regressions import ONCE_FAILED
from tests.simulation.runs import hushed, needed, play, play_many
from tests.simulation.world import World

NEW_SEEDS = 200
"""Each time; half a minute on two cores that are free, two minutes on two that are not."""


@pytest.mark.slow
def test_no_law_is_broken_in_new_worlds() -> None:
    """Every run of the tests tries what nobody has tried before; what fails is printed whole."""
    first = int(time.time()) * 1_000
    print(f"seeds {first} to {first + NEW_SEEDS - 1}")

    with hushed():
        failures = list(
            play_many(
                range(first, first + NEW_SEEDS),
                processes=os.cpu_count() or 1,
                tell=lambda _played, _seconds: None,
            )
        )

        assert not failures, "\n\n".join(each.words(needs=needed(each)) for each in failures[:3])


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_a_seed_that_once_failed_breaks_no_law(seed: int) -> None:
    """Each of them found something that is mended since."""
    with hushed():
        failure = play(seed)

    assert failure is None, failure.words()


def test_the_same_seed_is_the_same_world_twice() -> None:
    """A failure that cannot be repeated cannot be mended."""
    digests = []
    with hushed():
        for _ in range(2):
            world = World(6)
            world.run()
            digests.append(world.trace.digest())

    assert digests[0] == digests[1]
    assert len(world.trace) > 100


def test_the_same_seed_is_the_same_world_in_another_process() -> None:
    """Python shuffles its sets anew in each; nothing that a hub decides may hang on that."""
    script = (
        "from tests.simulation.runs import hush; hush();"
        "from tests.simulation.world import World; w = World(6); w.run(); print(w.trace.digest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": shuffled},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for shuffled in ("1", "2")
    }

    assert len(told) == 1


def test_other_seeds_are_other_worlds() -> None:
    """Else a hundred thousand of them would be one."""
    with hushed():
        worlds = [World(seed) for seed in range(20)]

    assert len({(w.presses, w.storm_us, *w.chance.on) for w in worlds}) == 20
    for world in worlds:
        world.disk.close()
