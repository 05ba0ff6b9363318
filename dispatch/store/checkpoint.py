"""Moves what SQLite's write-ahead log holds into the database, beside the writer and not in it.

Left alone, SQLite does so within a commit, of each thousandth page: a decision is
seventy pages, so that every fifteenth alarm would wait for it (measured: the slowest
hundredth of commits took 19 ms so, 12 ms with this; docs/decisions/0012-alarm-lane.md).
A *passive* checkpoint keeps no writer waiting. The writer's own stays as the rail for
a log that grows faster than this thread gets to it.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Final

EVERY_S: Final = 0.5
"""A quiet centre's log is then a few pages; a busy one's some megabytes."""
PAGES_MAX: Final = 16_000
"""The rail: 64 MB of log, which a starting hub reads back in well under a second."""


class Checkpointer:
    """A thread with a connection of its own, for one SQLite file. ``close`` ends it."""

    def __init__(self, path: Path, *, every_s: float = EVERY_S) -> None:
        self._path = path
        self._every_s = every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="checkpointer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Move once more what is there, and end the thread."""
        self._closing.set()
        self._thread.join()

    def _main(self) -> None:
        closing = False
        while not closing:
            closing = self._closing.wait(self._every_s)
            # What fails here fails the writer, too: it says so.
            with contextlib.suppress(sqlite3.Error):
                move_log(self._path)


def move_log(path: Path) -> None:
    """Once, as far as readers allow. Raises sqlite3.Error."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
