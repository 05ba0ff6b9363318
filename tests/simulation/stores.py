"""The store of one hub's life: the real writer over a disk, behind a door where things go wrong."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from dispatch.clock import Instant
from dispatch.errors import StoreDownError
from dispatch.events import Event, RadioLetIn
from dispatch.roster import RadioRecord
from dispatch.store.codec import TokenBytes, encode
from dispatch.store.journal import Submission
from dispatch.store.port import ChainReport, Committed, CrossingRow, FixRows, Restored
from dispatch.store.sql import SqlStore, _awaited
from tests.simulation.agenda import Agenda, Owner
from tests.simulation.chance import Chance, Fault
from tests.simulation.disk import Disk, MemoryDisk, SqliteDisk, last_time
from tests.simulation.scribe import Baton, Scribe
from tests.stores import ManualStore

T = TypeVar("T")

Watch = Callable[[Sequence[Event]], None]

COMMIT_US: Final = (200, 6_000)
"""What a group takes: a good disk, and a poor one."""
ANSWER_US: Final = (10, 300)
"""From the commit until its hub could know."""
SLOW_US: Final = (500_000, 4_000_000)
"""A disk that stalls: beyond the 1.5 s after which a store counts as down, and below."""
QUEUE_OF_A_FULL_STORE: Final = 30
"""Facts waiting, where the store's queue is nearly always full."""
REASONS: Final = ("database or disk is full", "disk I/O error", "database is locked")


class Weather:
    """How the disk does; the world says when it is full, and when all is well."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.full = ""
        """Why nothing can be written now; empty while it can."""
        self.calm = False

    def hits(self, fault: Fault, at_full: float) -> bool:
        """Whether this strikes now."""
        return not self.calm and self.chance.hits(fault, at_full)

    def commit_us(self) -> int:
        """What the next commit takes."""
        if self.hits(Fault.STORE_SLOW, 0.05):
            return self.chance.stream(Fault.STORE_SLOW).randint(*SLOW_US)
        return self.chance.stream("disk").randint(*COMMIT_US)


class FaultyDoor:
    """``begin`` of a disk, with waits in which the hub may be killed, and with failures."""

    def __init__(self, disk: Disk, weather: Weather, baton: Baton) -> None:
        self._disk = disk
        self._weather = weather
        self._baton = baton

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction."""
        weather, disk = self._weather, self._disk
        self._baton.wait(weather.commit_us())
        if weather.full:
            raise failed(weather.full)
        with disk.begin() as conn:
            yield conn
            if weather.hits(Fault.STORE_ERROR, 0.2):
                raise failed(weather.chance.stream(Fault.STORE_ERROR).choice(REASONS))
        disk.in_the_air = True
        self._baton.wait(weather.chance.stream("disk").randint(*ANSWER_US))
        disk.in_the_air = False
        if weather.hits(Fault.COMMIT_UNKNOWN, 0.1):
            raise failed("the connection was lost")
        if isinstance(disk, SqliteDisk):
            disk.settled()


def failed(why: str) -> OperationalError:
    """As the driver and SQLAlchemy say it."""
    return OperationalError("COMMIT", {}, sqlite3.OperationalError(why))


class NarrowScribe(Scribe):
    """One whose queue may be short."""

    queue_max: int | None = None

    def _put(self, entry: Any) -> None:
        if self.queue_max is not None and self._weight + entry.weight > self.queue_max:
            raise StoreDownError(f"{self._weight} facts are waiting already")
        super()._put(entry)


def a_scribe(
    agenda: Agenda, life: Owner, disk: Disk, weather: Weather, on_state: Callable[[str], None]
) -> NarrowScribe:
    """The journal's writer for a new life."""
    baton = Baton()
    door = FaultyDoor(disk, weather, baton)
    scribe = NarrowScribe(door, agenda=agenda, life=life, baton=baton, on_state=on_state)
    if weather.chance.strength[Fault.FULL] == 1.0:
        scribe.queue_max = QUEUE_OF_A_FULL_STORE
    return scribe


class MemoryStore(ManualStore):
    """A store over a disk in memory."""

    def __init__(
        self, disk: MemoryDisk, scribe: NarrowScribe, token_bytes: TokenBytes, watch: Watch
    ) -> None:
        super().__init__()
        self._watch = watch
        self._disk = disk
        self._token_bytes = token_bytes
        self.scribe = scribe

    def submit(self, facts: Sequence[Event], *, more_soon: bool = False) -> "Future[Committed]":
        """As the real one."""
        self._watch(facts)
        encoded = tuple(encode(fact, self._token_bytes) for fact in facts)
        return self.scribe.submit(Submission(encoded), more_soon=more_soon)

    def submit_fixes(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """As the real one."""
        return self._disk.past.submit(rows, crossings)

    def load(self) -> Restored:
        """Every fact there is: a hub folds them all."""
        facts = self._disk.facts()
        return Restored(
            seq=len(facts),
            last_t=last_time(facts),
            facts=list(facts),
            radios=[],
            last_fixes=self._disk.past.last_fixes([*self._disk.past._last]),
            incident_numbers={},
        )

    def enroll(
        self,
        record: RadioRecord,
        *,
        secret_hash: str,
        t: Instant,
        let_in: RadioLetIn | None = None,
    ) -> "Future[Committed]":
        """As the real one; secrets are nobody's here."""
        return self.submit([record.enrolled(t), *([let_in] if let_in else [])])

    def verify(self) -> ChainReport:
        """Walk the chain."""
        why = self._disk.broken()
        broken_at = int(why.split()[1]) if why else None
        return ChainReport(facts=len(self._disk.rows), broken_at_seq=broken_at, why=why, erased=[])

    def note_standing(self) -> bool:
        """There is nothing to go on with: every start folds all facts."""
        return False

    def close(self) -> None:
        """In order."""
        self.scribe.close()


class SqliteStore(SqlStore):
    """The real store, but for the threads: its writer is on the agenda, its history a stub."""

    def __init__(
        self, disk: SqliteDisk, scribe: NarrowScribe, token_bytes: TokenBytes, watch: Watch
    ) -> None:
        self._watch = watch
        self._engines = disk.engines
        self._token_bytes = token_bytes
        self._journal = self.scribe = scribe
        self._past = cast("Any", disk.past)
        self._history = cast("Any", disk.past)

    def submit(self, facts: Sequence[Event], *, more_soon: bool = False) -> "Future[Committed]":
        """The real one's."""
        self._watch(facts)
        return super().submit(facts, more_soon=more_soon)

    def _work(self, work: Callable[[Connection], T], timeout_s: float | None = None) -> T:
        done = self._journal.run(work)
        self.scribe.pump(done)
        return _awaited(done, "journal", 0.0)

    def close(self) -> None:
        """In order; the files' handles are the disk's."""
        self.scribe.close()


AnyStore = MemoryStore | SqliteStore


def a_store(disk: Disk, scribe: NarrowScribe, token_bytes: TokenBytes, watch: Watch) -> AnyStore:
    """The store that fits the disk; ``watch`` is told of all that is submitted."""
    if isinstance(disk, SqliteDisk):
        return SqliteStore(disk, scribe, token_bytes, watch)
    assert isinstance(disk, MemoryDisk)
    return MemoryStore(disk, scribe, token_bytes, watch)
