"""Run by test_kill.py: submits alarms for ever and prints each that the store says is on disk."""

import sys
from concurrent.futures import Future
from pathlib import Path

from dispatch.store.port import Committed
from dispatch.store.sql import SqlStore
from tests.dispatch.store.facts import alarm, signed_on

AHEAD = 50
"""Submissions under way at once, so that groups of every size are cut."""


def main(url: str, data_dir: str, first: int) -> None:
    store = SqlStore.open(url, data_dir=Path(data_dir), on_state=lambda _why: None)
    waiting: list[tuple[int, Future[Committed]]] = []
    for counter in range(first, first + 1_000_000):
        waiting.append((counter, store.submit([alarm(counter), signed_on(f"u{counter}")])))
        if len(waiting) == AHEAD:
            done, answer = waiting.pop(0)
            print(done, answer.result(30).seq, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
