"""Who carries the radios of a world: they go from place to place in the small town. Pure, seeded.

Cheaper than the walker of the simulated radios, and quicker on foot than anybody: a
world lasts minutes, and people have to arrive in it.
"""

import random
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.readings import Fix
from geo.distance import distance_m
from tests.builders import GRID_M, at

SPEED_MPS: Final = 12.0
"""On an electric bicycle; far below what counts as a jump."""
TOWN_M: Final = (4 * GRID_M, GRID_M)
OUTSIDE_M: Final = 150.0
"""So far beyond the last grid some go."""
ACCURACY_M: Final = 8.0


class Rider:
    """One bearer."""

    def __init__(self, chance: random.Random, now: Instant) -> None:
        self._chance = chance
        self._at = self._somewhere()
        self._goal = self._somewhere()
        self._called: tuple[float, float] | None = None
        self._now = now
        self._due = now
        self._last: Fix | None = None

    def due(self) -> Instant | None:
        """When the next fix is to be told."""
        return self._due

    def tell(self, now: Instant, interval_s: float) -> list[Fix]:
        """Where they are."""
        self._ride(now)
        self._due = now + int(interval_s * self._chance.uniform(0.9, 1.1) * SECOND)
        lon, lat = self._at
        self._last = Fix(t=now, lon=round(lon, 7), lat=round(lat, 7), acc_m=ACCURACY_M)
        return [self._last]

    def last_fix(self) -> Fix | None:
        """What was told last."""
        return self._last

    def go_to(self, lon: float, lat: float) -> None:
        """An order was accepted."""
        self._called = (lon, lat)

    def go_on(self) -> None:
        """Back to going about."""
        self._called = None

    def away_m(self, lon: float, lat: float) -> float:
        """How far it truly is from there."""
        return distance_m(*self._at, lon, lat)

    def battery_empty(self, now: Instant) -> bool:
        """Never; the world cuts links itself."""
        return False

    def _ride(self, now: Instant) -> None:
        left_m = (now - self._now) / SECOND * SPEED_MPS
        self._now = now
        goal = self._called or self._goal
        gap_m = distance_m(*self._at, *goal)
        if gap_m <= left_m:
            self._at = goal
            self._goal = self._somewhere()
            return
        part = left_m / gap_m
        lon, lat = self._at
        self._at = lon + (goal[0] - lon) * part, lat + (goal[1] - lat) * part

    def _somewhere(self) -> tuple[float, float]:
        east_m, north_m = TOWN_M
        return at(
            self._chance.uniform(-OUTSIDE_M, east_m + OUTSIDE_M), self._chance.uniform(0, north_m)
        )
