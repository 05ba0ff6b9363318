"""Which units moved since a console was last told, and which of these its map needs. No I/O.

    fixes -> pending rows --step()--> a batch, packed once --> one frame a view, shared

One ``Motion`` is shared by all streams. It keeps what a page that saw everything would
have been told, and the last few batches of what changed in that; each stream has an
``Eye`` that remembers how many batches it was told. Nothing is queued for a slow reader:
whoever missed a few batches is sent those together, whoever missed more looks anew.

A *look* tells every unit within a box, and with that which ones are not there any more.
It begins a stream, answers a map that shows another place, and helps who was too slow.
Why a page inside its view never shows a ghost: after a look it agrees with what was told;
a batch is sent of every row that was or is inside; so it agrees after the batch.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from console.frames import RECORD, WORLD, Box, Mask, Records, Rows, encode_frame, pack_records
from console.picture import Among, LiveView, everybody
from dispatch.ids import UnitId
from geo.columns import LiveColumns

VIEW_MARGIN: Final = 0.25
"""Of the view's size on each side: a short pan finds its units already there."""
BATCHES_KEPT: Final = 5
"""A second of them: a reader that is farther behind would be told the same units twice."""
LOOK_ROWS_MAX: Final = 4_000
"""In one frame of a look, 128 kB: what a slow reader costs in memory, and the loop in time."""
GROW_PART: Final = 8


class Batch:
    """Rows that moved between two steps, with where they were told to be before."""

    def __init__(self, records: Records, was: Records, pinned: Mask) -> None:
        self._records = records
        self._was = was
        self._pinned = pinned
        self._of: dict[Box | None, bytes] = {}

    def of(self, view: Box | None) -> bytes:
        """Packed records of what a view needs: made once, whoever asks."""
        made = self._of.get(view)
        if made is None:
            made = self._of[view] = self._chosen(view).tobytes()
        return made

    def _chosen(self, view: Box | None) -> Records:
        """What is in view, what the page would wrongly go on showing there, and the pinned."""
        if view is None:
            return self._records
        now, was = self._records, self._was
        needed = view.holds(now["lon_e7"], now["lat_e7"])
        needed |= view.holds(was["lon_e7"], was["lat_e7"])
        needed |= self._pinned
        return now[needed]


class Look:
    """Every unit within a box, a frame at a time; several consoles may share one."""

    def __init__(self, motion: "Motion", box: Box) -> None:
        self.number = motion.number
        """Batches from this one on come after it."""
        self._motion = motion
        self._box = box
        self._rows = motion.rows_in(box)
        self._made: dict[int, bytes] = {}
        self._made_at = self.number

    def frame(self, index: int) -> tuple[bytes, bool]:
        """The ``index``-th frame, its places the newest told, and whether it is the last."""
        if self._made_at != self._motion.number:
            self._made.clear()
            self._made_at = self._motion.number
        start = index * LOOK_ROWS_MAX
        last = start + LOOK_ROWS_MAX >= len(self._rows)
        if index not in self._made:
            records = self._motion.told[self._rows[start : start + LOOK_ROWS_MAX]]
            self._made[index] = encode_frame(
                records[records["t_ms"] > 0].tobytes(),  # some may have signed off since
                now_ms=self._motion.now_ms,
                first=index == 0,
                looked=self._box if last else None,
            )
        return self._made[index], last


