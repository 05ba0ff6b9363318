"""What chance decides in one world: the strength of each fault, and every single draw.

Each kind of fault draws from a stream of its own, all from the one seed, so that turning
a kind off leaves the other draws as they are: that is how a failure is made smaller. In
most worlds most kinds are off, some are weak and few are strong: a world with
everything at once finds less than many worlds with a few things each.
"""

import random
from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What may go wrong."""

    LOSS = "loss"
    """A message is lost between a radio and the hub, either way."""
    REPEAT = "repeat"
    """A message comes twice."""
    DELAY = "delay"
    """A message takes seconds, so that others overtake it."""
    CUT = "cut"
    """A radio loses its link for a while."""
    HUB_CUT = "hub_cut"
    """The hub loses the broker for a while."""
    FORGETS = "forgets"
    """The broker forgets what it held for the hub."""
    FULL = "full"
    """The broker's queue for the hub, and the store's, hold very little."""
    CLOCK = "clock"
    """The hub's machine's clock steps, forward or back."""
    SKEW = "skew"
    """Radios' clocks run fast or slow, and begin wrong."""
    REBOOT = "reboot"
    """A radio dies and starts again, with no memory."""
    STORE_ERROR = "store_error"
    """A transaction fails."""
    DISK_FULL = "disk_full"
    """For a while all of them do."""
    STORE_SLOW = "store_slow"
    """A commit takes seconds."""
    COMMIT_UNKNOWN = "commit_unknown"
    """It was done, and the writer is told that the connection was lost."""
    KILL = "kill"
    """The hub is killed between any two steps."""
    POWER = "power"
    """Its machine loses its power: what was not synced is gone, a write in between is torn."""
    STOP = "stop"
    """The hub is told to end, and does."""
    STALL = "stall"
    """The hub's process stands still for some seconds."""
    RULES = "rules"
    """Deciding raises."""
    AWAY = "away"
    """Operators leave their consoles; pages are slow."""
    GATEWAY = "gateway"
    """A message by SMS, voice or chat fails."""


OFF_SHARE: Final = 0.6
STRONG_SHARE: Final = 0.1
STRENGTHS: Final = (0.3, 1.0)
"""Of a weak and of a strong fault; what that means is where it is drawn."""


class Chance:
    """Draws of one world."""

    def __init__(self, seed: int, *, without: Collection[Fault] = ()) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}
        draw = self.stream("strengths")
        self.strength: dict[Fault, float] = {}
        """By kind: 0 for off, up to 1."""
        for fault in Fault:
            said = draw.random()
            weak, strong = STRENGTHS
            if fault in without or said < OFF_SHARE:
                self.strength[fault] = 0.0
            else:
                self.strength[fault] = strong if said > 1.0 - STRONG_SHARE else weak

    def stream(self, name: str) -> random.Random:
        """The draws of one matter, the same for a seed whatever else is drawn."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = random.Random(f"{self.seed}/{name}")
        return found

    def hits(self, fault: Fault, at_full: float) -> bool:
        """Whether it strikes now; ``at_full`` is how likely where it is strong."""
        strength = self.strength[fault]
        return strength > 0.0 and self.stream(fault).random() < at_full * strength

    @property
    def on(self) -> list[Fault]:
        """The kinds that this world has."""
        return [fault for fault, strength in self.strength.items() if strength]
