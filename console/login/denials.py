"""Notes who asked for what they may not do: a slip, a wrong setting, somebody trying doors.

Told once a minute for an account and an address of the server, and so many in all; what was not
told is counted into the next time.
"""

from collections import Counter
from typing import Final

from console.login.books import AccountBooks
from console.login.entry import personal
from console.login.who import Who
from console.session import Allowance
from dispatch.access.facts import RequestDenied
from dispatch.access.refusals import NoRightError
from dispatch.access.words import NO_COMMUNITY, Right
from dispatch.clock import SECOND
from dispatch.seldom import Seldom

NOTED_BURST: Final = 60
NOTED_PER_S: Final = 0.2
"""Of everybody: a program that asks for everything, for ever, writes 17,000 lines a day at most."""
COUNTED_MAX: Final = 10_000
"""Counts between two lines of the journal; beyond it they begin anew."""


class Denials:
    """Of all who ask."""

    def __init__(self, books: AccountBooks) -> None:
        self._books = books
        self._seldom = Seldom()
        self._noted = Allowance(burst=NOTED_BURST, per_s=NOTED_PER_S)
        self._times: Counter[tuple[str, str]] = Counter()

    def note(self, who: Who, asked: str, refused: NoRightError, address: str) -> None:
        """They were told that they may not; ``asked`` is the method and the address as the router
        writes it: what they typed into it stays out of the journal."""
        now_s = self._books.times.steady() / SECOND
        if len(self._times) >= COUNTED_MAX:
            self._times.clear()
        self._times[who.name, asked] += 1
        if self._seldom.worth_telling(f"{who.name} {asked}", now_s) and self._noted.take(now_s):
            denied = RequestDenied(
                t=self._books.times.hub(),
                community=NO_COMMUNITY,
                account=who.name,
                asked=asked,
                right=Right(str(refused.facts["right"])),
                where=str(refused.facts["community"]),
                program=who.session is None,
                times=self._times.pop((who.name, asked)),
                address=personal(address),
            )
            self._books.note([denied], [])
