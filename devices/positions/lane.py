"""What waits between the reader of positions and the hub, and what of it gives way. No I/O.

Messages wait unread, which costs next to nothing: under overload only the newest of each
radio is ever decoded. Each radio has a measure of fixes besides, so that one that floods
pushes nobody out. Everything that goes is counted, by reason.
"""

import bisect
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from devices.codec import Codec
from devices.positions.packets import Heard
from dispatch.clock import SECOND, Instant
from dispatch.errors import DeviceProtocolError
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import NO_ROW, FixBatch

FIXES_PER_S: Final = 4.0
"""Of one radio by the hub's clock; patrols send one in ten seconds, cars one a second."""
FIXES_BURST: Final = 1000.0
"""At once: two full backlog messages, or nearly three hours without a link."""
WAITING_MAX: Final = 20_000
"""Messages that may wait; of what comes after them each radio keeps its newest. A tenth of a
second of work, or half a second on a busy machine."""
WAITING_RADIOS_MAX: Final = 200_000
"""The newest of so many radios may wait, some 60 MB; beyond it those heard first go."""
TOPICS_MAX: Final = 1_000_000
"""Topics whose row is remembered: as many as the live table has rows."""

SLICE_MESSAGES_MAX: Final = 512
"""Decoded at once: with the hub's part a millisecond or two, after which alarms have theirs."""
SLICE_BYTES_MAX: Final = 128 * 1024
"""The same for backlogs, which hold some hundreds of fixes each."""

GROW_PART: Final = 8
"""Rows of the measure are added an eighth at a time."""

NOBODY: Final = -2
"""Beside NO_ROW: the topic of no radio that there could be."""

SUPERSEDED: Final = "superseded"
OVERLOAD: Final = "overload"
TOO_FAST: Final = "too_fast"

FindRow = Callable[[CommunityId, RadioId], int]
"""The live table's row of a community's radio, NO_ROW where it has none."""

OnRefused = Callable[[DeviceProtocolError, RadioId | None], None]
"""Hears of what could not be read, and whose topic it came by, if anybody's."""

OnTooFast = Callable[[RadioId, int], None]
"""Hears that so many fixes of a radio were not taken, for it sends more than its measure."""


