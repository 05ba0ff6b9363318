"""When each radio was last heard and how far its clock seems off, as columns beside the live ones.

The skew of a radio is the smallest difference seen lately between our time of a
message and its own: delays and backlogs only add to it, so that the smallest is the
nearest to the truth. It corrects nothing that a radio says; it tells a live press by
a wrong clock from a late one out of a backlog. For that the difference of the very last
message counts too: a radio whose clock has just been set wrong shows it there first.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, MINUTE, Instant
from geo.arrays import Rows

SKEW_KEPT: Final = 10 * MINUTE
"""A skew older than this gives way to any newer one: clocks are also set right."""

SKEW_KNOWN: Final = DAY
"""A radio not heard for so long may have lost its battery, and its clock with it: nothing
is known of it until it speaks again."""

NEVER: Final = 0
_UNKNOWN: Final = np.iinfo(np.int64).max


class Heard:
    """Columns by row: grown as rows are added, reset when a row changes hands."""

    def __init__(self) -> None:
        self.heard_t = np.zeros(0, np.int64)
        """Our time of the last message, 0 for never."""
        self.lost_t = np.zeros(0, np.int64)
        """When the link was last said or found to be lost."""
        self.duty_t = np.zeros(0, np.int64)
        """When the bearer signed on."""
        self._skew = np.zeros(0, np.int64)
        self._skew_t = np.zeros(0, np.int64)
        self._last = np.zeros(0, np.int64)
        self._last_t = np.zeros(0, np.int64)

    def make_room(self, row: int) -> None:
        """Columns reach this row."""
        more = max(row + 1, 2 * len(self.heard_t)) - len(self.heard_t)
        if row >= len(self.heard_t):
            kept = ("heard_t", "lost_t", "duty_t", "_skew", "_skew_t", "_last", "_last_t")
            for name in kept:
                grown = np.concatenate([getattr(self, name), np.zeros(more, np.int64)])
                setattr(self, name, grown)

    def hear(self, row: int, now: Instant) -> None:
        """A message came."""
        self.heard_t[row] = max(int(self.heard_t[row]), now)

    def hear_time(self, row: int, *, device_t: Instant, received_t: Instant) -> None:
        """A message came that says what time its radio thinks it is."""
        self.hear_times(np.array([row]), np.array([device_t]), received_t)

    def hear_times(self, rows: Rows, device_t: npt.NDArray[np.int64], received_t: Instant) -> None:
        """Many messages came at once, each with its radio's time."""
        self.heard_t[rows] = np.maximum(self.heard_t[rows], received_t)
        told, place = np.unique(rows, return_inverse=True)
        least = np.full(len(told), _UNKNOWN, np.int64)
        np.minimum.at(least, place, received_t - device_t)
        known = self._skew_t[told] > received_t - SKEW_KEPT
        newer = ~known | (least <= self._skew[told])
        self._skew[told[newer]] = least[newer]
        self._skew_t[told[newer]] = received_t
        self._last[told], self._last_t[told] = least, received_t

    def skew_us(self, row: int, now: Instant) -> int | None:
        """How far the radio's clock is behind ours (negative: ahead); None where unknown."""
        known = self._last_t[row] > NEVER and self._last_t[row] > now - SKEW_KNOWN
        return int(self._skew[row]) if known else None

    def behind_at_most_us(self, row: int, now: Instant) -> int | None:
        """By how much the radio's clock may be behind ours, as far as its messages show: the
        skew or, where that is more, the difference of the last one. None where unknown."""
        skew_us = self.skew_us(row, now)
        return None if skew_us is None else max(0, skew_us, int(self._last[row]))

    def skews_us(self, rows: Rows) -> npt.NDArray[np.int64]:
        """The same for many rows that have just been heard."""
        return self._skew[rows]
