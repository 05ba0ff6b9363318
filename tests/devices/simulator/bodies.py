"""A body that stands still, and radios with one, for tests."""

import random

from devices.simulator.radio import SimulatedRadio
from devices.simulator.temper import Temper
from dispatch.clock import SECOND, Instant
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import Fix
from dispatch.words import Role
from geo.distance import distance_m


class Standing:
    """Tells a fix at each interval; is wherever it was last put."""

    def __init__(self, lon: float = 117.0, lat: float = 36.0) -> None:
        self.place = (lon, lat)
        self.goal: tuple[float, float] | None = None
        self.empty = False
        self._due: Instant = 0
        self._last: Fix | None = None

    def due(self) -> Instant | None:
        """At each interval."""
        return self._due

    def tell(self, now: Instant, interval_s: float) -> list[Fix]:
        """One fix."""
        self._due = now + int(interval_s * SECOND)
        self._last = Fix(t=now, lon=self.place[0], lat=self.place[1])
        return [self._last]

    def last_fix(self) -> Fix | None:
        """The last told."""
        return self._last

    def go_to(self, lon: float, lat: float) -> None:
        """Notes where."""
        self.goal = (lon, lat)

    def go_on(self) -> None:
        """Forgets it."""
        self.goal = None

    def away_m(self, lon: float, lat: float) -> float:
        """From where it was put."""
        return distance_m(*self.place, lon, lat)

    def battery_empty(self, now: Instant) -> bool:
        """Once, when it was told to be."""
        empty, self.empty = self.empty, False
        return empty


def radio(
    *,
    body: Standing | None = None,
    role: Role = Role.GUARD,
    likely: float = 1.0,
    says_no: float = 1.0,
    offset: Instant = 0,
    seed: int = 1,
) -> SimulatedRadio:
    """A guard who comes whenever called, and whose link holds."""
    return SimulatedRadio(
        RadioId("r-1"),
        CommunityId("demo"),
        body=body or Standing(),
        temper=Temper(
            role=role, likely=dict.fromkeys(Role, likely), says_no=says_no, link_losses_per_h=0.0
        ),
        chance=random.Random(seed),
        offset=offset,
    )
