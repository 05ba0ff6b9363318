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

SLEW_PART: Final = 20
"""The hub's clock gains or loses at most one part in so many while it draws near the machine's:
a wait of 30 s is then 1.5 s shorter or longer, which harms nobody, and ten minutes are made
good in three hours and a half."""

STEP_LEAST: Final = 2 * SECOND
"""Behind by less than this, the hub's clock is there within a minute by itself."""

OFF_TOLD: Final = MINUTE
"""The hub's clock may be so far off the machine's before it is said: people read its times
beside those of a telephone, and a minute is what they see."""


class Clock(Protocol):
    """Tells the hub's time, which never steps back."""

    speed: float

    def now(self) -> Instant:
        """The hub's time."""
        ...


def since_boot_ns() -> int:
    """Nanoseconds since the machine was started, those that it slept included where the system
    counts them (Linux): nobody sets this clock. It is the same for all processes."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock)


class HubClock:
    """Goes by the machine's steady clock, and draws near its wall clock without harm.

    Waits are measured on the hub's time, so it neither jumps nor stands still whatever is
    done to the wall clock: it goes at the steady clock's pace, at most a twentieth faster or
    slower while the two differ. Only ``catch_up`` steps it, forward, and only where nothing
    is waited for (``clock_keeping.py``).

    ``not_before`` is the last time the journal holds: the hub goes on from there. ``offset_us``
    is by how much the hub of before was ahead of the steady clock, where the machine has not
    been started since: then nobody's wait is cut short by a restart either. ``speed`` is for
    drills and replays: then the wall clock is looked at only in the beginning.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        not_before: Instant = 0,
        offset_us: int | None = None,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = since_boot_ns,
    ) -> None:
        assert 0 < speed <= CLOCK_SPEED_MAX
        self.speed = speed
        self._wall = wall
        self._steady = steady
        self._steady_ns = steady()
        begin = wall() // 1000 if offset_us is None else self._steady_ns // 1000 + offset_us
        self._told_ns = max(begin, not_before) * 1000

    def now(self) -> Instant:
        """The hub's time."""
        steady_ns = self._steady()
        passed_ns = max(0, steady_ns - self._steady_ns)
        self._steady_ns += passed_ns
        if self.speed == 1.0:
            slew_ns = passed_ns // SLEW_PART
            missing_ns = self._wall() - self._told_ns - passed_ns
            self._told_ns += passed_ns + min(slew_ns, max(-slew_ns, missing_ns))
        else:
            self._told_ns += int(passed_ns * self.speed)
        return self._told_ns // 1000

    def machine_now(self) -> Instant:
        """The machine's own time, which may step either way."""
        return self._wall() // 1000

    @property
    def off_us(self) -> int:
        """By how much the hub's time is ahead of the machine's; negative: behind."""
        return self.now() - self.machine_now()

    @property
    def offset_us(self) -> int:
        """By how much the hub's time is ahead of the steady clock's."""
        return self.now() - self._steady_ns // 1000

    def catch_up(self) -> int:
        """Step forward to the machine's time. Gives back by how much, 0 where it is not behind."""
        by_us = -self.off_us
        if by_us <= 0:
            return 0
        self._told_ns += by_us * 1000
        return by_us


def off_words(off_us: int) -> str:
    """What to say of a hub's clock so far off the machine's, and what helps; empty where it is
    near enough."""
    seconds = abs(off_us) // SECOND
    if abs(off_us) <= OFF_TOLD:
        return ""
    if off_us < 0:
        return (
            f"the hub's clock is {seconds} s behind this machine's, which was set forward; it is"
            " set right as soon as no incident is open, so that no wait is cut short"
        )
    hours = -(-seconds * SLEW_PART // 3600)
    return (
        f"the hub's clock is {seconds} s ahead of this machine's, and so is every time on the"
        f" screens; it runs a twentieth slow until they agree, in {hours} h. If this machine's"
        " clock is wrong, set it right; a hub with a new data folder begins at its time"
    )


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
