"""Time: integer microseconds UTC, and the clocks that tell it. Deciding never looks here for now.

An instant is microseconds since 1970-01-01T00:00:00Z, so that both databases,
NumPy columns and the journal keep the same number.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

Instant: TypeAlias = int
"""Microseconds UTC since 1970."""

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

CLOCK_SPEED_MAX: Final = 1000.0
"""Above this a 50 ms batch spans most of a minute and ages lose their meaning."""

AHEAD_TOLD: Final = MINUTE
"""The hub's clock may be so far ahead of the machine's before it is said: people read its
times beside those of a telephone, and a minute is what they see."""


class Clock(Protocol):
    """Tells the hub's time, which never steps back."""

    speed: float

    def now(self) -> Instant:
        """The hub's time."""
        ...


class HubClock:
    """The system's clock, kept from stepping back, and run ``speed`` times as fast.

    ``not_before`` is the last time the journal holds: after a restart, or on
    a machine whose clock was set back, the hub goes on from there. It follows
    the monotonic clock from its start, and steps forward (never back) when
    the system clock, at speed 1, has been set ahead. ``ahead_us`` says by how
    much it is ahead: after a drill at another speed, or of a machine that once
    told a wrong time, it stays so until the machine's clock has caught up.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        not_before: Instant = 0,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        assert 0 < speed <= CLOCK_SPEED_MAX
        self.speed = speed
        self._wall = wall
        self._steady = steady
        self._origin = max(wall() // 1000, not_before)
        self._steady_origin_ns = steady()
        self._last = self._origin

    def now(self) -> Instant:
        """The hub's time."""
        passed = (self._steady() - self._steady_origin_ns) // 1000
        told = self._origin + int(passed * self.speed)
        if self.speed == 1.0:
            told = max(told, self._wall() // 1000)
        self._last = max(self._last, told)
        return self._last

    def machine_now(self) -> Instant:
        """The machine's own time, which may step either way."""
        return self._wall() // 1000

    @property
    def ahead_us(self) -> int:
        """By how much the hub's time is ahead of the machine's."""
        return max(0, self.now() - self.machine_now())


def ahead_words(ahead_us: int) -> str:
    """What to say of a clock so far ahead; empty where it is near enough."""
    if ahead_us <= AHEAD_TOLD:
        return ""
    return f"the hub's clock is {ahead_us // SECOND} s ahead of this machine's"


class ManualClock:
    """A clock that stands still until it is wound."""

    def __init__(self, now: Instant) -> None:
        self.speed = 1.0
        self._now = now

    def now(self) -> Instant:
        """The time it was wound to."""
        return self._now

    def advance(self, micros: int) -> Instant:
        """Wind on by ``micros`` and tell the new time."""
        assert micros >= 0
        self._now += micros
        return self._now
