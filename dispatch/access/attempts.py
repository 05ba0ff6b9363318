"""How long somebody who guesses must wait: growing, by account and by address, never for good.

    tries that failed   1-4   5    6    7    8    9    10 and more
    wait before the next  0   5 s 15 s  1 min 3 min 8 min  15 min

An operator who mistypes five times waits five seconds; one whose account somebody else attacks
waits a quarter of an hour at most, and an administrator can lift it. A hundred accounts
tried from one address slow that address down, in the same steps, only later: behind a
gateway a whole centre has one. Pure: ``now`` is of a clock that
never steps (the machine's may be set back a day, and nobody shall wait for it).
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from dispatch.clock import HOUR, SECOND, Instant

WAITS_S: Final = (5, 15, 60, 180, 480, 900)
FREE_OF_ACCOUNT: Final = 4
"""Tries that cost nothing."""
FREE_OF_ADDRESS: Final = 30
"""A shift of thirty people who each mistype once, behind one address."""
FORGOTTEN: Final = HOUR
"""So long after the last failure, the count begins anew."""
KEPT_MAX: Final = 10_000
"""Accounts and addresses remembered; beyond, the longest silent is forgotten. Some 2 MB."""


@dataclass(slots=True)
class _Tried:
    failures: int
    last_t: Instant
    until_t: Instant


class Attempts:
    """Failures lately, by account and by address."""

    def __init__(self) -> None:
        self._tried: OrderedDict[tuple[str, str], _Tried] = OrderedDict()

    def wait_s(self, account: str, address: str, now: Instant) -> int:
        """Seconds before the next try counts; 0: now."""
        waits = [0]
        for key, _ in _keys(account, address):
            tried = self._tried.get(key)
            if tried is not None:
                waits.append(-((now - tried.until_t) // SECOND))
        return max(waits)

    def failed(self, account: str, address: str, now: Instant) -> int:
        """One more; gives back how many may still fail before the first wait."""
        left = []
        for key, free in _keys(account, address):
            tried = self._tried.pop(key, None)
            if tried is None or now - tried.last_t > FORGOTTEN:
                tried = _Tried(0, now, now)
            tried.failures += 1
            tried.last_t = now
            over = tried.failures - free
            if over > 0:
                tried.until_t = now + WAITS_S[min(over, len(WAITS_S)) - 1] * SECOND
            self._tried[key] = tried
            left.append(max(0, -over + 1))
        while len(self._tried) > KEPT_MAX:
            self._tried.popitem(last=False)
        return min(left)

    def succeeded(self, account: str) -> None:
        """They came in: their own count begins anew. The address keeps its: whoever guesses
        from there may have an account as well."""
        self._tried.pop(("account", account.casefold()), None)

    lift = succeeded


def _keys(account: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return (
        (("account", account.casefold()), FREE_OF_ACCOUNT),
        (("address", address), FREE_OF_ADDRESS),
    )
