"""A hub killed without warning has everything that it said it had."""

import random
import subprocess
import sys
from collections import Counter

from tests.data import REPOSITORY
from tests.dispatch.store.conftest import Home

ROUNDS = 3


def killed_after(home: Home, lines: int, first: int) -> list[tuple[int, int]]:
    """What a hub told of before it was killed: (counter of the alarm, number of its last fact)."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.dispatch.store.kill_child"),
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
    whole = [line.split() for line in told if line.endswith("\n")]
    return [(int(counter), int(seq)) for counter, seq in whole]


def test_whatever_was_said_to_be_stored_is_there_exactly_once(home: Home) -> None:
    """The radio fell silent because we said *stored*; nobody will press again."""
    chance = random.Random(7)
    told: list[tuple[int, int]] = []
    for number in range(ROUNDS):
        told += killed_after(home, chance.randint(1, 300), 1 + number * 1_000_000)

        store = home.open()
        found = store.verify()
        store.close()

        assert found.broken_at_seq is None
        rows = home.rows("SELECT alarm, seq FROM journal WHERE name = 'AlarmReceived'")
        times = Counter(int(alarm.rsplit("/", 1)[1]) for alarm, _ in rows)
        at = {int(alarm.rsplit("/", 1)[1]): seq for alarm, seq in rows}
        assert all(times[counter] == 1 for counter, _ in told)
        assert all(at[counter] == seq - 1 for counter, seq in told)
        assert max(times.values()) == 1