class Motion:
    """The rows' changes, in numbered batches."""

    def __init__(self, live: LiveView, among: Among = everybody) -> None:
        """Only units ``among`` those, by the codes of their communities, are ever told."""
        self._live = live
        self._among = among
        self.number = 0
        self.now_ms = 0
        self.told: Records = np.zeros(0, dtype=RECORD)
        """By row: what a page that sees everything was told last; ``t_ms`` 0 is nothing."""
        self._pending: Mask = np.zeros(0, dtype=np.bool_)
        self._is_pinned: Mask = np.zeros(0, dtype=np.bool_)
        self._batches: deque[Batch] = deque(maxlen=BATCHES_KEPT)
        self._frames: dict[tuple[int, Box | None], bytes | None] = {}
        self._looks: dict[Box, Look] = {}
        self.moved(np.arange(len(self.columns.live)))

    @property
    def columns(self) -> LiveColumns:
        """The live columns, as they are now."""
        return self._live.columns

    def moved(self, rows: npt.NDArray[np.integer]) -> None:
        """These rows have a new fix or state."""
        if len(self._pending) < len(self.columns.live):
            self._grow()
        self._pending[rows] = True

    def moved_units(self, units: Iterable[UnitId]) -> None:
        """``moved``, by the units' ids; those without a row have nothing to show."""
        rows = self._rows(units)
        if len(rows):
            self.moved(rows)

    def pin(self, units: Iterable[UnitId], on: bool) -> None:
        """Every console sees these from now on, whatever its view; or no longer."""
        rows = self._rows(units)
        if len(rows):
            self.moved(rows)
            self._is_pinned[rows] = on

    def step(self, now_ms: int) -> None:
        """What moved is a batch from now on, and told to be where it is."""
        self.now_ms = now_ms
        if len(self._pending) < len(self.columns.live):
            self._grow()
        rows = np.flatnonzero(self._pending)
        self._pending[rows] = False
        shown = self._shown(rows)
        gone = rows[~shown]
        gone = gone[self.told["t_ms"][gone] != 0]  # memory that is not written to is not taken
        self.told["t_ms"][gone] = 0
        rows = rows[shown]
        if not len(rows):
            return
        was, records = self.told[rows], pack_records(self.columns, rows)
        self.told[rows] = records
        self._batches.append(Batch(records, was, self._is_pinned[rows]))
        self.number += 1
        self._frames.clear()
        self._looks.clear()

    def frame_since(self, number: int, view: Box | None) -> bytes | None:
        """All that concerns a view of the batches after this one; None where that is nothing."""
        assert self.number - number <= len(self._batches)
        if (number, view) not in self._frames:
            missed = list(self._batches)[len(self._batches) - (self.number - number) :]
            records = b"".join(batch.of(view) for batch in missed)
            frame = encode_frame(records, now_ms=self.now_ms) if records else None
            self._frames[number, view] = frame
        return self._frames[number, view]

    def look(self, box: Box) -> Look:
        """All that was told to be within a box."""
        if box not in self._looks:
            self._looks[box] = Look(self, box)
        return self._looks[box]

    def rows_in(self, box: Box) -> Rows:
        """Rows that were told to be there, and the pinned ones, wherever they are."""
        told = self.told
        wanted = box.holds(told["lon_e7"], told["lat_e7"]) | self._is_pinned
        return np.flatnonzero(wanted & (told["t_ms"] > 0))

    def _shown(self, rows: Rows) -> Mask:
        """Which rows may be seen at all: with a fix, and on duty or in an alarm."""
        columns = self.columns
        mask: Mask = columns.live[rows] & (columns.fix_t[rows] > 0)
        mask &= self._among(columns.group[rows])
        return mask & (columns.on_duty[rows] | self._is_pinned[rows])

    def _rows(self, units: Iterable[UnitId]) -> Rows:
        rows = [row for row in map(self._live.row_of, units) if row is not None]
        return np.array(rows, dtype=np.int64)

    def _grow(self) -> None:
        """Room for the units, and for an eighth more where some joined: a radio that joins seldom
        costs a copy."""
        rows, held = len(self.columns.live), len(self._pending)
        more = max(rows - held, held // GROW_PART)
        told = np.zeros(held + more, dtype=RECORD)  # not joined: that would write the zeros down
        told[:held] = self.told
        self.told = told
        self._pending = np.concatenate([self._pending, np.zeros(more, dtype=np.bool_)])
        self._is_pinned = np.concatenate([self._is_pinned, np.zeros(more, dtype=np.bool_)])


class Eye:
    """What one console has been told, and what it looks at."""

    def __init__(self, motion: Motion) -> None:
        self._motion = motion
        self._view: Box | None = None
        self._number = motion.number
        self._look: Look | None = None
        self._looked = 0
        """Frames of the look that were told."""

    @property
    def looking(self) -> bool:
        """A look is under way: another frame is there without anything moving."""
        return self._look is not None

    @property
    def due(self) -> bool:
        """Whether ``frame()`` may have something."""
        return self.looking or self._number != self._motion.number

    def look(self, view: Box) -> None:
        """From now on the map shows this."""
        known, self._view = self._view, view.widened(VIEW_MARGIN)
        inside = known is not None and known.covers(self._view)
        if self.looking or not inside:
            self._begin(self._view)

    def look_everywhere(self) -> None:
        """Tell every unit, as a stream begins."""
        self._begin(WORLD)

    def frame(self) -> bytes | None:
        """What was stepped since the last one and concerns the view; None where nothing."""
        if self._look is None and self._motion.number - self._number > BATCHES_KEPT:
            self._begin(self._view or WORLD)
        if self._look is not None:
            data, last = self._look.frame(self._looked)
            self._looked += 1
            self._look = None if last else self._look
            return data
        number, self._number = self._number, self._motion.number
        return None if number == self._number else self._motion.frame_since(number, self._view)

    def _begin(self, box: Box) -> None:
        self._look, self._looked = self._motion.look(box), 0
        self._number = self._look.number
