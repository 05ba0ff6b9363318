"""The broker between radios and hub: keeps messages for the hub, forgets, repeats, lets overtake.

To the hub at least once, from a queue that a hub which comes back finds again; to the
radios at most once, as they subscribe. Everything that matters is repeated end to end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from dispatch.clock import MILLISECOND, SECOND
from dispatch.ids import RadioId
from tests.simulation.agenda import Agenda
from tests.simulation.chance import Chance, Fault
from tests.simulation.trace import Trace

HOP_US: Final = (2 * MILLISECOND, 60 * MILLISECOND)
"""From a radio to the broker or back, over the air."""
NEAR_US: Final = (100, 2_000)
"""From the broker to the hub beside it."""
LATE_US: Final = (SECOND, 20 * SECOND)
"""A message that is delayed."""
AGAIN_US: Final = 5 * SECOND
"""Unacknowledged for so long, a message is tried again."""
QUEUE_MAX: Final = 10_000
FULL_QUEUE_MAX: Final = 8
"""Where the queue is nearly always full."""


@dataclass(slots=True, eq=False)
class Kept:
    """A message for the hub."""

    number: int
    topic: str
    data: bytes


class HubEnd(Protocol):
    """The hub as the broker sees it."""

    def hear(self, topic: str, data: bytes, ack: Callable[[], None]) -> None:
        """A message of the alarm lane."""
        ...

    def hear_position(self, topic: str, data: bytes) -> None:
        """One of the position lane."""
        ...


class Broker:
    """In the middle."""

    def __init__(self, agenda: Agenda, chance: Chance, trace: Trace) -> None:
        self._agenda = agenda
        self._chance = chance
        self._trace = trace
        self._draw = chance.stream("broker")
        self._count = 0
        self._queue: dict[int, Kept] = {}
        """For the hub and not acknowledged, oldest first."""
        self._hub: HubEnd | None = None
        self._session = 0
        """Of the hub; whatever was on its way in an older one never arrives."""
        self._radios: dict[RadioId, Callable[[str, bytes], None]] = {}
        self.calm = False
        self.deaf_to: Callable[[str], bool] = lambda _topic: False
        """Topics whose messages vanish, calm or not: for tests of the laws."""

    # --- the hub's end ---

    def attach(self, hub: HubEnd) -> None:
        """The hub is connected: it is sent all that it has not acknowledged."""
        self._hub = hub
        self._session += 1
        for kept in self._queue.values():
            self._bring(kept)

    def detach(self) -> None:
        """The hub is gone."""
        self._hub = None
        self._session += 1

    @property
    def attached(self) -> bool:
        """Whether the hub is there."""
        return self._hub is not None

    def forget(self) -> None:
        """Restarted without its memory."""
        self._trace.say("broker forgets", len(self._queue))
        self._queue.clear()

    def tell(self, radio: RadioId, topic: str, data: bytes) -> None:
        """From the hub to a radio."""
        for wait_us in self._ways():
            self._agenda.after(wait_us, lambda: self._reach(radio, topic, data))

    # --- the radios' end ---

    def subscribe(self, radio: RadioId, hear: Callable[[str, bytes], None]) -> None:
        """A radio is connected."""
        self._radios[radio] = hear

    def unsubscribe(self, radio: RadioId) -> None:
        """It is gone."""
        self._radios.pop(radio, None)

    def publish(self, topic: str, data: bytes) -> None:
        """From a radio, for the hub."""
        lane = self._position if topic.endswith("/position") else self._keep
        for wait_us in self._ways():
            self._agenda.after(wait_us, lambda: lane(topic, data))

    # --- steps ---

    def _ways(self) -> list[int]:
        """How long a message takes: twice, once or never."""
        if self._hits(Fault.LOSS, 0.3):
            return []
        copies = 2 if self._hits(Fault.REPEAT, 0.3) else 1
        return [self._hop_us() for _ in range(copies)]

    def _hop_us(self) -> int:
        if self._hits(Fault.DELAY, 0.2):
            return self._chance.stream(Fault.DELAY).randint(*LATE_US)
        return self._draw.randint(*HOP_US)

    def _hits(self, fault: Fault, at_full: float) -> bool:
        return not self.calm and self._chance.hits(fault, at_full)

    def _reach(self, radio: RadioId, topic: str, data: bytes) -> None:
        hear = self._radios.get(radio)
        if hear is not None and not self.deaf_to(topic):
            hear(topic, data)

    def _position(self, topic: str, data: bytes) -> None:
        hub, session = self._hub, self._session
        if hub is not None:
            self._agenda.after(
                self._draw.randint(*NEAR_US),
                lambda: hub.hear_position(topic, data) if session == self._session else None,
            )

    def _keep(self, topic: str, data: bytes) -> None:
        full = not self.calm and self._chance.strength[Fault.FULL] == 1.0
        if len(self._queue) >= (FULL_QUEUE_MAX if full else QUEUE_MAX):
            self._trace.say("broker full", topic)
            return
        if self.deaf_to(topic):
            return
        self._count += 1
        kept = self._queue[self._count] = Kept(self._count, topic, data)
        self._bring(kept)

    def _bring(self, kept: Kept) -> None:
        """Now, and again as long as the hub does not acknowledge it."""
        if self._hub is not None:
            session = self._session
            wait_us = self._draw.randint(*NEAR_US)
            self._agenda.after(wait_us, lambda: self._hand_over(kept, session))

    def _hand_over(self, kept: Kept, session: int) -> None:
        if session != self._session or kept.number not in self._queue:
            return
        assert self._hub is not None
        self._agenda.after(AGAIN_US, lambda: self._hand_over(kept, session))
        self._hub.hear(kept.topic, kept.data, lambda: self._acked(kept.number))

    def _acked(self, number: int) -> None:
        self._queue.pop(number, None)
