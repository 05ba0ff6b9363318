"""A body that goes where a recorded journey went, at its own moments. Pure."""

from typing import Final

from devices.traces.read import Trace
from devices.v1.wire import FIXES_MAX
from dispatch.clock import Instant
from dispatch.readings import Fix
from geo.distance import distance_m

FIXES_AT_ONCE_MAX: Final = FIXES_MAX


class Traveller:
    """Follows one trace from the moment it is begun; hears orders and goes nowhere else."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._begun: Instant | None = None
        self._next = 0
        self._last: Fix | None = None

    def begin(self, now: Instant) -> None:
        """The trace's first fix is now."""
        self._begun = now

    def due(self) -> Instant | None:
        """When the recording has its next fix; None before it was begun and after its end."""
        if self._begun is None or self._next >= len(self._trace.t):
            return None
        return self._begun + self._trace.t[self._next]

    def tell(self, now: Instant, interval_s: float) -> list[Fix]:
        """The recording's fixes up to now, whatever interval was asked for."""
        del interval_s
        told: list[Fix] = []
        while (due := self.due()) is not None and due <= now and len(told) < FIXES_AT_ONCE_MAX:
            told.append(
                Fix(t=due, lon=self._trace.lon[self._next], lat=self._trace.lat[self._next])
            )
            self._next += 1
        if told:
            self._last = told[-1]
        return told

    def last_fix(self) -> Fix | None:
        """The last fix told."""
        return self._last

    def go_to(self, lon: float, lat: float) -> None:
        """A recording cannot."""

    def go_on(self) -> None:
        """It never stopped."""

    def away_m(self, lon: float, lat: float) -> float:
        """Metres from its last fix; infinite before the first."""
        if self._last is None:
            return float("inf")
        return distance_m(self._last.lon, self._last.lat, lon, lat)

    def battery_empty(self, now: Instant) -> bool:
        """Recordings have none."""
        del now
        return False
