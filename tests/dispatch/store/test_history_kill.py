"""A hub killed without warning has every fix that it said it had, each once."""

import random
import subprocess
import sys

from dispatch.clock import SECOND
from tests.data import REPOSITORY
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.history_kill_child import BATCH_FIXES, UNIT, batch_start
from tests.dispatch.store.past import times

ROUNDS = 4
ROUND_BATCHES = 5_000
"""Numbers of one child; they all lie within three days."""


def killed_after(home: Home, lines: int, first: int) -> list[int]:
    """The batches a hub told of before it was killed."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.dispatch.store.history_kill_child"),
            *(home.url, str(home.data_dir), str(first)),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(lines)]
    child.kill()
    told += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    return [int(line) for line in told if line.endswith("\n")]


def test_whatever_was_flushed_is_there_exactly_once(home: Home) -> None:
    """Killed at any moment while it puts in order what it wrote; then it goes on."""
    chance = random.Random(7)
    told: list[int] = []
    for number in range(ROUNDS):
        told += killed_after(home, chance.randint(1, 60), number * ROUND_BATCHES)

        store = home.open()
        found = times(store, UNIT)
        store.settle_history()
        settled = times(store, UNIT)
        store.close()

        assert settled == found == sorted(set(found))
        assert set(found) >= {
            batch_start(batch) + n * SECOND for batch in told for n in range(BATCH_FIXES)
        }
