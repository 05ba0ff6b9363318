"""Rate limits of the gateways: may one more message go now? Pure; refuses, and never queues.

Services silence a sender who is too loud (a WeCom robot takes 20 messages a minute), and one
person called by many incidents should not be called by each of them all night.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dispatch.clock import HOUR, MINUTE, Instant
from dispatch.gateways.book import ContactKey, Gateway

KEYS_MAX: Final = 50_000
"""Pairs of gateway and person remembered, some 20 MB at worst. Beyond, those of the last hour
stay; where even they are too many, the longest silent is forgotten and begins anew."""


class Limit(StrEnum):
    """Which limit refused."""

    GATEWAY = "gateway"
    PERSON = "person"


@dataclass(slots=True)
class Limits:
    """What went over which gateway to whom of late. Lost in a restart: it then begins anew."""

    _minute: dict[str, deque[Instant]] = field(default_factory=dict)
    _hour: dict[tuple[str, ContactKey], deque[Instant]] = field(default_factory=dict)

    def take(self, gateway: Gateway, contact: ContactKey, now: Instant) -> Limit | None:
        """Count one message, or say which limit refuses it; then nothing is counted.

        ``now`` never steps back.
        """
        person = (gateway.name, contact)
        minute = _since(self._minute.get(gateway.name), now - MINUTE)
        hour = _since(self._hour.get(person), now - HOUR)
        if len(minute) >= gateway.per_minute:
            return Limit.GATEWAY
        if len(hour) >= gateway.per_person_per_hour:
            return Limit.PERSON
        minute.append(now)
        hour.append(now)
        self._minute[gateway.name] = minute
        self._hour.pop(person, None)  # and in again at the end: the first is the longest silent
        self._hour[person] = hour
        self._forget(now)
        return None

    def _forget(self, now: Instant) -> None:
        while self._hour:
            person = next(iter(self._hour))
            if len(self._hour) <= KEYS_MAX and self._hour[person][-1] > now - HOUR:
                return
            del self._hour[person]


def _since(times: deque[Instant] | None, after: Instant) -> deque[Instant]:
    """The times later than this; the earlier are dropped."""
    if times is None:
        return deque()
    while times and times[0] <= after:
        times.popleft()
    return times
