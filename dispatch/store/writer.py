"""The one thread that writes the journal: takes all that is queued, commits it as a group, answers.

Whoever submits gets a future, resolved only once the facts are on disk. When
the database fails (disk full, locked, connection gone, not permitted) the
group stays at the head of the queue, in order, and is tried again with growing
pauses; nothing overtakes it and nothing is lost while the process lives. A
fact that the database refuses for its content would hold up the queue for
ever, so it fails its own future and the others go on.

A lost connection may leave open whether the commit arrived. The writer then
compares the journal's end with the hash it was about to write: the chain
itself says whether the group is there already.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from dispatch.errors import FactRefusedError, StoreDownError, YihuError
from dispatch.store.chain import Tail
from dispatch.store.database import reason_of
from dispatch.store.journal import Submission, append, read_tail
from dispatch.store.port import Committed
from dispatch.store.retention import KEPT_FOR, KeptFor

log = structlog.get_logger("yihu.store")

T = TypeVar("T")
Pause = Callable[[threading.Event, float], object]
"""Waits so many seconds, or until the event is set."""


class Door(Protocol):
    """The writing side of a database: an Engine, as far as the writer uses it."""

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction, committed at the end of the block."""
        ...


GROUP_FACTS_MAX: Final = 1_000
"""Facts in one transaction: some 10 ms of work, so that no alarm waits long behind a group."""
FACTS_QUEUED_MAX: Final = 100_000
"""At about 2 KB each 200 MB: hours of a big district's alarm lane. When full, submit refuses."""
PATIENCE_S: Final = 0.03
"""What may share the next commit waits for it no longer. Deciding whom to call takes 5 ms, on a
busy machine 20; a commit beside it would take turns with it for Python's lock, and the call's
own commit would stand behind it."""
RETRY_FIRST_S: Final = 0.2
RETRY_MAX_S: Final = 5.0
"""People free full disks: asking more often helps nobody, less often keeps alarms waiting."""
CLOSE_WAIT_S: Final = 5.0
"""An end that waits for a database that hangs would be killed, and say nothing of what is lost."""


@dataclass(frozen=True, slots=True)
class _Facts:
    submission: Submission
    future: "Future[Committed]"
    more_soon: bool = False

    @property
    def weight(self) -> int:
        return len(self.submission.facts) + len(self.submission.beside)


@dataclass(frozen=True, slots=True)
class _Work:
    """Something else to be done in a transaction of its own, in its turn."""

    run: Callable[[Connection], Any]
    future: "Future[Any]"
    weight: int = 1
    more_soon: bool = False


