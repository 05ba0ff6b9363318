"""The red button of a radio: names each press, repeats it until it is stored. Pure."""

import random
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import Fix, PressId, PressReading
from dispatch.words import Kind

REPEAT_S: Final = 1.0
PRESSES_MAX: Final = 32
"""Presses that wait to be stored; the oldest gives way, for the newest is the alarm that counts."""


class Button:
    """One radio's button from its start: a boot id, and a count."""

    def __init__(self, radio: RadioId, community: CommunityId, chance: random.Random) -> None:
        self._radio = radio
        self._community = community
        self._boot = f"{chance.getrandbits(64):016x}"
        self._count = 0
        self._waiting: dict[str, tuple[PressReading, Instant]] = {}
        self._drills: dict[str, bool] = {}

    def press(
        self,
        *,
        kind: Kind,
        covert: bool,
        fix: Fix | None,
        stamp: Instant,
        now: Instant,
        drill: bool = False,
    ) -> PressReading:
        """A new press, to be said at once. ``stamp`` is its time as the radio believes."""
        self._count += 1
        said = PressReading(
            press=PressId(radio=self._radio, boot=self._boot, counter=self._count),
            community=self._community,
            device_t=stamp,
            received_t=stamp,
            kind=kind,
            covert=covert,
            fix=fix,
            digest="",
            drill=drill,
        )
        if len(self._waiting) >= PRESSES_MAX:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[said.press.wire] = (said, now + int(REPEAT_S * SECOND))
        return said

    def stored(self, press: str, *, drill: bool | None = None) -> bool:
        """Silent about it from now on; False where it was not waiting. ``drill`` is what the
        centre takes it for, where it says so."""
        waited = self._waiting.pop(press, None) is not None
        if waited and drill is not None:
            if len(self._drills) >= PRESSES_MAX:
                del self._drills[next(iter(self._drills))]
            self._drills[press] = drill
        return waited

    def taken_for_drill(self, press: str) -> bool | None:
        """Whether the centre takes it for part of an exercise; None where it did not say."""
        return self._drills.get(press)

    def waiting(self, press: str) -> bool:
        """Whether it is still being repeated."""
        return press in self._waiting

    def due(self) -> Instant | None:
        """When to repeat something next; None for nothing."""
        return min((t for _, t in self._waiting.values()), default=None)

    def repeats(self, now: Instant) -> list[PressReading]:
        """What is to be said again now."""
        said: list[PressReading] = []
        for press, (reading, due) in self._waiting.items():
            if due <= now:
                said.append(reading)
                self._waiting[press] = (reading, now + int(REPEAT_S * SECOND))
        return said
