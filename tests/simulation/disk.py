"""What is left of a store when its hub is killed: in memory, or as SQLite's files on a tmpfs.

``MemoryDisk`` keeps the rows that the journal's real code appends and answers the few
questions it asks; it is twenty times as fast. ``SqliteDisk`` is the real thing, with a
write-ahead log that can be torn where a commit was in the air as the power went.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple, Protocol, cast

from sqlalchemy import Connection, Select

from dispatch.clock import Instant
from dispatch.events import AlarmReceived, Event
from dispatch.ids import AlarmId, UnitId
from dispatch.store import schema
from dispatch.store.chain import EMPTY, next_tail
from dispatch.store.checkpoint import move_log
from dispatch.store.codec import Kept
from dispatch.store.database import JOURNAL_FILE, Engines, _sqlite, _sqlite_reader
from dispatch.store.journal import FACT_IN, PERSONAL_IN, fact_of
from dispatch.store.port import CrossingRow, FixRows, LastFix
from dispatch.store.sql import SqlStore

TMPFS: Final = Path("/dev/shm")
CHECKPOINT_SHARE: Final = 0.05
"""Of commits: the log is moved into the database as often as beside a busy hub."""


class Past:
    """The newest fix of each unit: all of the history that a starting hub asks for."""

    def __init__(self) -> None:
        self._last: dict[UnitId, LastFix] = {}

    def submit(self, fixes: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Keep them; nothing is ever shed."""
        for at, row in enumerate(fixes.rows.tolist()):
            unit = fixes.names.units[row]
            self._last[unit] = LastFix(
                unit=unit,
                t=int(fixes.t[at]),
                lon=float(fixes.lon[at]),
                lat=float(fixes.lat[at]),
                acc_m=None,
                battery_pct=None,
            )
        return 0

    def last_fixes(self, units: Sequence[UnitId]) -> list[LastFix]:
        """Of these units, by unit."""
        return [self._last[unit] for unit in sorted(units) if unit in self._last]


class Disk(Protocol):
    """What stores of successive hubs share."""

    past: Past
    in_the_air: bool
    """A commit was done that nobody was told of."""

    def begin(self) -> contextlib.AbstractContextManager[Connection]:
        """A transaction, committed at the end of the block."""
        ...

    def facts(self) -> list[Event]:
        """All that is committed, oldest first."""
        ...

    def count(self, alarm: AlarmId) -> int:
        """How often a press is in the journal."""
        ...

    def broken(self) -> str:
        """What is wrong with the chain; empty where it is whole."""
        ...

    def killed(self, *, power: bool, draw: Random) -> None:
        """Its hub is gone; with the power of the machine, or not."""
        ...

    def close(self) -> None:
        """The world is over."""
        ...


class _Rows(list[Any]):
    def first(self) -> Any:
        return self[0] if self else None


@dataclass(slots=True)
class _End:
    seq: int
    hash: str


class _Identity(NamedTuple):
    alarm: str
    digest: str


@dataclass(slots=True)
class _Page:
    """A transaction; its ``execute`` is all that appending asks of a connection."""

    disk: "MemoryDisk"
    rows: list[dict[str, Any]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)

    def execute(self, statement: Any, parameters: Any = None) -> _Rows:
        if statement is FACT_IN:
            self.rows = parameters
        elif statement is PERSONAL_IN:
            self.values = parameters
        elif isinstance(statement, Select):
            return self.disk.answer(statement)
        return _Rows()


class MemoryDisk:
    """Rows in lists."""

    def __init__(self) -> None:
        self.past = Past()
        self.in_the_air = False
        self.rows: list[dict[str, Any]] = []
        self.values: dict[int, dict[str, Kept]] = {}
        self._facts: list[Event] = []
        self._alarms: dict[str, _Identity] = {}
        self._before = 0

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """All of it or nothing."""
        page = _Page(self)
        yield cast("Connection", page)
        self._before = len(self.rows)
        self.commit(page.rows, page.values)

    def commit(self, rows: list[dict[str, Any]], values: list[dict[str, Any]]) -> None:
        """Keep what a transaction wrote."""
        self.rows += rows
        for value in values:
            kept = Kept(value["purpose"], value["value"])
            self.values.setdefault(value["seq"], {})[value["id"]] = kept
        for row in rows:
            fact = fact_of(cast("Any", row), self.values.get(row["seq"], {}))
            self._facts.append(fact)
            if isinstance(fact, AlarmReceived):
                self._alarms[fact.alarm] = _Identity(fact.alarm, fact.digest)

    def answer(self, question: Select[Any]) -> _Rows:
        """The journal's end, or the presses it holds: all that appending asks."""
        table = question.get_final_froms()[0]
        if table is schema.journal:
            return _Rows([_End(self.rows[-1]["seq"], self.rows[-1]["hash"])] if self.rows else [])
        return _Rows(self._alarms.values() if table is schema.alarms else [])

    def facts(self) -> list[Event]:
        """As they read back."""
        return self._facts

    def count(self, alarm: AlarmId) -> int:
        """How often a press is in the journal."""
        if alarm not in self._alarms:
            return 0
        return sum(row["alarm"] == alarm and row["name"] == "AlarmReceived" for row in self.rows)

    def broken(self) -> str:
        """Each hash fits its row and the one before."""
        tail = EMPTY
        for row in self.rows:
            tail = next_tail(
                tail, t=row["t"], community=row["community"], name=row["name"], body=row["body"]
            )
            if (tail.seq, tail.hash) != (row["seq"], row["hash"]):
                return f"fact {row['seq']} does not fit"
        return ""

    def killed(self, *, power: bool, draw: Random) -> None:
        """A commit in the air may not have reached the disk."""
        if power and self.in_the_air and draw.random() < 0.5:
            for row in self.rows[self._before :]:
                self.values.pop(row["seq"], None)
                if row["name"] == "AlarmReceived":
                    del self._alarms[row["alarm"]]
            del self.rows[self._before :], self._facts[self._before :]
        self.in_the_air = False

    def close(self) -> None:
        """Nothing is left of it."""


