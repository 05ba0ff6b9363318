"""Looking for more people: what found too few looks again, and who came free waits to be offered.

A look that finds nobody writes nothing. After a restart everything that lacks people looks at once.
"""

import heapq
from collections.abc import Iterable
from typing import Final

from dispatch.clock import MILLISECOND, Instant
from dispatch.desk import Desk, Look, Offer, us
from dispatch.ids import CommunityId, UnitId
from dispatch.incident import Incident
from dispatch.timers import Due, Key

LOOKING_MAX: Final = 500
"""The most urgent, to whom whoever comes free is offered; what is behind them looks by itself."""

NEXT_TURN: Final = MILLISECOND
"""An offer is a turn of its own: a turn stays short, and so does what an alarm waits for."""


def look_again(desk: Desk, incident: Incident, now: Instant, *, besides_asked: bool) -> None:
    """It has looked, and found too few. Who comes into reach or tells a first fix then is asked
    within moments, not a whole wave later."""
    desk.looks[incident.incident] = Look(
        due_t=now + us(desk.settings.waits.decide_retry_s), besides_asked=besides_asked
    )


def forget_look(desk: Desk, incident: Incident) -> None:
    """It looks for nobody any more."""
    desk.looks.pop(incident.incident, None)


def look_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When it looks again; None where it looks for nobody."""
    look = desk.looks.get(incident.incident)
    return None if look is None else look.due_t


def came_free(desk: Desk, community: CommunityId, units: Iterable[UnitId], now: Instant) -> None:
    """They are offered in the next turn to all that look, those included to whom others have been
    offered just now."""
    waiting = desk.offers.setdefault(community, Offer())
    waiting.units.update(units)
    waiting.passed.clear()
    key = Key(Due.OFFER, community)
    if key not in desk.timers:
        desk.timers.set(key, now + NEXT_TURN)


def looking(
    desk: Desk, community: CommunityId, *, before: Incident | None = None
) -> list[Incident]:
    """What looks for people there, the most urgent first; only what is more urgent than
    ``before``, where that is given."""
    least = None if before is None else urgency(before)
    found = (
        incident
        for each in desk.looks
        if (incident := desk.board.incidents.get(each))
        and incident.community == community
        and incident.open
        and (least is None or urgency(incident) < least)
    )
    return heapq.nsmallest(LOOKING_MAX, found, key=urgency)


def urgency(incident: Incident) -> tuple[bool, int, Instant, str]:
    """Sorts the most urgent first; an exercise comes behind anything real."""
    return incident.drill is not None, incident.priority, incident.opened_t, incident.incident
