"""The thread that writes the history of positions: gathers, writes in groups, sheds when it must.

Positions are what gives way under load: the queue keeps the newest and counts
what it shed. What was written is put in order in the time between (tend.py).
Nothing here can delay the journal, which has its own thread and its own
connection; and what takes long here, sorting, deflating and the disk, is done
without Python's lock, so that the hub's loop goes on beside it.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import select

from dispatch.clock import DAY, Instant
from dispatch.errors import StoreDownError
from dispatch.ids import UnitId
from dispatch.store.database import reason_of
from dispatch.store.history.erase import erase_of_day
from dispatch.store.history.rows_v1 import RowsV1
from dispatch.store.history.schema import NEWEST
from dispatch.store.history.scribe import Scribe
from dispatch.store.history.shelf import Shelf
from dispatch.store.history.tend import Tender
from dispatch.store.history.waiting import NewestKept
from dispatch.store.port import CrossingRow, FixRows
from dispatch.store.writer import RETRY_FIRST_S, RETRY_MAX_S, Pause, is_outage

log = structlog.get_logger("yihu.store")

T = TypeVar("T")

GATHER_S: Final = 0.2
"""Fixes wait so long at most for company: five commits a second, whatever comes."""
GROUP_ROWS_MAX: Final = 50_000
"""Rows in one transaction, 10 ms of work; with so many waiting nothing is waited for."""
ROWS_QUEUED_MAX: Final = 1_000_000
"""Some 50 MB: twenty-five seconds of 40,000 a second. Beyond it the oldest are shed, but for
the newest of each unit."""
BATCHES_QUEUED_MAX: Final = 20_000
"""The same where batches are tiny: each is some 2 KB, however few its rows."""
TEND_AGAIN_S: Final = 5.0
"""After a step that failed. What comes is written meanwhile."""
TEND_FIRST_S: Final = 3.0
"""After the start, when a hub that is not serving yet needs the processor more than old blocks
need their order."""
STALLED_S: Final = 2.0
"""A commit takes milliseconds, and a step between two a tenth of a second. What has waited for
so long waits for a disk that stalls, or for a lock that somebody holds."""

SUPERSEDED: Final = "superseded"
"""To make room; a newer fix of the same unit was there. Crossings that waited with it, too."""
REFUSED: Final = "refused"
"""The database will not have them, or failed while we end."""
NOWHERE: Final = "nowhere"
"""No place on earth."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: FixRows
    crossings: tuple[CrossingRow, ...]

    @property
    def weight(self) -> int:
        return len(self.rows) + len(self.crossings)


@dataclass(frozen=True, slots=True)
class _Work:
    """Something else to be done, in its turn."""

    run: Callable[[], Any]
    future: "Future[Any]"
    weight: int = 0


