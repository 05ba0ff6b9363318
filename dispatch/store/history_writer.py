"""The thread that writes the history of positions: gathers, writes in groups, sheds when it must.

Positions are what gives way under load: the queue keeps the newest and counts
what it shed. Nothing here can delay the journal, which has its own thread and
its own connection.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Engine

from dispatch.store import history
from dispatch.store.database import reason_of
from dispatch.store.port import CrossingRow, FixRows
from dispatch.store.writer import RETRY_FIRST_S, RETRY_MAX_S, Pause, is_outage

log = structlog.get_logger("yihu.store")

GATHER_S: Final = 0.2
"""Fixes wait so long at most for company: five commits a second, whatever comes."""
GROUP_ROWS_MAX: Final = 5_000
"""Rows in one transaction; with so many waiting nothing is waited for."""
ROWS_QUEUED_MAX: Final = 200_000
"""Twenty seconds of the largest district; some 100 MB. Beyond it the oldest are shed."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: FixRows
    crossings: tuple[CrossingRow, ...]

    @property
    def weight(self) -> int:
        return len(self.rows) + len(self.crossings)


class HistoryWriter:
    """Owns the history's writing connection."""

    def __init__(
        self, engine: Engine, *, gather_s: float = GATHER_S, pause: Pause = threading.Event.wait
    ) -> None:
        self.shed = 0
        """Rows given up since the start, to make room or because the database refused them."""
        self._engine = engine
        self._gather_s = gather_s
        self._pause = pause
        self._queue: deque[_Batch] = deque()
        self._weight = 0
        self._writing = False
        self._flushing = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="history-writer", daemon=True)
        self._thread.start()

    def submit(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Queue rows; gives back how many older ones were shed to make room."""
        batch = _Batch(rows, tuple(crossings))
        with self._changed:
            self._queue.append(batch)
            self._weight += batch.weight
            shed = self._make_room()
            self._changed.notify_all()
        return shed

    def flush(self) -> None:
        """Wait until everything queued so far is written, or given up."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._queue or self._writing))
            self._flushing -= 1

    def close(self) -> None:
        """Write what is queued, give up at the first failure, and end the thread."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._thread.join()

    def _make_room(self) -> int:
        """Newest kept. A single batch too big for the queue stays: it is the newest."""
        shed = 0
        while self._weight > ROWS_QUEUED_MAX and len(self._queue) > 1:
            oldest = self._queue.popleft()
            self._weight -= oldest.weight
            shed += oldest.weight
        self.shed += shed
        return shed

    # --- the thread ---

    def _main(self) -> None:
        try:
            while group := self._take():
                self._settle(group)
                with self._changed:
                    self._writing = False
                    self._changed.notify_all()
        except BaseException:  # the thread's end
            log.exception("history_writer_died")
            raise
        finally:
            with self._changed:
                self._writing = False
                self._queue.clear()
                self._changed.notify_all()

    def _take(self) -> list[_Batch]:
        """The next group, once there is enough or it has waited long enough; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            self._changed.wait_for(self._ready, timeout=self._gather_s)
            group: list[_Batch] = []
            weight = 0
            while self._queue and (not group or weight + self._queue[0].weight <= GROUP_ROWS_MAX):
                weight += self._queue[0].weight
                group.append(self._queue.popleft())
            self._weight -= weight
            self._writing = bool(group)
            return group

    def _ready(self) -> bool:
        full = self._weight >= GROUP_ROWS_MAX
        return full or self._flushing > 0 or self._closing.is_set()

    def _settle(self, group: list[_Batch]) -> None:
        pause_s = RETRY_FIRST_S
        failed = False
        while True:
            try:
                with self._engine.begin() as conn:
                    history.write(
                        conn, [b.rows for b in group], [c for b in group for c in b.crossings]
                    )
            except Exception as exc:  # told apart here; positions give way, the thread goes on
                if not is_outage(exc) or self._closing.is_set():
                    self._give_up(group, reason_of(exc))
                    return
                if not failed:
                    log.warning("history_down", why=reason_of(exc))
                failed = True
                self._pause(self._closing, pause_s)
                pause_s = min(2 * pause_s, RETRY_MAX_S)
            else:
                if failed:
                    log.info("history_up")
                return

    def _give_up(self, group: list[_Batch], why: str) -> None:
        count = sum(batch.weight for batch in group)
        with self._changed:
            self.shed += count
        log.error("history_rows_given_up", rows=count, why=why)
