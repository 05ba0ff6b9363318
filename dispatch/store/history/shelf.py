"""Where the days of the history lie, and how one is opened, written, read and dropped.

SQLite: a folder with a file for each day, ``2026-11-22.db``. A file that SQLite
cannot read is set aside under another name, and the other days live on.
PostgreSQL: tables of their own for each day, ``history_blocks_20779``.

One thread writes; any may read while it does, each look consistent in itself.
"""

import contextlib
import datetime
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DatabaseError

from dispatch.errors import StoreDownError
from dispatch.store.database import reason_of
from dispatch.store.folder import PRIVATE_FILE, PRIVATE_FOLDER
from dispatch.store.history.schema import DayTables, tables_of

log = structlog.get_logger("yihu.store")

DAYS_OPEN_MAX: Final = 10
"""Of each kind: a track is at most 8 days long. Each is some connections and an index in memory."""
PAGE_BYTES: Final = 4_096
FREE_PAGES_AT_ONCE: Final = 500
"""Given back in one step: 2 MB, some 10 ms."""
EPOCH: Final = datetime.date(1970, 1, 1)
SET_ASIDE: Final = ".damaged"
UNFINISHED: Final = ".new"
PREFIX: Final = "history_"


class Shelf(Protocol):
    """Days by their number since 1970-01-01 UTC."""

    def days(self) -> list[int]:
        """Those there are, oldest first."""
        ...

    def writing(self, day: int) -> AbstractContextManager[tuple[Connection, DayTables]]:
        """A transaction, committed at the end of the block; the day is made where missing."""
        ...

    def looking(self, day: int) -> AbstractContextManager[tuple[Connection, DayTables]]:
        """One consistent look at a day that is there."""
        ...

    def drop(self, day: int) -> None:
        """The whole day at once."""
        ...

    def give_back(self, day: int) -> bool:
        """Some of the room that a day no longer needs; whether there is more."""
        ...

    def forget(self, day: int) -> None:
        """Nothing of an erased fix is left beside the tables."""
        ...

    def close(self) -> None:
        """Let every connection of its own go."""
        ...


class DayFolder:
    """A file for each day."""

    def __init__(
        self,
        folder: Path,
        *,
        writer: Callable[[Path], Engine],
        reader: Callable[[Path], Engine],
        alone: bool = True,
    ) -> None:
        """``writer`` and ``reader`` connect to a file.

        ``alone``: nobody else makes or drops days.
        """
        self._alone = alone
        self._folder = folder
        self._connect = writer
        self._writers = _Open(writer)
        self._readers = _Open(reader)
        self._tables = tables_of()
        self._lock = threading.Lock()
        self._days: list[int] | None = None
        self._whole: set[int] = set()
        """Days that surely have their tables."""

    def days(self) -> list[int]:
        """Those there are, oldest first."""
        with self._lock:
            if self._days is None or not self._alone:
                self._days = sorted(self._found())
            return list(self._days)

    def _found(self) -> Iterator[int]:
        if not self._folder.is_dir():
            return
        for path in self._folder.glob("????-??-??.db"):
            with contextlib.suppress(ValueError):
                yield (datetime.date.fromisoformat(path.stem) - EPOCH).days

    @contextlib.contextmanager
    def writing(self, day: int) -> Iterator[tuple[Connection, DayTables]]:
        """A transaction, committed at the end of the block; the day is made where missing."""
        new = day not in self.days()
        if new:
            self._make(day)
        with self._set_aside_if_torn(day), self._writers.at(day, self._path(day)).begin() as conn:
            if day not in self._whole:  # a file that was made by a hub killed in that moment
                self._tables.metadata.create_all(conn)
            yield conn, self._tables
        self._whole.add(day)
        if new:
            self._know_again()

    @contextlib.contextmanager
    def looking(self, day: int) -> Iterator[tuple[Connection, DayTables]]:
        """One consistent look at a day that is there."""
        engine = self._readers.at(day, self._path(day))
        with engine.connect() as conn, conn.begin():
            yield conn, self._tables

    def drop(self, day: int) -> None:
        """Whoever is reading it reads to the end."""
        self._let_go(day)
        self._unlink(self._path(day))

    def give_back(self, day: int) -> bool:
        """A step of SQLite's own incremental vacuum; the file shrinks."""
        with self._writers.at(day, self._path(day)).connect() as conn:
            raw = conn.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            # Not execute(): this statement gives an empty row a page, and it stops at the first.
            raw.executescript(f"PRAGMA incremental_vacuum({FREE_PAGES_AT_ONCE})")
            [(free,)] = raw.execute("PRAGMA freelist_count").fetchall()
        return bool(free)

    def forget(self, day: int) -> None:
        """Pages are overwritten when they are freed; what the log still has goes with it."""
        with self._writers.at(day, self._path(day)).connect() as conn:
            raw = conn.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let every connection go."""
        self._readers.close()
        self._writers.close()

    def _path(self, day: int) -> Path:
        return self._folder / f"{EPOCH + datetime.timedelta(days=day)}.db"

    def _make(self, day: int) -> None:
        """A file that can shrink again, which must be said before anything is in it, with its
        tables: it gets its name when it is whole, for a hub may be killed at any moment."""
        self._folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        path = self._path(day)
        fresh = path.with_name(path.name + UNFINISHED)
        self._unlink(fresh)
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
        raw = sqlite3.connect(fresh, isolation_level=None)
        try:
            raw.execute(f"PRAGMA page_size={PAGE_BYTES}")
            raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.Error as exc:
            raise StoreDownError(str(exc)) from exc
        finally:
            raw.close()
        engine = self._connect(fresh)
        try:
            with engine.begin() as conn:
                self._tables.metadata.create_all(conn)
        finally:
            engine.dispose()  # the last connection takes its log along
        fresh.replace(path)

    @contextlib.contextmanager
    def _set_aside_if_torn(self, day: int) -> Iterator[None]:
        try:
            yield
        except DatabaseError as exc:
            if not is_torn(exc):
                raise
            self._let_go(day)
            path = self._path(day)
            kept = path.with_name(path.name + SET_ASIDE)
            with contextlib.suppress(FileNotFoundError):
                path.rename(kept)
            self._unlink(path)
            log.error("history_day_set_aside", file=str(kept), why=reason_of(exc))
            raise StoreDownError(f"{path.name} cannot be read and was set aside") from exc

    def _let_go(self, day: int) -> None:
        self._whole.discard(day)
        self._readers.close_one(day)
        self._writers.close_one(day)
        self._know_again()

    def _know_again(self) -> None:
        with self._lock:
            self._days = None

    @staticmethod
    def _unlink(path: Path) -> None:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def is_torn(exc: DatabaseError) -> bool:
    """Whether SQLite says that the file is none of its own, or broken."""
    code = getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_bare(exc: DatabaseError) -> bool:
    """Whether SQLite says that the file has no tables: what made it was killed in that moment."""
    code = getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_ERROR and "no such table" in str(exc.orig)


class _Open:
    """Engines of the days used last."""

    def __init__(self, connect: Callable[[Path], Engine]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._engines: OrderedDict[int, Engine] = OrderedDict()

    def at(self, day: int, path: Path) -> Engine:
        """The day's; the one used longest ago is closed where there are too many."""
        with self._lock:
            engine = self._engines.get(day)
            if engine is None:
                engine = self._engines[day] = self._connect(path)
            self._engines.move_to_end(day)
            while len(self._engines) > DAYS_OPEN_MAX:
                self._engines.popitem(last=False)[1].dispose()
            return engine

    def close_one(self, day: int) -> None:
        with self._lock:
            engine = self._engines.pop(day, None)
        if engine is not None:
            engine.dispose()

    def close(self) -> None:
        for day in list(self._engines):
            self.close_one(day)


