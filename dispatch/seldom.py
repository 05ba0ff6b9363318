"""Says when a line of the log or the journal is worth repeating, so that nobody fills the disk with
a faulty radio or a guesser's program. Pure: every ``now_s`` is monotonic."""

import math
from collections import Counter
from typing import Final

EVERY_S: Final = 60.0
"""A radio with wrong settings fails with each message; the log has one line a minute of it."""

ABOUT_MAX: Final = 10_000
"""Things remembered; beyond it all are forgotten, which costs a line too many each."""

NOTED_BURST: Final = 60
NOTED_PER_S: Final = 0.2
"""Refusals of a kind in the journal, of everybody: an attack from ten thousand addresses, or a
program that asks for everything for ever, writes no more than 17,000 lines a day."""


class Seldom:
    """Lets one line a minute through about each thing; what is counted is counted elsewhere."""

    def __init__(self, every_s: float = EVERY_S, *, about_max: int = ABOUT_MAX) -> None:
        self._every_s = every_s
        self._about_max = about_max
        self._told_s: dict[str, float] = {}

    def worth_telling(self, about: str, now_s: float) -> bool:
        """Whether to tell of it now."""
        if now_s < self._told_s.get(about, -math.inf) + self._every_s:
            return False
        if len(self._told_s) >= self._about_max:
            self._told_s.clear()
        self._told_s[about] = now_s
        return True


class Allowance:
    """So many at once, and so many a second in the long run (a leaky bucket)."""

    def __init__(self, *, burst: int, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = float(burst)
        self._last_s = -math.inf

    def take(self, now_s: float) -> bool:
        """Whether one more is allowed now."""
        if self._last_s > -math.inf:
            self._left += max(0.0, now_s - self._last_s) * self._per_s
        self._last_s = now_s
        self._left = min(self._left, float(self._burst))
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Thinned:
    """Tells of refusals once a minute about each thing, and so many in all; those in between are
    counted into the next time."""

    def __init__(self, *, about_max: int = ABOUT_MAX) -> None:
        self._about_max = about_max
        self._seldom = Seldom(about_max=about_max)
        self._noted = Allowance(burst=NOTED_BURST, per_s=NOTED_PER_S)
        self._times: Counter[str] = Counter()

    def times(self, about: str, now_s: float) -> int:
        """One more of it: how many to tell of now, 0 where it is not told."""
        if len(self._times) >= self._about_max:
            self._times.clear()
        self._times[about] += 1
        if self._seldom.worth_telling(about, now_s) and self._noted.take(now_s):
            return self._times.pop(about)
        return 0
