"""When each radio was last heard and how far its clock seems off, as columns beside the live ones.

The skew of a radio is the smallest difference seen lately between our time of a
message and its own: delays and backlogs only add to it, so that the smallest is the
nearest to the truth. It tells a live press by a wrong clock from a late one out of a
backlog. For that the difference of the very last message counts too: a radio whose clock
has just been set wrong shows it there first.

The correction is what is added to the times of its fixes, so that a radio with a wrong
clock is as fresh as the others. It is surer than the skew: a message that says it is of the
future proves a clock that is ahead; one of the past may as well be an old one. Only where
messages some seconds apart are equally old is the clock behind: a backlog comes faster
than it was made. What a press claims, the journal keeps as claimed.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, MINUTE, SECOND, Instant
from geo.arrays import Rows

SKEW_KEPT: Final = 10 * MINUTE
"""A skew older than this gives way to any newer one: clocks are also set right."""

SKEW_KNOWN: Final = DAY
"""A radio not heard for so long may have lost its battery, and its clock with it: nothing
is known of it until it speaks again."""

OFF_LEAST: Final = 5 * SECOND
"""A difference up to this may be the way of the message, and is none of the clock's."""

PACE_OVER: Final = 2 * SECOND
"""Messages so far apart and equally old show a clock that goes late: a backlog's are not."""

DAWDLE_MAX: Final = MINUTE
"""A network or a busy machine may hold messages back so long. A clock that is late by no more
makes fixes no staler than they may be, and is believed only after that time."""

PACE_SLACK: Final = SECOND
"""Equally old, for radios that tell whole seconds over a network that dawdles."""

CLAIM_SLACK: Final = MINUTE
"""So long before a message reached us may have begun what it tells of, as far as its radio says so
itself: the way of a message, or a clock that is off by less than we notice."""

SUSPECT_OFF: Final = MINUTE
SUSPECT_RADIOS: Final = 3
"""So many radios at least, and most of them, are off by so much the same way: then it is not
their clocks that are wrong but ours."""