class HistoryWriter:
    """Owns the history's writing connections."""

    def __init__(
        self,
        shelf: Shelf,
        rows_v1: RowsV1,
        *,
        gather_s: float = GATHER_S,
        pause: Pause = threading.Event.wait,
        on_gone: Callable[[int], None] = lambda _day: None,
        tend_first_s: float = TEND_FIRST_S,
    ) -> None:
        """``on_gone`` is told of a day that was dropped."""
        self.shed: Counter[str] = Counter()
        """Rows given up since the start, by reason."""
        self.stalls = 0
        """How often the disk left them waiting for too long."""
        self._shelf = shelf
        self._rows_v1 = rows_v1
        self._scribe = Scribe(shelf)
        self._tender = Tender(shelf)
        self._on_gone = on_gone
        self._gather_s = gather_s
        self._pause = pause
        self._queue: deque[_Batch | _Work] = deque()
        self._weight = 0
        self._since_s = 0.0
        self._kept = NewestKept()
        self._writing = False
        self._behind_since_s: float | None = None
        """Since when nothing was written although something waits."""
        self._stalled = False
        self._shed_before = 0
        self._flushing = 0
        self._tend_at_s = time.monotonic() + tend_first_s
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="history-writer", daemon=True)
        self._thread.start()

    def submit(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Queue rows; gives back how many older ones were shed to make room."""
        batch = _Batch(rows, tuple(crossings))
        with self._changed:
            self._kept.heard(rows)
            self._put(batch)
            shed = self._make_room()
            self._look_at_disk()
        return shed

    @property
    def queued(self) -> int:
        """Rows that wait to be written."""
        return self._weight + self._kept.rows

    @property
    def stalled_s(self) -> float:
        """For how long the disk has taken nothing although something waits; 0 where it does not
        stall."""
        since_s = self._behind_since_s
        waited_s = 0.0 if since_s is None else time.monotonic() - since_s
        return waited_s if waited_s > STALLED_S else 0.0

    @property
    def unordered(self) -> int:
        """Rows on disk that stand as they came."""
        return self._tender.waiting_rows

    @property
    def torn_blocks(self) -> int:
        """Blocks that could not be read when they were to be put in order."""
        return self._tender.torn_blocks

    @property
    def torn_rows(self) -> int:
        """Rows lost since the start with blocks that could not be read."""
        return self._tender.torn_rows

    def flush(self) -> None:
        """Wait until everything queued so far is written, or given up."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._queue or self._writing))
            self._flushing -= 1

    def drop_before(self, first_kept: int) -> "Future[int]":
        """Drop whole days; gives back how many rows."""
        return self._run(lambda: self._drop_before(first_kept))

    def erase(self, unit: UnitId, from_t: Instant, to_t: Instant) -> "Future[int]":
        """Erase a unit's fixes of a span, those queued before this too; how many."""
        return self._run(lambda: self._erase(unit, from_t, to_t))

    def settle(self) -> "Future[None]":
        """Put everything in order, as if every hour were over: for measuring and for tests."""
        return self._run(self._settle_all)

    def close(self) -> None:
        """Write what is queued, give up at the first failure, and end the thread."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._thread.join()

    def _run(self, work: Callable[[], T]) -> "Future[T]":
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closing.is_set() or not self._thread.is_alive():
                raise StoreDownError("the history is closed")
            self._put(_Work(work, future))
        return future

    def _put(self, entry: _Batch | _Work) -> None:
        if not self._queue:
            self._since_s = time.monotonic()
        self._queue.append(entry)
        self._weight += entry.weight
        self._changed.notify_all()

    def _make_room(self) -> int:
        """Newest kept. A single batch too big for the queue stays: it is the newest.

        So does the newest fix of each unit, beyond the queue's limit.
        """
        shed = 0
        place = 0
        while (
            self._weight > ROWS_QUEUED_MAX or len(self._queue) > BATCHES_QUEUED_MAX
        ) and place < len(self._queue) - 1:
            oldest = self._queue[place]
            if isinstance(oldest, _Work):
                place += 1
                continue
            del self._queue[place]
            self._weight -= oldest.weight
            shed += self._kept.give_way(oldest.rows) + len(oldest.crossings)
        self.shed[SUPERSEDED] += shed
        return shed

    def _look_at_disk(self) -> None:
        """Say it once: the thread that writes cannot, for it is the one that hangs."""
        if self._behind_since_s is None:
            self._behind_since_s = time.monotonic()
        elif self.stalled_s and not self._stalled:
            self._stalled = True
            self.stalls += 1
            self._shed_before = self.shed.total()
            log.warning("history_stalled", for_s=round(self.stalled_s, 1), waiting=self.queued)

    def _wrote(self) -> None:
        """Under the lock: the disk took a group."""
        self._behind_since_s = time.monotonic() if self._queue else None
        if self._stalled and self._weight < GROUP_ROWS_MAX:
            self._stalled = False
            log.info("history_caught_up", shed=self.shed.total() - self._shed_before)

    # --- the thread ---

    def _main(self) -> None:
        try:
            while (group := self._take()) is not None:
                self._settle(group)
                with self._changed:
                    self._writing = False
                    self._wrote()
                    self._changed.notify_all()
                if self._tender.behind:
                    self._tend()
        except BaseException:  # the thread's end
            log.exception("history_writer_died")
            raise
        finally:
            self._end()

    def _end(self) -> None:
        with self._changed:
            self._closing.set()
            self._writing = False
            left = [entry for entry in self._queue if isinstance(entry, _Work)]
            self._queue.clear()
            self._changed.notify_all()
        for entry in left:
            entry.future.set_exception(StoreDownError("the history was closed"))

    def _take(self) -> list[_Batch | _Work] | None:
        """The next group, once there is enough or it has waited long enough; None at the end.

        Until then there is time to put in order what was written.
        """
        while True:
            with self._changed:
                if self._ready():
                    return self._group()
                tending = self._may_tend()
                if not tending:
                    self._changed.wait(self._wait_s())
                    continue
            self._tend()

    def _group(self) -> list[_Batch | _Work] | None:
        """Under the lock: work stands alone, batches go together, before them what was kept."""
        if self._kept.rows:
            self._writing = True
            return [_Batch(rows, ()) for rows in self._kept.take()]
        group: list[_Batch | _Work] = []
        weight = 0
        while self._queue:
            entry = self._queue[0]
            alone = isinstance(entry, _Work)
            if group and (alone or weight + entry.weight > GROUP_ROWS_MAX):
                break
            group.append(self._queue.popleft())
            weight += entry.weight
            if alone:
                break
        self._weight -= weight
        self._since_s = time.monotonic()
        self._writing = bool(group)
        return group or None

    def _ready(self) -> bool:
        if self._closing.is_set():
            return True
        if not self._queue:
            return False
        full = self._weight >= GROUP_ROWS_MAX or isinstance(self._queue[0], _Work)
        return full or self._flushing > 0 or self._waits_s() <= 0

    def _waits_s(self) -> float:
        return self._since_s + self._gather_s - time.monotonic()

    def _may_tend(self) -> bool:
        wants = self._tender.wants or self._rows_v1.there
        return wants and time.monotonic() >= self._tend_at_s

    def _wait_s(self) -> float | None:
        """How long nothing need be done; None: until something comes."""
        waits = [self._waits_s()] if self._queue else []
        if self._tender.wants or self._rows_v1.there:
            waits.append(self._tend_at_s - time.monotonic())
        return max(0.0, min(waits)) if waits else None

    def _tend(self) -> None:
        """One step; a failure costs nothing but time, for what it would replace is still there."""
        try:
            if not self._tender.step() and self._rows_v1.there:
                self._tender.note(self._rows_v1.move(self._scribe))
        except Exception as exc:  # told; whatever it is, what comes must go on being written
            log.warning("history_not_put_in_order", why=reason_of(exc))
            self._tend_at_s = time.monotonic() + TEND_AGAIN_S

    def _settle(self, group: Sequence[_Batch | _Work]) -> None:
        if isinstance(group[0], _Work):
            self._do(group[0])
            return
        batches = [entry for entry in group if isinstance(entry, _Batch)]
        pause_s = RETRY_FIRST_S
        failed = False
        while True:
            try:
                wrote, refused = self._scribe.write(
                    [b.rows for b in batches], [c for b in batches for c in b.crossings]
                )
            except Exception as exc:  # told apart here; positions give way, the thread goes on
                if not is_outage(exc) or self._closing.is_set():
                    self._give_up(sum(b.weight for b in batches), REFUSED, reason_of(exc))
                    return
                if not failed:
                    log.warning("history_down", why=reason_of(exc))
                failed = True
                self._pause(self._closing, pause_s)
                pause_s = min(2 * pause_s, RETRY_MAX_S)
            else:
                self._tender.note(wrote)
                if refused:
                    self._give_up(refused, NOWHERE, "they are nowhere on earth")
                if failed:
                    log.info("history_up")
                return

    def _do(self, work: _Work) -> None:
        try:
            work.future.set_result(work.run())
        except Exception as exc:  # whoever asked is told
            work.future.set_exception(exc)

    def _give_up(self, count: int, reason: str, why: str) -> None:
        with self._changed:
            self.shed[reason] += count
        log.error("history_rows_given_up", rows=count, why=why)

    # --- work ---

    def _drop_before(self, first_kept: int) -> int:
        dropped = 0
        for day in [day for day in self._shelf.days() if day < first_kept]:
            dropped += self._rows_of(day)
            self._shelf.drop(day)
            self._scribe.forget(day)
            self._tender.forget(day)
            self._on_gone(day)
        return dropped + self._rows_v1.drop_before(first_kept)

    def _rows_of(self, day: int) -> int:
        with self._shelf.looking(day) as (conn, tables):
            blocks = tables.blocks.c
            fixes = conn.execute(select(blocks.rows).where(blocks.hour != NEWEST)).scalars()
            crossings = conn.execute(select(tables.crossings.c.t)).scalars()
            return int(sum(fixes)) + len(crossings.all())

    def _erase(self, unit: UnitId, from_t: Instant, to_t: Instant) -> int:
        erased = self._rows_v1.erase(unit, from_t, to_t)
        for day in self._shelf.days():
            if from_t // DAY <= day <= to_t // DAY:
                erased += erase_of_day(self._shelf, day, unit, from_t, to_t)
                self._tender.forget(day)
        return erased

    def _settle_all(self) -> None:
        while self._tender.step(all_of_it=True) or self._rows_v1.there:
            if self._rows_v1.there:
                self._tender.note(self._rows_v1.move(self._scribe))
