"""What a radio's bearer asks of the centre: to call an alarm off, to be sent somewhere. Pure.

A wish is said again, the very same words, until the centre answers or the radio gives
up; while there is no link it waits. Only the centre can fulfil it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from devices.codec import Reading
from devices.simulator.button import PRESSES_MAX
from dispatch.clock import SECOND, Instant

CALL_OFF_REPEAT_S: Final = 2.0
CALL_OFF_TRIES_MAX: Final = 300
"""Ten minutes: a centre that has not answered by then will not; the alarm simply stands."""
OFFER_REPEAT_S: Final = 3.0
OFFER_TRIES_MAX: Final = 10
"""Half a minute: nobody waits longer at a corner to hear whether to go."""
WISHES_MAX: Final = 32
"""At once; the oldest gives way, for it is the newest that its bearer looks at."""


class CallOff(StrEnum):
    """How far the wish to call an alarm off has come, as a screen may show it."""

    ASKED = "asked"
    HEARD = "heard"
    """The centre has the wish."""
    DONE = "done"
    REFUSED = "refused"
    """An operator did not grant it: help keeps coming."""
    UNANSWERED = "unanswered"
    """Given up: the alarm stands."""


@dataclass(slots=True, kw_only=True)
class _Wish:
    reading: Reading
    due: Instant
    left: int


class Wishes:
    """Wishes of one sort, by what they are about."""

    def __init__(self, *, repeat_s: float, tries_max: int) -> None:
        self._repeat_us = int(repeat_s * SECOND)
        self._tries_max = tries_max
        self._waiting: dict[str, _Wish] = {}

    def ask(self, subject: str, reading: Reading, now: Instant) -> None:
        """A new wish, said at once; it takes the place of an earlier one about the same."""
        self._waiting.pop(subject, None)
        if len(self._waiting) >= WISHES_MAX:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[subject] = _Wish(
            reading=reading, due=now + self._repeat_us, left=self._tries_max - 1
        )

    def answered(self, subject: str) -> bool:
        """Silent about it from now on; False where it was not waiting."""
        return self._waiting.pop(subject, None) is not None

    def waiting(self, subject: str) -> bool:
        """Whether it is still being said."""
        return subject in self._waiting

    def due(self) -> Instant | None:
        """When to say something again; None for nothing."""
        return min((wish.due for wish in self._waiting.values()), default=None)

    def repeats(self, now: Instant, *, linked: bool) -> list[Reading]:
        """What is to be said again now; what was said often enough is given up."""
        said: list[Reading] = []
        for subject, wish in list(self._waiting.items()):
            if wish.due > now:
                continue
            wish.due = now + self._repeat_us
            if linked and wish.left == 0:
                del self._waiting[subject]
            elif linked:
                wish.left -= 1
                said.append(wish.reading)
        return said


class CallOffs:
    """The wishes of one radio to call its alarms off, by press, and how far each has come."""

    def __init__(self) -> None:
        self.wishes = Wishes(repeat_s=CALL_OFF_REPEAT_S, tries_max=CALL_OFF_TRIES_MAX)
        self._stages: dict[str, CallOff] = {}

    def ask(self, press: str, reading: Reading, now: Instant) -> None:
        """Its bearer asked; asked again, perhaps with another PIN, it is a wish of its own."""
        self.wishes.ask(press, reading, now)
        self._keep(press, CallOff.ASKED)

    def hear(self, press: str, *, done: bool, refused: bool = False) -> None:
        """The centre's answer. What is done stays done, whatever else comes late."""
        self.wishes.answered(press)
        if self._stages.get(press) is CallOff.DONE:
            return
        if done:
            self._keep(press, CallOff.DONE)
        else:
            self._keep(press, CallOff.REFUSED if refused else CallOff.HEARD)

    def stage(self, press: str) -> CallOff | None:
        """How far it is; None where nobody asked."""
        stage = self._stages.get(press)
        if stage is CallOff.ASKED and not self.wishes.waiting(press):
            return CallOff.UNANSWERED
        return stage

    def _keep(self, press: str, stage: CallOff) -> None:
        if press not in self._stages and len(self._stages) >= PRESSES_MAX:
            del self._stages[next(iter(self._stages))]
        self._stages[press] = stage