GROW_PART: Final = 8
"""Rows are added an eighth at a time."""

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
        self.duty_said = np.zeros(0, np.int64)
        """What time it was then by the radio's own clock."""
        self.call_t = np.zeros(0, np.int64)
        """When the live alarm of the bearer reached us, the first of several; 0: there is none."""
        self.call_said = np.zeros(0, np.int64)
        """When it was pressed by the radio's own clock."""
        self._skew = np.zeros(0, np.int64)
        self._skew_t = np.zeros(0, np.int64)
        self._last = np.zeros(0, np.int64)
        self._last_t = np.zeros(0, np.int64)
        self.correction = np.zeros(0, np.int64)
        """What is added to the times of its fixes."""
        self._pace = np.zeros(0, np.int64)
        self._pace_t = np.zeros(0, np.int64)
        """How old messages have been since when, within a second."""

    def make_room(self, row: int) -> None:
        """Columns reach this row, and some more where they were shorter and not empty."""
        held = len(self.heard_t)
        if row >= held:
            rows = max(row + 1, held + held // GROW_PART)
            for name in _TIMES + _DIFFERENCES + _CLAIMS:
                grown = np.zeros(rows, np.int64)  # memory that is not written to is not taken
                grown[:held] = getattr(self, name)
                setattr(self, name, grown)

    def hear(self, row: int, now: Instant) -> None:
        """A message came."""
        self.heard_t[row] = max(int(self.heard_t[row]), now)

    def hear_time(self, row: int, *, device_t: Instant, received_t: Instant) -> None:
        """A message came that says what time its radio thinks it is: ``hear_times`` of one, in a
        tenth of its time, for a press waits for it."""
        old = received_t - device_t
        self.heard_t[row] = max(int(self.heard_t[row]), received_t)
        known = int(self._skew_t[row]) > received_t - SKEW_KEPT
        if not known or old <= int(self._skew[row]):
            self._skew[row], self._skew_t[row] = old, received_t
        self._last[row], self._last_t[row] = old, received_t
        self._correct_one(row, old, received_t)

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
        self._correct(told, least, received_t)

    def skew_us(self, row: int, now: Instant) -> int | None:
        """How far the radio's clock is behind ours (negative: ahead); None where unknown."""
        known = self._last_t[row] > NEVER and self._last_t[row] > now - SKEW_KNOWN
        return int(self._skew[row]) if known else None

    def behind_at_most_us(self, row: int, now: Instant) -> int | None:
        """By how much the radio's clock may be behind ours, as far as its messages show: the
        skew or, where that is more, the difference of the last one. None where unknown."""
        skew_us = self.skew_us(row, now)
        return None if skew_us is None else max(0, skew_us, int(self._last[row]))

    def off_us(self, row: int, now: Instant) -> int | None:
        """By how much the radio's clock is known to be behind ours (negative: ahead): 0 where it
        goes right, as far as a message's way lets us see; None where it said nothing lately."""
        known = self.skew_us(row, now) is not None
        return int(self.correction[row]) if known else None

    def since(
        self, rows: Rows, begun_t: npt.NDArray[np.int64], said_t: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """From when on fixes belong to what began at ``begun_t`` by our clock and ``said_t`` by the
        radio's, in corrected times.

        Fix and beginning are of one clock, so that what it shows wrong does not matter as long as
        nobody sets it between. Where somebody did, ours holds within CLAIM_SLACK.
        """
        said_t = said_t + self.correction[rows]
        return np.clip(said_t, begun_t - CLAIM_SLACK, begun_t + OFF_LEAST)

    def off_alike(self, now: Instant) -> tuple[int, int, int]:
        """Of the radios heard lately: how many there are, how many of them are off by a minute and
        more the same way, and by how much in the middle (negative: ahead of us)."""
        lately = (self._last_t != NEVER) & (self._last_t > now - SKEW_KEPT)
        off = self.correction[lately]
        behind, ahead = off[off > SUSPECT_OFF], off[off < -SUSPECT_OFF]
        alike = behind if len(behind) >= len(ahead) else ahead
        return len(off), len(alike), int(np.median(alike)) if len(alike) else 0

    def shift(self, by_us: int) -> None:
        """The hub's clock was set forward: all that it told before is told by the new time."""
        for name in _TIMES:
            times = getattr(self, name)
            times[times != NEVER] += by_us
        for name in _DIFFERENCES:
            differences = getattr(self, name)
            differences[self._last_t != NEVER] += by_us

    def _correct(self, rows: Rows, old: npt.NDArray[np.int64], received_t: Instant) -> None:
        """``old``: how old the newest message of each row was by its own clock, each row once."""
        even = self._pace_t[rows] != NEVER
        even &= np.abs(old - self._pace[rows]) <= PACE_SLACK
        new = rows[~even]
        self._pace[new], self._pace_t[new] = old[~even], received_t
        off = self.correction[rows]
        over = np.where(old - off > DAWDLE_MAX, PACE_OVER, DAWDLE_MAX)
        news = old < off - OFF_LEAST
        news |= even & (received_t - self._pace_t[rows] >= over) & (old > off + OFF_LEAST)
        news |= (np.abs(old) <= OFF_LEAST) & (off != 0)
        if news.any():
            right = np.abs(old) <= OFF_LEAST
            self.correction[rows[news]] = np.where(right, 0, old)[news]

    def _correct_one(self, row: int, old: int, received_t: Instant) -> None:
        """``_correct`` of one."""
        even = int(self._pace_t[row]) != NEVER and abs(old - int(self._pace[row])) <= PACE_SLACK
        if not even:
            self._pace[row], self._pace_t[row] = old, received_t
        off, right = int(self.correction[row]), abs(old) <= OFF_LEAST
        over = PACE_OVER if old - off > DAWDLE_MAX else DAWDLE_MAX
        late = even and received_t - int(self._pace_t[row]) >= over and old > off + OFF_LEAST
        if old < off - OFF_LEAST or late or (right and off != 0):
            self.correction[row] = 0 if right else old


_TIMES: Final = ("heard_t", "lost_t", "duty_t", "call_t", "_skew_t", "_last_t", "_pace_t")
_DIFFERENCES: Final = ("_skew", "_last", "correction", "_pace")
_CLAIMS: Final = ("duty_said", "call_said")
"""By the radios' clocks: ours being set does not touch them."""


def suspect_words(off_alike: tuple[int, int, int]) -> str:
    """What to say where most radios' clocks are off alike; empty where they are not."""
    radios, alike, off_us = off_alike
    if alike < SUSPECT_RADIOS or 2 * alike <= radios:
        return ""
    side = "behind" if off_us > 0 else "ahead of"
    return (
        f"{alike} of {radios} radios have clocks about {abs(off_us) // SECOND} s {side} the hub's:"
        " the hub's own is likely the wrong one. They are called all the same; see that this"
        " machine's clock is right"
    )
