"""Gathers fixes into batches of columns. Pure: when to take a batch is its owner's to say.

Positions are what gives way under load. Each radio has a measure of fixes, so that
one that floods pushes nobody out, and what waits is bounded: when it is full, each
radio keeps its newest and the rest goes. Everything that goes is counted.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from devices.codec import PositionReading
from dispatch.clock import SECOND, Instant
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import Fix, FixBatch

COLLECT_S: Final = 0.05
"""How long a fix waits for company: unseen by eye, and batches are 20 a second at most."""
FIXES_PER_S: Final = 4.0
"""Of one radio by the hub's clock; patrols send one in ten seconds, cars one a second."""
FIXES_BURST: Final = 1000.0
"""At once: two full backlog messages, or nearly three hours without a link."""
WAITING_MAX: Final = 20_000
"""Two seconds of a district's 100,000 units, when the hub was busy so long."""
RADIOS_MAX: Final = 200_000
"""Measures kept; beyond it they are begun anew, which lets a burst through and loses nothing."""

FindRow = Callable[[CommunityId, RadioId], int]
"""The live table's row of a community's radio, NO_ROW where it has none."""

_NAN: Final = float("nan")


class Collector:
    """The fixes since the last batch."""

    def __init__(self, find: FindRow) -> None:
        self._find = find
        self._rows: list[tuple[CommunityId, RadioId, Fix]] = []
        self._allowed: dict[RadioId, tuple[float, Instant]] = {}
        self._received_t: Instant = 0
        self.shed: Counter[str] = Counter()
        """Fixes that gave way, by reason: ``too_fast`` and ``overload``."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, reading: PositionReading) -> None:
        """Take a reading's fixes, or as many of the newest as its radio may still send."""
        fixes = reading.fixes
        allowed = self._measure(reading.radio, len(fixes), reading.received_t)
        if allowed < len(fixes):
            self.shed["too_fast"] += len(fixes) - allowed
            fixes = fixes[len(fixes) - allowed :]
        self._rows += [(reading.community, reading.radio, fix) for fix in fixes]
        self._received_t = max(self._received_t, reading.received_t)
        if len(self._rows) > WAITING_MAX:
            self._make_room()

    def take(self) -> FixBatch | None:
        """All that waits, as columns in order of arrival; None where nothing does."""
        if not self._rows:
            return None
        rows, self._rows = self._rows, []
        fixes = [fix for _, _, fix in rows]
        find = self._find
        return FixBatch(
            rows=np.array([find(community, radio) for community, radio, _ in rows], np.int64),
            t=np.array([fix.t for fix in fixes], np.int64),
            lon=np.array([fix.lon for fix in fixes], np.float64),
            lat=np.array([fix.lat for fix in fixes], np.float64),
            acc_m=np.array([_known(fix.acc_m) for fix in fixes], np.float32),
            speed_mps=np.array([_known(fix.speed_mps) for fix in fixes], np.float32),
            course_deg=np.array([_known(fix.course_deg) for fix in fixes], np.float32),
            battery_pct=np.array(
                [-1 if fix.battery_pct is None else fix.battery_pct for fix in fixes], np.int8
            ),
            received_t=self._received_t,
        )

    def _measure(self, radio: RadioId, count: int, now: Instant) -> int:
        """How many of ``count`` the radio may have now: a bucket that fills with time."""
        left, since = self._allowed.get(radio, (FIXES_BURST, now))
        left = min(FIXES_BURST, left + (now - since) / SECOND * FIXES_PER_S)
        allowed = min(count, int(left))
        if len(self._allowed) >= RADIOS_MAX and radio not in self._allowed:
            self._allowed.clear()
        self._allowed[radio] = (left - allowed, now)
        return allowed

    def _make_room(self) -> None:
        """Keep each radio's newest; where even those are too many, the latest of them."""
        before = len(self._rows)
        last = {radio: index for index, (_, radio, _) in enumerate(self._rows)}
        kept = sorted(last.values())[-WAITING_MAX:]
        self._rows = [self._rows[index] for index in kept]
        self.shed["overload"] += before - len(self._rows)


def _known(value: float | None) -> float:
    return _NAN if value is None else value
