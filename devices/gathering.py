"""Statuses that come close together are handed on together, and give way to presses and calls.

Each is a fact to be put on disk. One by one, a district that comes back has the journal commit
without a pause, and a press stands behind the commit that is at work, always; handed on some at
a time, they share a commit, and the disk rests between two. One that comes alone waits for
nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from devices.mqtt import Ack
from dispatch.errors import quoted

GATHER_S: Final = 0.025
"""Between two handings-on: some ten statuses where 5,000 radios join within half a minute."""
TOGETHER_MAX: Final = 16
"""So many do not wait for more: Mosquitto gives a session 20 before the first is acknowledged."""
TURN_S: Final = 0.002
"""Handled in one turn of the loop, at a fifth of a millisecond each."""
GIVE_WAY_MAX_S: Final = 0.1
"""So long they wait for presses and calls that are on their way to the disk, and no longer: under
alarms without end people still sign on."""
LOOK_S: Final = 0.005
"""How often it is looked whether they still wait: a commit takes a millisecond or two."""

log = structlog.get_logger(__name__)

Hear = Callable[[str, bytes, Ack], None]


class Gathering:
    """What one connection heard and has not handed on. All of it in the loop's thread.

    Bounded by what the broker gives before it is acknowledged: nothing here is.
    """

    def __init__(self, hear: Hear, people_wait: Callable[[], bool]) -> None:
        self._hear = hear
        self._people_wait = people_wait
        self._waiting: deque[tuple[str, bytes, Ack]] = deque()
        self._first_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """While it stands, what comes waits for it."""

    def __len__(self) -> int:
        return len(self._waiting)

    def on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        """Hand it on at once, or with those that come within a moment."""
        if not self._waiting:
            self._first_s = asyncio.get_running_loop().time()
        self._waiting.append((topic, data, ack))
        if self._timer is None or len(self._waiting) == TOGETHER_MAX:
            self._hand_on()

    def close(self) -> None:
        """Hand nothing on any more; the broker gives it again to whoever comes next."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hand_on(self) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        if self._people_wait() and begun_s - self._first_s < GIVE_WAY_MAX_S:
            self._timer = loop.call_later(LOOK_S, self._hand_on)
            return
        while self._waiting and loop.time() < begun_s + TURN_S:
            self._guarded(*self._waiting.popleft())
        self._timer = loop.call_later(0 if self._waiting else GATHER_S, self._hand_on)

    def _guarded(self, topic: str, data: bytes, ack: Ack) -> None:
        try:
            self._hear(topic, data, ack)
        except Exception:  # it stays the broker's, the next one is heard
            log.exception("message_failed", topic=quoted(topic))
