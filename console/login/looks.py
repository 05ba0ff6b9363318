"""Notes who looked at where people are or were, so that those people can see it.

An open map is told once an hour for each person, or the journal would tell of nothing else;
a file is told each time.
"""

from collections.abc import Sequence
from typing import Final

from console.login.books import AccountBooks
from console.login.who import Who
from dispatch.access.facts import Looked, LookedAt
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import HOUR, SECOND
from dispatch.ids import CommunityId, IncidentId, UnitId
from dispatch.seldom import Seldom

LIVE_TOLD_EVERY_S: Final = HOUR / SECOND
UNITS_MAX: Final = 200
"""Named in one fact; an incident with more tracks is told of in several, for each of these people
may ask who looked at them."""


class Looks:
    """Of all who look."""

    def __init__(self, books: AccountBooks) -> None:
        self._books = books
        self._seldom = Seldom(LIVE_TOLD_EVERY_S)

    def live(self, who: Who, where: frozenset[CommunityId]) -> None:
        """They opened the map."""
        about = f"{who.name} {sorted(where)}"
        if self._seldom.worth_telling(about, self._books.times.steady() / SECOND):
            self._note(who, LookedAt.LIVE, where, None, ())

    def paper(self, who: Who, at: LookedAt, incident: IncidentId, units: Sequence[UnitId]) -> None:
        """They took a file or sheet with places of these units."""
        where = frozenset({CommunityId(incident.rsplit("-", 2)[0])})
        named = sorted(set(units))
        for start in range(0, max(len(named), 1), UNITS_MAX):
            self._note(who, at, where, incident, named[start : start + UNITS_MAX])

    def audit(self, who: Who) -> None:
        """They looked at what others did."""
        if self._seldom.worth_telling(f"{who.name} audit", self._books.times.steady() / SECOND):
            self._note(who, LookedAt.AUDIT, frozenset(), None, ())

    def _note(
        self,
        who: Who,
        at: LookedAt,
        where: frozenset[CommunityId],
        incident: IncidentId | None,
        units: Sequence[UnitId],
    ) -> None:
        looked = Looked(
            t=self._books.times.hub(),
            community=NO_COMMUNITY,
            account=who.name,
            at=at,
            where=tuple(sorted(where)),
            about=incident,
            units=tuple(units),
        )
        self._books.note([looked], [])
