"""Notes who asked for what they may not do: a slip, a wrong setting, somebody trying doors.

Told once a minute for an account and an address of the server, and so many in all; what was not
told is counted into the next time.
"""

from console.login.books import AccountBooks
from console.login.entry import personal
from console.login.who import Who
from dispatch.access.facts import RequestDenied
from dispatch.access.refusals import NoRightError
from dispatch.access.words import NO_COMMUNITY, Right
from dispatch.clock import SECOND
from dispatch.seldom import Thinned


class Denials:
    """Of all who ask."""

    def __init__(self, books: AccountBooks) -> None:
        self._books = books
        self._thinned = Thinned()

    def note(self, who: Who, asked: str, refused: NoRightError, address: str) -> None:
        """They were told that they may not; ``asked`` is the method and the address as the router
        writes it: what they typed into it stays out of the journal."""
        now_s = self._books.times.steady() / SECOND
        if times := self._thinned.times(f"{who.name} {asked}", now_s):
            denied = RequestDenied(
                t=self._books.times.hub(),
                community=NO_COMMUNITY,
                account=who.name,
                asked=asked,
                right=Right(str(refused.facts["right"])),
                where=str(refused.facts["community"]),
                program=who.session is None,
                times=times,
                address=personal(address),
            )
            self._books.note([denied], [])