class DayTablesInOne:
    """Tables of their own for each day, in a database that is there."""

    def __init__(self, writer: Engine, reader: Engine, *, alone: bool = True) -> None:
        """``alone``: nobody else makes or drops days."""
        self._alone = alone
        self._writer = writer
        self._reader = reader
        self._lock = threading.Lock()
        self._days: list[int] | None = None

    def days(self) -> list[int]:
        """Those there are, oldest first."""
        with self._lock:
            if self._days is None or not self._alone:
                begin = f"{PREFIX}blocks_"
                names = inspect(self._reader).get_table_names()
                numbers = (name.removeprefix(begin) for name in names if name.startswith(begin))
                self._days = sorted(int(number) for number in numbers if number.isdecimal())
            return list(self._days)

    @contextlib.contextmanager
    def writing(self, day: int) -> Iterator[tuple[Connection, DayTables]]:
        """A transaction, committed at the end of the block; the tables are made where missing."""
        tables = self._tables(day)
        new = day not in self.days()
        with self._writer.begin() as conn:
            if new:
                tables.metadata.create_all(conn)
            yield conn, tables
        if new:
            self._know_again()

    @contextlib.contextmanager
    def looking(self, day: int) -> Iterator[tuple[Connection, DayTables]]:
        """One consistent look at a day that is there."""
        with self._reader.connect() as conn, conn.begin():
            yield conn, self._tables(day)

    def drop(self, day: int) -> None:
        """Waits for whoever is reading it, at most the database's ``lock_timeout``."""
        with self._writer.begin() as conn:
            self._tables(day).metadata.drop_all(conn)
        self._know_again()

    def give_back(self, _day: int) -> bool:
        """PostgreSQL cleans up by itself."""
        return False

    def forget(self, _day: int) -> None:
        """As far as PostgreSQL forgets: its vacuum overwrites, when it comes to it."""

    def close(self) -> None:
        """The engines are not its own."""

    def _know_again(self) -> None:
        with self._lock:
            self._days = None

    @staticmethod
    def _tables(day: int) -> DayTables:
        return tables_of(PREFIX, f"_{day}")