class SqliteDisk:
    """The journal's own file and log, in a folder that ``close`` removes."""

    def __init__(self, draw: Random) -> None:
        where = TMPFS if TMPFS.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="yihu-simulation-", dir=where))
        self._path = self.folder / JOURNAL_FILE
        self._path.write_bytes(_empty_journal())
        self._log = self.folder / f"{JOURNAL_FILE}-wal"
        self._draw = draw
        self._synced = b""
        self._facts: list[Event] = []
        self.past = Past()
        self.in_the_air = False
        self.engines = self._open()

    def _open(self) -> Engines:
        writer = _sqlite(self._path, begin="BEGIN IMMEDIATE", pool_size=1)
        reader = _sqlite_reader(self._path)
        return Engines(journal=writer, history=writer, journal_read=reader, history_read=reader)

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """SQLite's own."""
        self._synced = self._log.read_bytes() if self._log.exists() else b""
        with self.engines.journal.begin() as conn:
            yield conn

    def settled(self) -> None:
        """A commit was answered; now and then the log is moved."""
        if self._draw.random() < CHECKPOINT_SHARE:
            move_log(self._path)

    def facts(self) -> list[Event]:
        """As they read back; those read before are not read again."""
        with self._look() as db:
            kept: dict[int, dict[str, Kept]] = {}
            after = (len(self._facts),)
            for value in db.execute("SELECT * FROM personal WHERE seq > ?", after):
                kept.setdefault(value["seq"], {})[value["id"]] = Kept(
                    value["purpose"], value["value"]
                )
            rows = db.execute("SELECT * FROM journal WHERE seq > ? ORDER BY seq", after)
            self._facts += [fact_of(cast("Any", row), kept.get(row["seq"], {})) for row in rows]
        return self._facts

    def count(self, alarm: AlarmId) -> int:
        """How often a press is in the journal."""
        asked = "SELECT count(*) FROM journal WHERE alarm = ? AND name = 'AlarmReceived'"
        with self._look() as db:
            found: int = db.execute(asked, (alarm,)).fetchone()[0]
        return found

    def broken(self) -> str:
        """As ``yihu verify`` finds it."""
        from dispatch.store.verify import verify

        with self.engines.journal_read.connect() as conn:
            report = verify(conn)
        return "" if report.broken_at_seq is None else f"{report.broken_at_seq}: {report.why}"

    def killed(self, *, power: bool, draw: Random) -> None:
        """The files stay as they are; closing SQLite's handles must not tidy them."""
        db = self._path.read_bytes()
        log = self._log.read_bytes() if self._log.exists() else b""
        if power and self.in_the_air:
            log = torn(self._synced, log, draw)
        self.engines.close()
        for left in self.folder.iterdir():
            left.unlink()
        self._path.write_bytes(db)
        self._log.write_bytes(log)
        self._facts.clear()
        self.in_the_air = False
        self.engines = self._open()

    def close(self) -> None:
        """Let go of all."""
        self.engines.close()
        shutil.rmtree(self.folder)

    @contextlib.contextmanager
    def _look(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path)) as db:
            db.row_factory = sqlite3.Row
            yield db


def torn(before: bytes, after: bytes, draw: Random) -> bytes:
    """A log whose last write reached the disk in part: up to some byte, the rest as it was; and
    where the file had grown, perhaps nothing but zeros."""
    cut = draw.randint(0, len(after))
    rest = before[cut:] if cut < len(before) else b""
    if not rest and draw.random() < 0.3:
        rest = bytes(len(after) - cut)
    return after[:cut] + rest


@cache
def _empty_journal() -> bytes:
    """A journal with its tables and nothing in them, made once: migrating takes longer than
    most worlds."""
    with tempfile.TemporaryDirectory(prefix="yihu-simulation-") as folder:
        SqlStore.open("", data_dir=Path(folder), on_state=lambda _: None).close()
        return (Path(folder) / JOURNAL_FILE).read_bytes()


def last_time(facts: Sequence[Event]) -> Instant:
    """The time of the last; 0 for none."""
    return facts[-1].t if facts else 0
