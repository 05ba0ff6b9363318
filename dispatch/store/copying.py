"""Copies an SQLite file that another process is writing, and leaves every login out of the copy.

SQLite's online backup, under a read transaction that is held from the first page to the last:
without it the copy would begin anew whenever the hub writes. The writer waits for nothing; its log
only grows for as long as this takes. The copy goes to the disk step by step, with a breath
between: all of it at once would have the hub's own fsync wait behind it.
"""

import contextlib
import os
import sqlite3
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from dispatch.errors import StoreError
from dispatch.store.folder import PRIVATE_FILE

STEP_PAGES: Final = 1_024
"""4 MB: some 50 ms of an old disk."""
BREATH_MAX_S: Final = 0.2
BUSY_TIMEOUT_S: Final = 5.0

OPENERS: Final = ("sessions", "access_links", "radio_codes")
"""Tables of what lets somebody in for a while: not for a time when it may have been ended since."""

Told = Callable[[int, int], None]
"""Hears how many bytes are copied, and of how many."""


class TornError(StoreError):
    """SQLite cannot read the file."""


class NoRoomError(StoreError):
    """The disk that is written to is full."""


def copy_database(
    source: Path,
    target: Path,
    *,
    told: Told = lambda _done, _of: None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """``target`` must not be there. Raises FileNotFoundError where ``source`` is gone, TornError,
    NoRoomError, StoreError."""
    fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with _reading(source) as reading, _writing(target) as writing:
            page_bytes = reading.execute("PRAGMA page_size").fetchone()[0]
            began_s = time.monotonic()

            def step(_status: int, remaining: int, total: int) -> None:
                nonlocal began_s
                os.fdatasync(fd)
                told((total - remaining) * page_bytes, total * page_bytes)
                pause(min(time.monotonic() - began_s, BREATH_MAX_S))
                began_s = time.monotonic()

            reading.backup(writing, pages=STEP_PAGES, progress=step)
        with _writing(target) as writing:  # of its own, for one file without a log beside it
            writing.execute("PRAGMA journal_mode=DELETE").fetchall()
        os.fsync(fd)
    except sqlite3.Error as exc:
        raise _named(exc, source) from exc
    finally:
        os.close(fd)


def forget_logins(file: Path) -> None:
    """Of a copied journal, what would let somebody in who may be out by now. Raises StoreError."""
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("PRAGMA secure_delete=ON").fetchall()
            db.execute("PRAGMA journal_mode=MEMORY").fetchall()
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            for table in OPENERS:
                if table in tables:
                    db.execute(f"DELETE FROM {table}")  # noqa: S608  our own names
    except sqlite3.Error as exc:
        raise _named(exc, file) from exc


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise FileNotFoundError(path)
    # Not mode=ro, which cannot read a log that has to be looked through first.
    uri = f"file:{urllib.parse.quote(str(path))}?mode=rw"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    except sqlite3.OperationalError as exc:
        if not path.exists():  # a day that was dropped in this moment
            raise FileNotFoundError(path) from exc
        raise
    with contextlib.closing(db):
        db.execute("PRAGMA query_only=ON").fetchall()
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM sqlite_master").fetchall()  # from here on it is held
        yield db


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # A copy that breaks off is thrown away whole: it needs no journal of its own.
        db.execute("PRAGMA journal_mode=OFF").fetchall()
        db.execute("PRAGMA synchronous=OFF").fetchall()
        yield db


def _named(exc: sqlite3.Error, file: Path) -> StoreError:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return NoRoomError("the disk is full")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return TornError(f"{file} cannot be read ({exc})")
    return StoreError(f"{file} cannot be copied ({exc})")