_Entry = _Facts | _Work


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A group whose commit was asked for and not yet confirmed."""

    tail: Tail
    answers: list[Committed]


class JournalWriter:
    """Owns the writing connection. Calls ``on_state`` from its thread: why, or empty for back."""

    def __init__(
        self,
        engine: Door,
        *,
        on_state: Callable[[str], None],
        pause: Pause = threading.Event.wait,
        close_wait_s: float = CLOSE_WAIT_S,
        kept_for: KeptFor = KEPT_FOR,
    ) -> None:
        self._kept_for = kept_for
        self._close_wait_s = close_wait_s
        self._engine = engine
        self._on_state = on_state
        self._pause = pause
        self._queue: deque[_Entry] = deque()
        self._weight = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._why = ""
        self._dead = ""
        self._tail: Tail | None = None
        self._unconfirmed: _Attempt | None = None
        self._thread = threading.Thread(target=self._main, name="journal-writer", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission, *, more_soon: bool = False) -> "Future[Committed]":
        """Queue facts for the next group; ``more_soon``: it may wait for the next submission, at
        most ``PATIENCE_S``. Raises StoreDownError where the queue is full."""
        future: Future[Committed] = Future()
        self._put(_Facts(submission, future, more_soon))
        return future

    def run(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue other work for the writing connection, in a transaction of its own."""
        future: Future[T] = Future()
        self._put(_Work(work, future))
        return future

    def close(self) -> None:
        """Commit what is queued, give up at the first failure or after a while, end the thread."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._thread.join(self._close_wait_s)
        if self._thread.is_alive():
            self._end("the database gives no answer")

    def _put(self, entry: _Entry) -> None:
        entry.future.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._changed:
            if self._dead or self._closing.is_set():
                raise StoreDownError(self._dead or "the store is closed")
            if self._weight + entry.weight > FACTS_QUEUED_MAX:
                raise StoreDownError(f"{self._weight} facts are waiting already")
            self._queue.append(entry)
            self._weight += entry.weight
            self._changed.notify_all()

    # --- the thread ---

    def _main(self) -> None:
        try:
            while group := self._head():
                self._settle(group)
        except _GivenUpError as exc:
            self._end(exc.why)
        except BaseException as exc:  # the thread's end: nobody must wait for it any more
            log.exception("journal_writer_died")
            self._end(f"the journal's writer ended: {exc!r}")
            self._tell(self._dead)

    def _head(self) -> list[_Entry]:
        """The next group, left in the queue; empty once closing and all is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            if not self._pressing():
                self._wait_for_more()
            group: list[_Entry] = []
            weight = 0
            for entry in self._queue:
                alone = isinstance(entry, _Work)
                if group and (alone or weight + entry.weight > GROUP_FACTS_MAX):
                    break
                group.append(entry)
                weight += entry.weight
                if alone:
                    break
            return group

    def _pressing(self) -> bool:
        """Whether anything in the queue is to be committed at once."""
        return self._closing.is_set() or not all(entry.more_soon for entry in self._queue)

    def _wait_for_more(self) -> None:
        self._changed.wait_for(self._pressing, PATIENCE_S)

    def _end(self, why: str) -> None:
        with self._changed:
            self._dead = why
            left = list(self._queue)
            self._queue.clear()
            self._weight = 0
        if left:
            log.error("facts_lost_at_close", entries=len(left), why=why)
        for entry in left:
            entry.future.set_exception(StoreDownError(why))

    def _settle(self, group: Sequence[_Entry]) -> None:
        """Commit the group, however long it takes, and answer."""
        pause_s = RETRY_FIRST_S
        while True:
            try:
                answers = self._attempt(group)
            except Exception as exc:  # told apart below; whatever it is, the queue goes on
                self._tail = None
                if not is_outage(exc):
                    self._refuse(group, exc)
                    return
                self._tell(reason_of(exc))
                if self._closing.is_set():
                    raise _GivenUpError(reason_of(exc)) from exc
                self._pause(self._closing, pause_s)
                pause_s = min(2 * pause_s, RETRY_MAX_S)
                continue
            self._tell("")
            for entry, answer in zip(group, answers, strict=True):
                self._leave(entry).set_result(answer)
            return

    def _attempt(self, group: Sequence[_Entry]) -> list[Any]:
        """One transaction. Leaves the tail known only where the commit was confirmed."""
        with self._engine.begin() as conn:
            if isinstance(group[0], _Work):
                return [group[0].run(conn)]
            tail = self._tail if self._tail is not None else read_tail(conn)
            before = self._unconfirmed
            if before is not None and before.tail == tail:
                done = before
            else:
                submissions = [entry.submission for entry in group if isinstance(entry, _Facts)]
                done = _Attempt(*append(conn, tail, submissions, self._kept_for))
                # Without a fact the end says nothing of whether it arrived: what changes beside
                # the journal is then simply written again.
                self._unconfirmed = None if done.tail == tail else done
        self._tail = done.tail
        self._unconfirmed = None
        return done.answers

    def _refuse(self, group: Sequence[_Entry], exc: Exception) -> None:
        """The group holds something the database will never take: find it, keep the others."""
        self._unconfirmed = None
        if len(group) > 1:
            for entry in group:
                self._settle([entry])
            return
        entry = group[0]
        if isinstance(exc, YihuError) or isinstance(entry, _Work):
            self._leave(entry).set_exception(exc)
            return
        name = ", ".join(fact.name for fact in entry.submission.facts)
        log.error("fact_refused", name=name, why=reason_of(exc))
        refusal = FactRefusedError(name=name, why=reason_of(exc))
        refusal.__cause__ = exc
        self._leave(entry).set_exception(refusal)

    def _leave(self, entry: _Entry) -> "Future[Any]":
        """Take the head off the queue, so that what is answered no longer counts as waiting."""
        with self._changed:
            if self._dead:  # closed meanwhile: nobody waits for the answer any more
                raise _GivenUpError(self._dead)
            head = self._queue.popleft()
            assert head is entry
            self._weight -= entry.weight
        return entry.future

    def _tell(self, why: str) -> None:
        if why == self._why:
            return
        self._why = why
        try:
            self._on_state(why)
        except Exception:  # a listener's fault must not stop the journal
            log.exception("store_state_listener_failed", why=why)


class _GivenUpError(Exception):
    """The store is closing and the database fails: what is queued cannot be kept."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def is_outage(exc: Exception) -> bool:
    """Whether the database or the way to it failed, so that the same facts may go in later.

    IntegrityError and DataError speak of the facts themselves, and so does whatever
    fails before the database was asked; every other refusal of a driver (disk full, locked,
    read-only, no permission, no table, connection lost) is one that people repair.
    """
    if isinstance(exc, DBAPIError):
        return exc.connection_invalidated or not isinstance(exc, IntegrityError | DataError)
    return isinstance(exc, PoolTimeoutError | OSError | StoreDownError)
