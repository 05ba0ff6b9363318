"""Run by test_history_kill.py: writes fixes for ever and prints each batch that was flushed."""

import sys
from pathlib import Path

from dispatch.clock import SECOND
from dispatch.store.history import plan, tend
from dispatch.store.sql import SqlStore
from tests.dispatch.store.facts import NOON
from tests.dispatch.store.past import fixes

UNIT = "r1"
BATCH_FIXES = 7


def batch_start(number: int) -> int:
    """Batches follow each other, a fix a second."""
    return NOON + number * BATCH_FIXES * SECOND


def main(url: str, data_dir: str, first: int) -> None:
    tend.FRESH_BLOCKS_MAX = 3  # type: ignore[misc]  # so that it is at it all the time
    plan.FAN = 2  # type: ignore[misc]
    store = SqlStore.open(url, data_dir=Path(data_dir), on_state=lambda _why: None, gather_s=0.0)
    for number in range(first, first + 1_000_000):
        store.submit_fixes(fixes(unit=UNIT, start=batch_start(number), count=BATCH_FIXES), [])
        store.flush_history()
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
