"""What a cheap satellite receiver and a battery make of the truth. Pure and seeded.

The error drifts (it does not jump about the truth), accuracy goes from open sky to
between houses and back, sometimes there is no fix for a while. Numbers from
recorded walks: 3 to 10 m in the open, 40 m between towers, minutes without.
"""

import math
import random
from typing import Final

from dispatch.clock import HOUR, SECOND, Instant
from dispatch.readings import Fix
from geo.distance import offset_lonlat

ACCURACY_MIN_M: Final = 3.0
ACCURACY_MAX_M: Final = 40.0
ACCURACY_USUAL_M: Final = 8.0
ERROR_MEMORY_S: Final = 60.0
"""The error forgets itself over a minute."""
SKY_MEMORY_S: Final = 180.0
"""A street between towers takes some minutes to walk through."""
GAPS_PER_H: Final = 3.0
GAP_S: Final = (20.0, 90.0)

BATTERY_LOW_SHARE: Final = 0.15
"""So many bearers forgot to charge."""
BATTERY_PCT_PER_H: Final = 9.0
BATTERY_EMPTY_PCT: Final = 1.0


class Receiver:
    """One radio's sense of place."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._east = chance.gauss(0.0, 1.0)
        self._north = chance.gauss(0.0, 1.0)
        self._sky = chance.gauss(0.0, 0.5)
        self._last_t: Instant | None = None
        self._gap_until: Instant = 0

    def sense(self, now: Instant, lon: float, lat: float) -> Fix | None:
        """A fix near the truth; None inside a gap."""
        self._drift(now)
        if now < self._gap_until:
            return None
        acc_m = min(ACCURACY_MAX_M, max(ACCURACY_MIN_M, ACCURACY_USUAL_M * math.exp(self._sky)))
        error_m = acc_m * 0.6  # accuracy is told as about the 68 % circle
        seen = offset_lonlat(lon, lat, self._east * error_m, self._north * error_m)
        return Fix(t=now, lon=round(seen[0], 7), lat=round(seen[1], 7), acc_m=round(acc_m, 1))

    def _drift(self, now: Instant) -> None:
        passed_s = 0.0 if self._last_t is None else (now - self._last_t) / SECOND
        self._last_t = now
        self._east = self._aged(self._east, passed_s, ERROR_MEMORY_S, 1.0)
        self._north = self._aged(self._north, passed_s, ERROR_MEMORY_S, 1.0)
        self._sky = self._aged(self._sky, passed_s, SKY_MEMORY_S, 0.6)
        if self._chance.random() < passed_s * GAPS_PER_H / 3600.0:
            self._gap_until = now + int(self._chance.uniform(*GAP_S) * SECOND)

    def _aged(self, value: float, passed_s: float, memory_s: float, spread: float) -> float:
        """An Ornstein-Uhlenbeck step: towards nought, with fresh noise of the lasting spread."""
        kept = math.exp(-passed_s / memory_s)
        return value * kept + self._chance.gauss(0.0, spread) * math.sqrt(1.0 - kept * kept)


class Battery:
    """Charge that falls; an empty one is changed for a full one while the radio is off."""

    def __init__(self, chance: random.Random) -> None:
        low = chance.random() < BATTERY_LOW_SHARE
        self._full_pct = chance.uniform(4.0, 20.0) if low else chance.uniform(35.0, 100.0)
        self._since: Instant | None = None
        self._rate = BATTERY_PCT_PER_H * chance.uniform(0.7, 1.3)

    def pct(self, now: Instant) -> float:
        """What is left."""
        if self._since is None:
            self._since = now
        return max(0.0, self._full_pct - self._rate * (now - self._since) / HOUR)

    def change(self, now: Instant) -> None:
        """A full one."""
        self._full_pct, self._since = 100.0, now
