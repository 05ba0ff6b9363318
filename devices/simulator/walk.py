"""Who carries a simulated radio: walks a round, hurries to an incident. Pure, seeded."""

import math
import random
from collections import deque
from dataclasses import replace
from typing import Final, Protocol

from devices.simulator.ground import Ground, Place
from devices.simulator.receiver import BATTERY_EMPTY_PCT, Battery, Receiver
from dispatch.clock import SECOND, Instant
from dispatch.readings import Fix
from geo.distance import bearing_deg, distance_m

STROLL_MPS: Final = (0.8, 1.5)
HURRY_MPS: Final = (1.8, 2.6)
PAUSES_PER_H: Final = 12.0
PAUSE_S: Final = (15.0, 120.0)
STEP_MAX_S: Final = 120.0
"""A body that was not looked at for longer goes on from where it stood: no leap of a kilometre."""
PLACES_PER_STEP_MAX: Final = 1000
"""Crossings passed in one step; streets of a metre each still end."""
REPORT_JITTER: Final = 0.1
"""Of the interval: radios do not report in step."""


class Body(Protocol):
    """Who carries the radio: where they are, and when that is to be told."""

    def due(self) -> Instant | None:
        """When the next fix is to be told; None for never."""
        ...

    def tell(self, now: Instant, interval_s: float) -> list[Fix]:
        """The fixes that are due, oldest first; none in a gap."""
        ...

    def last_fix(self) -> Fix | None:
        """What the radio knows of its place; None before the first fix."""
        ...

    def go_to(self, lon: float, lat: float) -> None:
        """An order was accepted."""
        ...

    def go_on(self) -> None:
        """Back to the round."""
        ...

    def away_m(self, lon: float, lat: float) -> float:
        """How far it truly is from there."""
        ...

    def battery_empty(self, now: Instant) -> bool:
        """Whether the radio goes out now; its battery is then changed."""
        ...


class Walker:
    """A patrol on foot."""

    def __init__(self, ground: Ground, *, chance: random.Random, now: Instant) -> None:
        self._ground = ground
        self._chance = chance
        self._at: Place = ground.start(chance)
        self._came_from: Place = self._at
        self._ahead: deque[Place] = deque()
        self._hurries = False
        self._stands_until: Instant = 0
        self._speed_mps = chance.uniform(*STROLL_MPS)
        self._course_deg: float | None = None
        self._now = now
        self._due = now
        self._receiver = Receiver(random.Random(chance.getrandbits(64)))
        self._battery = Battery(random.Random(chance.getrandbits(64)))
        self._last: Fix | None = None

    @property
    def place(self) -> Place:
        """Where it truly is."""
        return self._at

    def due(self) -> Instant | None:
        """When the next fix is to be told."""
        return self._due

    def tell(self, now: Instant, interval_s: float) -> list[Fix]:
        """One fix, or none in a gap."""
        jitter = self._chance.uniform(1.0 - REPORT_JITTER, 1.0 + REPORT_JITTER)
        self._due = now + int(interval_s * jitter * SECOND)
        moving = self._walk(now)
        fix = self._receiver.sense(now, *self._at)
        if fix is None:
            return []
        self._last = replace(
            fix,
            speed_mps=round(self._speed_mps, 2) if moving else 0.0,
            course_deg=self._course_deg if moving else None,
            battery_pct=math.ceil(self._battery.pct(now)),
        )
        return [self._last]

    def last_fix(self) -> Fix | None:
        """The last fix that was told."""
        return self._last

    def go_to(self, lon: float, lat: float) -> None:
        """Hurry there by the streets."""
        self._hurries = True
        self._stands_until = 0
        self._speed_mps = self._chance.uniform(*HURRY_MPS)
        self._ahead = deque(self._ground.way(self._at, (lon, lat)))

    def go_on(self) -> None:
        """Back to strolling, from wherever it stands."""
        self._hurries = False
        self._speed_mps = self._chance.uniform(*STROLL_MPS)
        self._ahead.clear()

    def away_m(self, lon: float, lat: float) -> float:
        """Metres between the true place and there."""
        return distance_m(*self._at, lon, lat)

    def battery_empty(self, now: Instant) -> bool:
        """True once a battery; then there is a full one in it."""
        if self._battery.pct(now) > BATTERY_EMPTY_PCT:
            return False
        self._battery.change(now)
        return True

    def _walk(self, now: Instant) -> bool:
        """Walk until ``now``; whether it was walking at the end."""
        passed_s = min(STEP_MAX_S, (now - self._now) / SECOND)
        self._now = now
        if now < self._stands_until:
            return False
        if not self._hurries and self._chance.random() < passed_s * PAUSES_PER_H / 3600.0:
            self._stands_until = now + int(self._chance.uniform(*PAUSE_S) * SECOND)
            return False
        return self._advance(passed_s * self._speed_mps)

    def _advance(self, left_m: float) -> bool:
        for _ in range(PLACES_PER_STEP_MAX):
            if not self._ahead:
                if self._hurries:
                    return False  # arrived: stands there until told to go on
                onward = self._ground.onward(self._at, self._came_from, self._chance)
                self._ahead.append(onward)
            goal = self._ahead[0]
            gap_m = distance_m(*self._at, *goal)
            if gap_m > 0.0:
                self._course_deg = round(bearing_deg(*self._at, *goal), 1)
            if gap_m > left_m:
                part = left_m / gap_m
                lon, lat = self._at
                self._at = lon + (goal[0] - lon) * part, lat + (goal[1] - lat) * part
                return True
            left_m -= gap_m
            self._came_from, self._at = self._at, self._ahead.popleft()
        return True