class PositionLane:
    """The messages since the last batch."""

    def __init__(
        self,
        codec: Codec,
        find: FindRow,
        on_refused: OnRefused,
        on_too_fast: OnTooFast = lambda _radio, _fixes: None,
    ) -> None:
        self._codec = codec
        self._find = find
        self._on_refused = on_refused
        self._on_too_fast = on_too_fast
        self._waiting: list[Heard] = []
        self._taken = 0
        """How many of those that wait were taken already."""
        self._newest: dict[bytes, bytes] | None = None
        """Under overload, what came after them: of each topic the newest payload."""
        self.radios_max = WAITING_RADIOS_MAX
        self._row_of: dict[bytes, int] = {}
        self._measure = Measure()
        self.shed: Counter[str] = Counter()
        """Messages that gave way (``superseded``, ``overload``), and fixes (``too_fast``)."""

    def __len__(self) -> int:
        return len(self._waiting) - self._taken + len(self._newest or ())

    def hear(self, messages: list[Heard]) -> None:
        """These came, in this order."""
        if self._newest is None:
            self._waiting += messages
            if len(self) <= WAITING_MAX:
                return
            messages, self._waiting, self._taken = self._waiting[self._taken :], [], 0
            self._newest = {}
        before = len(self._newest)
        self._newest.update(messages)
        self.shed[SUPERSEDED] += len(messages) - (len(self._newest) - before)
        if (over := len(self._newest) - self.radios_max) > 0:
            self._newest = dict(itertools.islice(self._newest.items(), over, None))
            self.shed[OVERLOAD] += over

    def take(self, now: Instant) -> FixBatch | None:
        """The fixes of the oldest that wait, in order of arrival; None where nothing waits.

        So many messages that they take a millisecond or two to decode. The batch may be empty
        (nothing could be read), or longer than a slice where a radio sent a backlog.
        """
        said = self._next()
        if not said:
            return None
        rows = self._rows(said)
        if NOBODY in rows:
            said = [each for each, row in zip(said, rows, strict=True) if row != NOBODY]
            rows = [row for row in rows if row != NOBODY]
        batch, refused = self._codec.fixes(rows, [payload for _, payload in said], now)
        for index, error in refused:
            self._on_refused(error, self._codec.speaker(_text(said[index][0])))
        kept = self._measure.allowed(batch.rows, now)
        if kept is None:
            return batch
        self._tell_too_fast(batch.rows[~kept], rows, said)
        return batch.chosen(kept)

    def _tell_too_fast(
        self, thinned: npt.NDArray[np.int64], rows: list[int], said: list[Heard]
    ) -> None:
        self.shed[TOO_FAST] += len(thinned)
        for row, count in zip(*np.unique(thinned, return_counts=True), strict=True):
            radio = self._codec.speaker(_text(said[rows.index(row)][0]))
            if radio is not None:
                self._on_too_fast(radio, int(count))

    def _next(self) -> list[Heard]:
        if self._taken == len(self._waiting):
            # Each radio has its turn before any has another; overload ends when none is left.
            self._waiting, self._taken = list((self._newest or {}).items()), 0
            self._newest = {} if self._waiting else None
        said = self._waiting[self._taken : self._taken + SLICE_MESSAGES_MAX]
        sizes = [len(payload) for _, payload in said]
        if sum(sizes) > SLICE_BYTES_MAX:
            room = bisect.bisect_right(list(itertools.accumulate(sizes)), SLICE_BYTES_MAX)
            said = said[: max(1, room)]
        self._taken += len(said)
        return said

    def _rows(self, said: list[Heard]) -> list[int]:
        known = self._row_of
        rows = [known.get(topic, NO_ROW) for topic, _ in said]
        if NO_ROW in rows:
            rows = [
                self._row(topic) if row == NO_ROW else row
                for row, (topic, _) in zip(rows, said, strict=True)
            ]
        return rows

    def _row(self, topic: bytes) -> int:
        """Only who has a row is remembered: others may get one tomorrow."""
        try:
            row = self._find(*self._codec.sender(_text(topic)))
        except DeviceProtocolError as error:
            self._on_refused(error, None)
            return NOBODY
        if row != NO_ROW and len(self._row_of) < TOPICS_MAX:
            self._row_of[topic] = row
        return row


class Measure:
    """How many fixes each row may still send: a bucket that fills with time."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.float32)
        self._since = np.zeros(0, np.int64)

    def allowed(self, rows: npt.NDArray[np.int64], now: Instant) -> npt.NDArray[np.bool_] | None:
        """Which of these fixes may pass, of each row its last ones; None where all may.

        Rows that nobody knows are not measured: their fixes go no farther than the live table.
        """
        told, counts = np.unique(rows, return_counts=True)
        if len(told) and told[0] < 0:
            told, counts = told[1:], counts[1:]
        if not len(told):
            return None
        self._make_room(int(told[-1]))
        fills = (now - self._since[told]) / SECOND * FIXES_PER_S
        left = np.minimum(FIXES_BURST, self._left[told] + fills)
        allowed = np.minimum(counts, left.astype(np.int64))
        self._left[told] = left - allowed
        self._since[told] = now
        over = np.flatnonzero(counts > allowed)
        if not len(over):
            return None
        passes = np.ones(len(rows), np.bool_)
        for index in over.tolist():
            theirs = np.flatnonzero(rows == told[index])
            passes[theirs[: counts[index] - allowed[index]]] = False
        return passes

    def _make_room(self, row: int) -> None:
        have = len(self._left)
        if row >= have:
            more = max(row + 1 - have, have // GROW_PART)
            self._left = np.concatenate([self._left, np.full(more, FIXES_BURST, np.float32)])
            self._since = np.concatenate([self._since, np.zeros(more, np.int64)])


def _text(topic: bytes) -> str:
    """A topic that is no text is one that nobody has."""
    return topic.decode("utf-8", "replace")
