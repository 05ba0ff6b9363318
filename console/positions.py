"""Which units moved since a console last saw them, and which of these its map needs. No I/O.

One ``Motion`` is shared by all streams and numbers every change of a row; each
stream has an ``Eye`` that remembers what it was shown. So nothing is queued for
a slow reader: it is given the newest place of each unit whenever it can read.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from console.frames import Box, Mask, encode_frame
from console.picture import LiveView
from dispatch.ids import UnitId
from geo.columns import LiveColumns

VIEW_MARGIN: Final = 0.25
"""Of the view's size on each side: a short pan finds its units already there."""

Versions = npt.NDArray[np.int64]


class Motion:
    """The rows' changes, numbered."""

    def __init__(self, live: LiveView) -> None:
        self._live = live
        self.version = 0
        self._changed: Versions = np.zeros(0, dtype=np.int64)
        self._pinned: set[UnitId] = set()

    @property
    def columns(self) -> LiveColumns:
        """The live columns, as they are now."""
        return self._live.columns

    def moved(self, rows: npt.NDArray[np.integer]) -> None:
        """These rows have a new fix or state."""
        self.version += 1
        self._grown()[rows] = self.version

    def moved_units(self, units: Iterable[UnitId]) -> None:
        """``moved``, by the units' ids; those without a row have nothing to show."""
        rows = [row for row in map(self._live.row_of, units) if row is not None]
        if rows:
            self.moved(np.array(rows))

    def pin(self, units: set[UnitId]) -> None:
        """Every console sees these, whatever its view."""
        self.moved_units(units ^ self._pinned)
        self._pinned = units

    def changed(self) -> Versions:
        """When each row last changed."""
        return self._grown()

    def pinned(self) -> Mask:
        """Which rows every console sees."""
        mask = np.zeros(len(self.columns.live), dtype=np.bool_)
        mask[[row for row in map(self._live.row_of, self._pinned) if row is not None]] = True
        return mask

    def shown(self) -> Mask:
        """Which rows may be seen at all: with a fix, and on duty or in an alarm."""
        columns = self.columns
        mask: Mask = columns.live & (columns.fix_t > 0) & (columns.on_duty | self.pinned())
        return mask

    def _grown(self) -> Versions:
        missing = len(self.columns.live) - len(self._changed)
        if missing > 0:
            self._changed = np.append(self._changed, np.zeros(missing, dtype=np.int64))
        return self._changed


class Eye:
    """What one console has been shown, and what it looks at."""

    def __init__(self, motion: Motion) -> None:
        self._motion = motion
        self._view: Box | None = None
        self._version = -1
        self._sent: Versions = np.zeros(0, dtype=np.int64)
        self._lon: npt.NDArray[np.float64] = np.zeros(0)
        self._lat: npt.NDArray[np.float64] = np.zeros(0)

    def look(self, view: Box) -> None:
        """From now on the map shows this."""
        self._view = view.widened(VIEW_MARGIN)
        self._version = -1

    def whole_frame(self, now_ms: int) -> bytes:
        """Every unit, as after a snapshot."""
        rows = np.flatnonzero(self._motion.shown())
        self._remember(rows)
        return encode_frame(self._motion.columns, rows, now_ms=now_ms, whole=True)

    def frame(self, now_ms: int) -> bytes | None:
        """What changed and concerns the view; None where that is nothing."""
        if self._version == self._motion.version:
            return None
        rows = np.flatnonzero(self._wanted())
        self._remember(rows)
        if not len(rows):
            return None
        return encode_frame(self._motion.columns, rows, now_ms=now_ms, whole=False)

    def _wanted(self) -> Mask:
        """Changed rows that the view shows, or would wrongly go on showing where they were."""
        self._grow()
        columns = self._motion.columns
        wanted: Mask = self._motion.shown() & (self._motion.changed() > self._sent)
        if self._view is not None:
            wanted &= (
                self._view.holds(columns.lon, columns.lat)
                | self._view.holds(self._lon, self._lat)
                | self._motion.pinned()
            )
        return wanted

    def _remember(self, rows: npt.NDArray[np.int64]) -> None:
        self._grow()
        self._version = self._motion.version
        self._sent[rows] = self._motion.version
        self._lon[rows] = self._motion.columns.lon[rows]
        self._lat[rows] = self._motion.columns.lat[rows]

    def _grow(self) -> None:
        missing = len(self._motion.columns.live) - len(self._sent)
        if missing > 0:
            self._sent = np.append(self._sent, np.zeros(missing, dtype=np.int64))
            nowhere = np.full(missing, np.nan)
            self._lon = np.append(self._lon, nowhere)
            self._lat = np.append(self._lat, nowhere)
