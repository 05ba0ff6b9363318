"""How much a radio may still send by the alarm lane: a measure that fills with time. No I/O.

All radios' alarms reach the hub by one connection, one behind the other. One radio with a stuck
button, or somebody else's program in it, would stand before everybody else's with whatever it
sends: 5,000 presses a second for eight seconds made a neighbour's press wait for 36. So of each
topic (a radio's alarms, its statuses, its reports) a burst is taken, and then so many a second.
What is more is acknowledged to the broker and goes no farther: the radio hears no ``stored`` for
it and says it again, as radios do, so that a press is late by that and not lost.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from dispatch.clock import SECOND, Instant

MESSAGES_PER_S: Final = 10.0
"""A radio repeats a press once a second, and answers a handful of orders at most."""
MESSAGES_BURST: Final = 500.0
"""At once: what a broker kept for it, or a bearer's panic, many times over; half a second's work
for the hub where each is a press of its own."""
TOPICS_MAX: Final = 100_000
"""Measured at once, some 20 MB. Beyond it those heard longest ago begin afresh; one that floods
is never among them."""


@dataclass(slots=True)
class _Left:
    messages: float
    t: Instant


class MessageMeasure:
    """What each topic may still send."""

    def __init__(self) -> None:
        self._topics: OrderedDict[str, _Left] = OrderedDict()

    def allows(self, topic: str, now: Instant) -> bool:
        """Whether this message may pass; it is counted where it does."""
        left = self._topics.get(topic)
        if left is None:
            left = self._topics[topic] = _Left(MESSAGES_BURST, now)
            if len(self._topics) > TOPICS_MAX:
                self._topics.popitem(last=False)
        else:
            self._topics.move_to_end(topic)
            fills = max(0, now - left.t) / SECOND * MESSAGES_PER_S
            left.messages = min(MESSAGES_BURST, left.messages + fills)
            left.t = now
        if left.messages < 1:
            return False
        left.messages -= 1
        return True
