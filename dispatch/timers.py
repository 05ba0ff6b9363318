"""What is due when: deadlines by key, earliest first. Waiting for them is the shell's.

A key is what the deadline is about; setting it again moves it. Deadlines of an
incident are told all at once, as the present state wants them, so that no
timer outlives its reason (``settle.py`` derives them).
"""

import heapq
from enum import StrEnum
from typing import Final, NamedTuple

from dispatch.clock import Instant

HEAP_SLACK: Final = 64
"""Moved deadlines leave their old entries in the heap; it is rebuilt once these outnumber
the valid ones by this many, so that it stays in proportion."""


class Due(StrEnum):
    """What a deadline is about, in the order in which equal times are handled."""

    ANSWER = "1 answer"
    """A unit's answer to an order: then it has expired."""
    WAVE = "2 wave"
    """The next try to find somebody, while nobody is coming."""
    OFFER = "2c offer"
    """Those who came free are offered to what looks for people (waves.py)."""
    SPARE = "2b spare"
    """The next look at those under way: who need not come any more."""
    STEP = "2a step"
    """The next step of a plan, unless enough are on scene."""
    RUNG = "3 rung"
    """The next escalation of an incident nobody took."""
    LEASE = "3a lease"
    """Who took an incident has been away for too long."""
    UNATTENDED = "4 unattended"
    """An incident is open and no operator at any console."""
    ORDER = "5 order"
    CANCEL = "6 cancel"
    SEEN = "7 seen"
    CALLED_OFF = "7a called off"
    """A message to a radio that has not confirmed it."""
    GATEWAY = "7b gateway"
    TELLING = "7c telling"
    """The next SMS, voice call or chat to somebody whom an order has not reached."""
    DECIDE = "8 decide"
    """The next try to decide an alarm."""
    TELL = "9 tell"
    """Repetitions of a press, told together."""
    SCAN = "a scan"
    """The next look for radios that fell silent."""
    FORGET = "b forget"
    """An ended incident leaves memory."""
    RESUME = "c resume"
    """The next of very many incidents are looked at (resuming.py)."""


class Key(NamedTuple):
    """One deadline: what it is about, and of what."""

    due: Due
    subject: str = ""


Subjects = set[str]


def subject_of(key: Key) -> str:
    """What is looked at when it is due: an order's incident, an alarm's radio, or the subject."""
    return key.subject.rpartition("/")[0] or key.subject


class Timers:
    """Deadlines by key."""

    def __init__(self) -> None:
        self._at: dict[Key, Instant] = {}
        self._heap: list[tuple[Instant, Key]] = []
        self._owned: dict[str, set[Key]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, key: Key) -> bool:
        return key in self._at

    def awaited(self) -> frozenset[Key]:
        """All that is awaited."""
        return frozenset(self._at)

    def set(self, key: Key, at: Instant) -> None:
        """Await this; an earlier time for the same key is forgotten."""
        if self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
            self._tidy()

    def cancel(self, key: Key) -> None:
        """Await it no more; harmless where nobody did."""
        self._at.pop(key, None)

    def replace(self, owner: str, wanted: dict[Key, Instant]) -> None:
        """These are all the deadlines of one owner; its others are cancelled."""
        for key in self._owned.pop(owner, set()) - wanted.keys():
            self.cancel(key)
        for key, at in wanted.items():
            self.set(key, at)
        if wanted:
            self._owned[owner] = set(wanted)

    def next(self) -> Instant | None:
        """The earliest deadline, or None where nothing is awaited."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(
        self, now: Instant, *, about: Subjects | None = None, subjects_max: int = 0
    ) -> list[Key]:
        """Everything due at ``now``, each once, in the order of time and then of key.

        ``about`` is told what these were about (``subject_of``); where it is given, the first that
        would make that more than ``subjects_max`` and all after it stay due.
        """
        due: list[Key] = []
        while True:
            self._drop_stale()
            if not self._heap or self._heap[0][0] > now:
                return due
            key = self._heap[0][1]
            if about is not None:
                subject = subject_of(key)
                if subject not in about and len(about) >= subjects_max:
                    return due
                about.add(subject)
            heapq.heappop(self._heap)
            del self._at[key]
            due.append(key)

    def _drop_stale(self) -> None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)

    def _tidy(self) -> None:
        if len(self._heap) > 2 * len(self._at) + HEAP_SLACK:
            self._heap = [(at, key) for key, at in self._at.items()]
            heapq.heapify(self._heap)
