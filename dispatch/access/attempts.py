"""How long somebody who guesses must wait: growing, by account and by address, never for good.

    tries that failed   1-4   5    6    7    8    9    10 and more
    wait before the next  0   5 s 15 s  1 min 3 min 8 min  15 min

An operator who mistypes five times waits five seconds. Who attacks an account from elsewhere
holds nobody up who logs in from where they did before: that place has a count of its own;
from a new place one waits a quarter of an hour at most, and an administrator can lift it.
A hundred accounts tried from one address slow that address down, in the same steps, only
later: behind a gateway a whole centre has one. Who came in from there before does not wait
for it, or one guesser would keep the whole centre out. Pure: ``now`` is of a clock that
never steps (the machine's may be set back a day, and nobody shall wait for it).
"""

import ipaddress
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


_Key = tuple[str, str, str]
"""Account or address, which, and (of an account) the place that has a count of its own."""


@dataclass(slots=True)
class _Tried:
    failures: int
    last_t: Instant
    until_t: Instant


class Attempts:
    """Failures lately, by account and by address."""

    def __init__(self) -> None:
        self._tried: OrderedDict[_Key, _Tried] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Accounts, each with a place from which it came in."""

    def wait_s(self, account: str, address: str, now: Instant) -> int:
        """Seconds before the next try counts; 0: now."""
        waits = [0]
        for key, _ in self._keys(account, address):
            tried = self._tried.get(key)
            if tried is not None:
                waits.append(-((now - tried.until_t) // SECOND))
        return max(waits)

    def failed(self, account: str, address: str, now: Instant) -> int:
        """One more; gives back how many may still fail before the first wait."""
        left = []
        for key, free in self._keys(account, address):
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

    def succeeded(self, account: str, address: str) -> None:
        """They came in: their own count begins anew, and they are known there from now on. The
        address keeps its count: whoever guesses from there may have an account as well."""
        self._tried.pop(self._keys(account, address)[0][0], None)
        self._known.pop((account.casefold(), address), None)
        self._known[account.casefold(), address] = None
        while len(self._known) > KEPT_MAX:
            self._known.popitem(last=False)

    def lift(self, account: str) -> None:
        """An administrator lets them try again at once, from wherever."""
        for key in [key for key in self._tried if key[:2] == ("account", account.casefold())]:
            del self._tried[key]

    def waits(self, account: str, now: Instant) -> list[tuple[str, int]]:
        """From which places they have to wait, and how many seconds, the longest first; place "":
        from where they never came in."""
        whose = ("account", account.casefold())
        found = [
            (key[2], -((now - tried.until_t) // SECOND))
            for key, tried in self._tried.items()
            if key[:2] == whose and tried.until_t > now
        ]
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def longest_wait_s(self, account: str, now: Instant) -> int:
        """Of all places from which they may try."""
        whose = ("account", account.casefold())
        waits = [-((now - t.until_t) // SECOND) for k, t in self._tried.items() if k[:2] == whose]
        return max(0, *waits) if waits else 0

    def _keys(self, account: str, address: str) -> tuple[tuple[_Key, int], ...]:
        name = account.casefold()
        if (name, address) in self._known:
            return ((("account", name, address), FREE_OF_ACCOUNT),)
        return (
            (("account", name, ""), FREE_OF_ACCOUNT),
            (("address", address, ""), FREE_OF_ADDRESS),
        )


def place_of(address: str) -> str:
    """What counts as one place: an address; of IPv6 the network of 64 bits that a house is
    given, or each guess would come from another one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
